// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "engine/steps/time_text.h"

namespace millrace::steps {

inline constexpr int64_t kSecondsPerDay = 86'400;

// A point in time, since 1970-01-01T00:00:00Z; nanoseconds count forward, also before 1970.
struct Moment {
  int64_t seconds = 0;
  uint32_t nanoseconds = 0;  // below 1,000,000,000
};

// Within the years 1 to 9999, the only ones that steps know.
[[nodiscard]] constexpr bool in_range(int64_t unix_seconds) noexcept {
  return unix_seconds >= kUnixSecondsMin && unix_seconds <= kUnixSecondsMax;
}

// Rounds down, also below zero. Requires: divisor > 0.
[[nodiscard]] constexpr int64_t floor_divide(int64_t value, int64_t divisor) noexcept {
  return value / divisor - (value % divisor < 0 ? 1 : 0);
}

}  // namespace millrace::steps
