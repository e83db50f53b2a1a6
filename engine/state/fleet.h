// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/result.h"
#include "engine/insights/output_counts.h"
#include "engine/insights/state.h"
#include "engine/io/state_log.h"
#include "engine/state/restore.h"

namespace millrace::state {

// One partition's part of the fleet's state.
struct FleetPartition {
  base::TopicPartition id;
  insights::Coverage coverage;
  uint64_t emitted = 0;
  uint64_t filtered = 0;
  uint64_t dead_lettered = 0;
  insights::OutputCounts outputs;
  int64_t written_ms = 0;
  std::string error;  // its state cannot be read: why; then nothing of it is in the fleet's numbers
  std::vector<std::string> notes;  // as Restored has them
};

// The insights of all partitions of a group, merged from their latest states: since the beginning.
struct Fleet {
  std::vector<FleetPartition> partitions;  // by topic and partition
  std::unique_ptr<insights::State> state;  // never null; lifetime: the declaration outlives it
};

// An error: the topic could not be read. Holds the states of one partition at a time beside what it
// merges them into, and the records of one partition of the state topic.
[[nodiscard]] base::Result<Fleet> merge_fleet(io::StateLog& log,
                                              const insights::Declaration& declaration,
                                              const RestoreOptions& options);

}  // namespace millrace::state
