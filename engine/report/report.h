// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/ids.h"
#include "engine/insights/output_counts.h"
#include "engine/report/alert.h"
#include "engine/report/counted.h"
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
  bool ours = true;         // at the end; else another member's, or nobody's
  bool recounting = false;  // its insights are still to be counted up to where delivery began
  uint64_t polled = 0;      // records copied from the consumer
  uint64_t discarded = 0;   // of these, given up before they settled (lost or rewound partition)
  uint64_t consumed = 0;    // settled records
  uint64_t gaps = 0;        // offsets without a record: control records, compaction
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

// Everything the report says, gathered at one moment. Lifetime: the plan, whose insights the
// results name, outlives it.
struct Report {
  std::string pipeline;
  bool final = false;                        // at the end of a run: committed offsets are known
  std::vector<PartitionAccount> partitions;  // by topic and partition
  Health health;
  std::vector<Alert> alerts;  // in the order of the configuration
  Given given;                // of this run
  Counted counted;            // of this process's partitions
  bool durable = false;       // they are written down, and were taken up from there
  // At the end, where they are: of all partitions of the group.
  std::optional<Counted> fleet;
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
// and at the end, for all partitions together: the outcomes are those that were counted where
// records are processed, and what the insights cover adds up too (counted.h), in this process and
// in the fleet.
[[nodiscard]] Identity check_identity(const Report& report);

// For people: aligned tables, thousands separated, at most 80 columns where names allow.
[[nodiscard]] std::string to_text(const Report& report);

// For programs; members documented in docs/report.md and stable. Ends in a newline.
[[nodiscard]] std::string to_json(const Report& report);

// One line for the log.
[[nodiscard]] std::string to_line(const Report& report);

}  // namespace millrace::report
