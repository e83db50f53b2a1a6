// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/ids.h"
#include "engine/flow/batch_in_flight.h"
#include "engine/flow/durable.h"
#include "engine/insights/state.h"
#include "engine/io/committer.h"
#include "engine/state/restore.h"
#include "engine/state/state_writer.h"

namespace millrace::flow {

// The insights of one input partition in this process, and what makes them durable: what of them is
// in the state topic, and what the next commit takes there.
//
//   in the topic: S  <=  went out: F  <=  counted: end()  <=  what the next commit says
//
// Threading: one owner at a time (the flow guards it with the lock of its books).
class PartitionState {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  // Insights that begin at `begin`. `durable` may be null; it outlives the object.
  PartitionState(const insights::Declaration& declaration, const base::TopicPartition& id,
                 base::Offset begin, const Durable* durable);

  // Takes up what the topic has. Of what it counts next, windows that close by the input below
  // `closed` went out already.
  void take_up(state::Restored restored, base::Offset closed);

  // Begins anew though the topic has something: what is written next replaces it.
  void replace(const state::Manifest& manifest);

  // Goes on at `offset`, wherever that is: what lies between is neither records nor gaps.
  void jump(base::Offset offset);

  // A batch settled, or is counted again. Requires: in the order of offsets.
  void count(const BatchInFlight& batch);

  [[nodiscard]] const insights::State& state() const { return *state_; }

  [[nodiscard]] base::Offset end() const { return state_->coverage().end; }

  // Whether it is written down at all: not where insights are of this run alone, nor where the
  // partition was refused.
  [[nodiscard]] bool durable() const { return durable_ != nullptr; }

  // Whether a commit now should carry something. `finish`: all that is left goes out. Closes
  // windows that have waited for too long.
  [[nodiscard]] bool wants_commit(TimePoint now, bool finish);

  // What this commit says of the partition and carries for it. `finish` as above. Then confirm() or
  // refuse(). Requires: durable.
  void carry(const std::string& commit_id, TimePoint now, bool finish, bool write_state,
             io::PartitionCommit& commit, std::vector<io::CarriedRecord>& carried);
  void confirm();
  void refuse();

 private:
  [[nodiscard]] bool wants_state(TimePoint now, bool finish) const;
  [[nodiscard]] bool must_write() const;
  void close_idle(TimePoint now);
  void forget_what_went_out();

  const base::TopicPartition id_;
  const Durable* durable_;
  std::unique_ptr<insights::State> state_;
  std::optional<state::StateWriter> writer_;
  base::Offset closed_;         // below this, closed windows went out in an earlier life
  size_t carried_windows_ = 0;  // by the commit under way
  TimePoint due_;
  TimePoint counted_at_;  // the last time that records came
  // What is in the topic would not do for a restart: it is of before, or a clock decided since.
  bool replacing_ = false;
  bool writing_ = false;  // the commit under way carries the state
};

}  // namespace millrace::flow
