// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "engine/flow/settled_batches.h"
#include "engine/report/vitals.h"

// What the flow shows of itself at one moment, beyond its accounts and its progress. Plain values.
namespace millrace::flow {

// The commits of a run.
struct CommitNumbers {
  report::Durations times;  // of those that succeeded: from the begin to the answer
  uint64_t failed = 0;      // refused; what they would have committed is done again, or said again
  std::optional<std::chrono::steady_clock::time_point> last;  // when the last one succeeded
};

struct FlowVitals {
  report::Phase phase = report::Phase::kRunning;
  SettledBatches settled;
  size_t batches_processing = 0;  // in the graph
  // Out of the workers in this run. Grows also where nothing settles (the brokers are away), or
  // what does is only counted again.
  uint64_t batches_processed = 0;
  size_t batches_queued = 0;     // before the deliver thread
  size_t batches_unsettled = 0;  // handed over
  size_t memory_limit = 0;       // of batches
  size_t memory_charged = 0;
  CommitNumbers commits;
  uint64_t rebalances = 0;  // assignments that began, the first one included
  uint64_t rewinds = 0;     // leases that began anew behind a delivery that failed or was given up
  std::vector<report::DeadLetterSample> samples;
};

}  // namespace millrace::flow
