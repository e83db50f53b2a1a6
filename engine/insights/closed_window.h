// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/base/ids.h"
#include "engine/insights/results.h"

namespace millrace::insights {

// A window of an insight and of one input partition that nothing is added to any more: a value.
struct ClosedWindow {
  size_t insight = 0;  // index into Declaration::insights
  int64_t start = 0;   // Unix milliseconds
  // Of the record that closed it: a function of the input. Invalid: it was closed by the clock.
  base::Offset closed_by;
  uint64_t counted = 0;
  uint64_t not_kept = 0;
  ResultValue value;
  size_t footprint = 0;  // about how many bytes it holds
};

}  // namespace millrace::insights
