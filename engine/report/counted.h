// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "engine/base/ids.h"
#include "engine/insights/coverage.h"
#include "engine/insights/output_counts.h"
#include "engine/insights/results.h"

namespace millrace::report {

// Outcomes over some partitions, counted where records are processed, not where they settle.
struct Given {
  uint64_t emitted = 0;
  uint64_t filtered = 0;
  uint64_t dead_lettered = 0;
  std::map<std::string, uint64_t> dead_letters;  // by the rule's id, where there are any
};

// What the state of one input partition covers.
struct StateAccount {
  base::TopicPartition id;
  insights::Coverage coverage;
  uint64_t emitted = 0;
  uint64_t filtered = 0;
  uint64_t dead_lettered = 0;
  insights::OutputCounts outputs;
  std::string error;  // it cannot be read: why; then nothing of it is counted
};

// Insights, with what they were given. Durable ones are since the beginning, over whatever runs
// that were; others are of this run. Lifetime: the plan, whose insights the results name, outlives
// it.
struct Counted {
  std::vector<StateAccount> partitions;  // by topic and partition
  Given given;                           // over these partitions
  // Over these partitions, in the order of the configuration.
  std::vector<insights::Result> insights;
};

// What does not add up.
struct Identity {
  // One sentence per thing, naming the partition and both numbers.
  std::vector<std::string> broken;

  [[nodiscard]] bool holds() const { return broken.empty(); }
};

// Adds what does not add up of what was counted. For each partition:
//   records = emitted + filtered + dead-lettered
//   end - begin = records + gaps + jumped
// and for all together: the outcomes are those of the partitions, and each insight's counts and
// misses sum up to the records that it is about. `whose` begins the sentences: "in the fleet, ".
void check_counted(const Counted& counted, const std::string& whose, Identity& identity);

// The partitions' numbers in one.
struct CountedTotals {
  uint64_t offsets = 0;
  uint64_t records = 0;
  uint64_t gaps = 0;
  uint64_t emitted = 0;
  uint64_t filtered = 0;
  uint64_t dead_lettered = 0;
  insights::OutputCounts outputs;
};

[[nodiscard]] CountedTotals totals_of(const Counted& counted);

}  // namespace millrace::report
