// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "engine/config/pipeline_config.h"
#include "engine/insights/shard.h"
#include "engine/record/outcome.h"

namespace millrace::flow {

// Trips where, of the last `over` records that were handed over, more than `share` became dead
// letters; never before so many were seen. It looks after each record, so whether and where it
// trips does not depend on how the records were cut into batches. (A record that is read again
// after a rewind counts again.)
//
// The rules that it names are counted by batch, so over a little more than these records; the
// sentence says over how many.
//
// Memory: a bit per record of the window, and for each 1/64 of it a number per rule that had any. A
// pipeline without `stop_above` has none.
//
// Threading: the deliver thread's. Lifetime: the declaration outlives it.
class DeadLetterBreaker {
 public:
  struct Reason {
    std::string rule;
    uint64_t count = 0;
  };

  // Requires: limit.over > 0.
  DeadLetterBreaker(const config::StopAbove& limit, const insights::Declaration& declaration);

  // Counts the next batch, before any of it is handed over: its outcomes, and its shard, not merged
  // into others yet. False: it trips in this batch, or has before; none of the batch may be sent.
  [[nodiscard]] bool admit(std::span<const record::Outcome> outcomes, const insights::Shard& shard);

  [[nodiscard]] bool tripped() const { return tripped_; }

  // At most kReasonsMax, the most frequent first, ties in the order of the plan's rules.
  [[nodiscard]] std::vector<Reason> top_reasons() const;

  // How it stands, for the log and the report, with rules and numbers and nothing of a record:
  // "5,214 of the last 10,000 records (52.1 %) became dead letters, more than 50 %: parse:syntax
  // 5,214". Requires: tripped.
  [[nodiscard]] std::string sentence() const;

  static constexpr size_t kReasonsMax = 3;

 private:
  // Consecutive batches, with the dead letters of each of their rules that has any.
  struct Stretch {
    uint64_t records = 0;
    std::map<uint32_t, uint64_t> by_rule;
  };

  void count(bool dead);
  void count_rules(size_t records, uint64_t dead, const insights::Shard& shard);

  const config::StopAbove limit_;
  const insights::Declaration& declaration_;
  const uint64_t dead_max_;

  // The outcomes of the window as a ring: whether each is a dead letter.
  std::vector<bool> window_;
  size_t next_ = 0;
  uint64_t seen_ = 0;
  uint64_t dead_ = 0;  // in the window
  bool tripped_ = false;

  std::deque<Stretch> stretches_;  // cover the window
  uint64_t in_stretches_ = 0;
};

}  // namespace millrace::flow
