// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/base/ids.h"
#include "engine/insights/accumulator.h"
#include "engine/insights/closed_window.h"
#include "engine/insights/coverage.h"
#include "engine/insights/insight.h"
#include "engine/insights/output_counts.h"
#include "engine/insights/results.h"
#include "engine/insights/shard.h"

namespace millrace::insights {

class WindowAccumulator;

// The insights of one input partition up to an offset: a function of the plan and of the input up
// to there, and of nothing else (what reads the clock is marked `live`). It does not matter how the
// input was cut into batches, as long as no batch spans a multiple of kEpochOffsets.
//
// Threading: one owner at a time. Lifetime: the declaration outlives it.
class State {
 public:
  // Batches end before an offset that is a multiple of this: what has to be forgotten for want of
  // room (top) is chosen there, and nowhere else, so that the choice is a function of the input.
  static constexpr int64_t kEpochOffsets = 65'536;

  explicit State(const Declaration& declaration);
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  // Of a record. Only records of one epoch share a batch.
  [[nodiscard]] static int64_t epoch_of(base::Offset offset) {
    return offset.value / kEpochOffsets;
  }

  // Counts a batch; `begin` is the offset of its first record, `now` is for live insights.
  // Requires: the batch has records; batches come in the order of their offsets.
  void add(const Shard& shard, base::Offset begin, Time now = std::chrono::steady_clock::now());

  // Notes that a batch of offsets [begin, end) with so many records was counted, also where that is
  // none. Where `begin` is not where the last one ended, what lies between was jumped. Requires:
  // valid offsets, and room for the records among them.
  void cover(base::Offset begin, base::Offset end, uint64_t records);

  // Of one partition: merge() leaves it alone.
  [[nodiscard]] const Coverage& coverage() const { return coverage_; }

  // What belongs to no insight, as the manifest has it (engine/state): coverage, outcomes, outputs
  // and dead letters by rule. Rules that the declaration does not have any more are kept by name.
  // load_counts() comes first, into a state that was empty; without more, every insight begins
  // where the coverage ends. Where the bytes are none of save_counts()', from.ok() is false
  // afterwards or some are left over, and the state may only be destroyed.
  void save_counts(Encoder& to) const;
  void load_counts(Decoder& from);

  // The same of one insight's own numbers: where it began, selected and missing records. The rest
  // of it is its accumulator's.
  void save_insight(size_t insight, Encoder& to) const;
  void load_insight(size_t insight, Decoder& from);

  [[nodiscard]] Accumulator& accumulator(size_t insight) { return *accumulators_[insight]; }

  // Windows of insights with a topic that closed and were not forgotten, in the order in which the
  // input closed them: by the record that did, then by insight, then by end. No cut into batches
  // changes that. They are no part of what is saved: a commit that carries the state carries them.
  [[nodiscard]] const std::deque<ClosedWindow>& closed() const { return closed_; }

  // The `count` that closed first. Requires: there are as many.
  void forget_closed(size_t count);

  // The input has had no record for `idle`: closes the open windows of each insight that waits no
  // longer than that. A clock decided this, so the state has to be saved with what it closed.
  // Returns whether it closed any.
  bool close_idle(std::chrono::milliseconds idle);

  // Counts another partition's state: the fleet's is made so. States of different partitions may be
  // merged in any order. Nothing may be added afterwards. Requires: another state of the same
  // declaration.
  void merge(const State& other);

  [[nodiscard]] const Declaration& declaration() const { return declaration_; }

  [[nodiscard]] uint64_t emitted() const { return emitted_; }

  [[nodiscard]] uint64_t filtered() const { return filtered_; }

  [[nodiscard]] uint64_t dead_lettered() const;

  [[nodiscard]] const OutputCounts& outputs() const { return outputs_; }

  // By rule, in the declaration's order.
  [[nodiscard]] std::span<const uint64_t> dead_letters() const { return dead_letters_; }

  // Of rules that are not declared any more, by their ids.
  [[nodiscard]] const std::map<std::string, uint64_t>& former_dead_letters() const {
    return former_dead_letters_;
  }

  // From where on an insight counts: later than the state where it was added to the plan or reset.
  // Invalid before cover(), and of merged states.
  [[nodiscard]] base::Offset begin(size_t insight) const { return own_[insight].begin; }

  // What the report shows. Lifetime: the declaration outlives it.
  [[nodiscard]] Result result(size_t insight, Time now = std::chrono::steady_clock::now()) const;
  [[nodiscard]] std::vector<Result> results(Time now = std::chrono::steady_clock::now()) const;

  [[nodiscard]] const Accumulator& accumulator(size_t insight) const {
    return *accumulators_[insight];
  }

  // Bytes held from the system, idle capacity included.
  [[nodiscard]] size_t footprint() const;

 private:
  void take_closed();

  // An insight's own numbers, beside its accumulator's.
  struct Own {
    base::Offset begin;
    uint64_t emitted_before = 0;  // by the state, when the insight began
    uint64_t selected = 0;
    uint64_t missing = 0;
  };

  const Declaration& declaration_;
  Coverage coverage_;
  uint64_t emitted_ = 0;
  uint64_t filtered_ = 0;
  OutputCounts outputs_;
  std::vector<uint64_t> dead_letters_;
  std::map<std::string, uint64_t> former_dead_letters_;
  std::vector<Own> own_;                                    // by insight
  std::vector<std::unique_ptr<Accumulator>> accumulators_;  // by insight
  // Those of windowed insights, by insight; null of others.
  std::vector<WindowAccumulator*> windows_;
  std::deque<ClosedWindow> closed_;
};

}  // namespace millrace::insights
