// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/insights/insight.h"

// Which windows hold a moment, and which are closed. All times are Unix milliseconds, of years that
// have at most five digits: nothing here overflows.
namespace millrace::insights {

// The multiple of `unit` at or below `time`, also below zero. Requires: unit > 0.
[[nodiscard]] constexpr int64_t round_down(int64_t time, int64_t unit) {
  const int64_t rest = time % unit;
  return time - (rest < 0 ? rest + unit : rest);
}

// The start of the last window that holds a moment. The first one begins size_ms - hop_ms earlier.
[[nodiscard]] constexpr int64_t last_start(const Windowing& window, int64_t time) {
  return round_down(time, window.hop_ms);
}

// The windows that end here or earlier are closed by this watermark.
[[nodiscard]] constexpr int64_t closed_to(const Windowing& window, int64_t watermark) {
  return round_down(watermark - window.grace_ms, window.hop_ms);
}

// The most windows of a partition that can be open.
[[nodiscard]] constexpr size_t open_windows_max(const Windowing& window) {
  return static_cast<size_t>((window.size_ms + window.grace_ms) / window.hop_ms) + 1;
}

}  // namespace millrace::insights
