// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/ids.h"
#include "engine/insights/output_counts.h"
#include "engine/insights/results.h"
#include "engine/report/health.h"

namespace millrace::report {

// The books of one input partition over the run. The counts come from independent places: the copy
// (poll), the hand-over (deliver), the acknowledgements (settle), the offsets read back from the
// group. The identity compares them.
struct PartitionAccount {
  base::TopicPartition id;
  base::Offset first;      // where this run began to read; invalid where it never did
  base::Offset next;       // one past the last settled offset
  base::Offset committed;  // read back from the group; invalid where it could not be
  // What has to be committed at the end: `next`, but less where the partition was lost before its
  // last commit (at least once: whoever has it now repeats what lies in between). Invalid: `next`.
  base::Offset due;
  bool ours = true;        // at the end; else another member's, or nobody's
  uint64_t polled = 0;     // records copied from the consumer
  uint64_t discarded = 0;  // of these, given up before they settled (lost or rewound partition)
  uint64_t consumed = 0;   // settled records
  uint64_t gaps = 0;       // offsets without a record: control records, compaction
  // Offsets between our readings of the partition, while it was another member's: next - first =
  // consumed + gaps + elsewhere. Negative where we came back to an earlier offset.
  int64_t elsewhere = 0;
  uint64_t emitted = 0;
  uint64_t filtered = 0;
  uint64_t dead_lettered = 0;
  insights::OutputCounts outputs;  // copies, pieces and what else is counted apart
  uint64_t sent = 0;               // output records of settled batches handed to the producer
  uint64_t acknowledged = 0;       // output records acknowledged by the broker
  std::string stopped;             // why this partition was stopped, else empty
};

// The outcomes that the insights were given, over all partitions: counted where records are
// processed, not where they settle.
struct Given {
  uint64_t emitted = 0;
  uint64_t filtered = 0;
  uint64_t dead_lettered = 0;
  std::map<std::string, uint64_t> dead_letters;  // by the rule's id, where there are any
};

// Everything the report says, gathered at one moment. Lifetime: the plan, whose insights the
// results name, outlives it.
struct Report {
  std::string pipeline;
  bool final = false;                        // at the end of a run: committed offsets are known
  std::vector<PartitionAccount> partitions;  // by topic and partition
  Health health;
  Given given;
  std::vector<insights::Result> insights;  // over all partitions, in the order of the configuration
  std::string ended_by;  // "SIGINT", "end of topics", or the error that ended the run
  std::chrono::duration<double> elapsed{};
  std::chrono::duration<double> cpu{};
  uint64_t peak_rss_bytes = 0;
};

// The identity: consumed = emitted + filtered + dead-lettered and what else must add up. For each
// partition:
//   consumed = emitted + filtered + dead-lettered
//   next - first = consumed + gaps
//   acknowledged = sent = emitted - exploded + pieces + copies + dead-lettered - discarded letters
//   polled = consumed + discarded; before the end, polled may be ahead by what is in flight
//   at the end, committed = next where anything was read; a partition that moved on to another
//   member may be further, but less far only as it was lost before its last commit
// and at the end, for all partitions together: the outcomes are those that the insights were given,
// and each insight's counts and misses sum up to the records that it is about.
struct Identity {
  // One sentence per thing that does not add up, naming the partition and both numbers.
  std::vector<std::string> broken;

  [[nodiscard]] bool holds() const { return broken.empty(); }
};

[[nodiscard]] Identity check_identity(const Report& report);

// For people: aligned tables, thousands separated, at most 80 columns where names allow.
[[nodiscard]] std::string to_text(const Report& report);

// For programs; members documented in docs/report.md and stable. Ends in a newline.
[[nodiscard]] std::string to_json(const Report& report);

// One line for the log.
[[nodiscard]] std::string to_line(const Report& report);

}  // namespace millrace::report
