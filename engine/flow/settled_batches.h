// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <cstdint>

#include "engine/flow/batch_in_flight.h"
#include "engine/report/vitals.h"

namespace millrace::flow {

// What the batches that settled have in common: where they spent their lives, and what they
// weighed. Batches that were given up, or only counted again, are not among them.
//
// Threading: one owner at a time (the flow guards it with the lock of its books).
struct SettledBatches {
  std::array<report::Durations, report::kStages> stages;
  uint64_t batches = 0;
  uint64_t input_bytes = 0;
  uint64_t output_bytes = 0;

  // Requires: it went through all stages.
  void add(const BatchInFlight& batch, std::chrono::steady_clock::time_point now);
};

}  // namespace millrace::flow
