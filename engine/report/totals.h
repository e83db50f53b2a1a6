// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "engine/report/report.h"

namespace millrace::report {

// The partitions' books in one.
struct Totals {
  uint64_t polled = 0;
  uint64_t discarded = 0;
  uint64_t consumed = 0;
  uint64_t gaps = 0;
  uint64_t emitted = 0;
  uint64_t filtered = 0;
  uint64_t dead_lettered = 0;
  insights::OutputCounts outputs;
};

[[nodiscard]] Totals totals_of(const Report& report);

// Offsets between where the run began to read and where it is, less those that another member moved
// over meanwhile: records and gaps. 0 where it never read, and where the books are wrong in that
// `next` lies before `first`.
[[nodiscard]] uint64_t offsets_of(const PartitionAccount& account);

// 0 before any time has passed.
[[nodiscard]] double records_per_second(const Report& report);

}  // namespace millrace::report
