// SPDX-License-Identifier: Apache-2.0
#include "engine/insights/utc_text.h"

#include <chrono>

#include <fmt/format.h>

#include "engine/insights/window_time.h"

namespace millrace::insights {
namespace {

constexpr int64_t kPerSecond = 1000;
constexpr int64_t kPerDay = 86'400 * kPerSecond;
// Years of std::chrono end at 32,767.
constexpr int64_t kFarthest = 30'000 * 365 * kPerDay;

std::string year_text(int year) {
  if (year > 9999) return fmt::format("+{}", year);
  return year < 0 ? fmt::format("-{:04}", -year) : fmt::format("{:04}", year);
}

}  // namespace

std::string utc_text(int64_t unix_ms, Precision precision) {
  if (unix_ms > kFarthest || unix_ms < -kFarthest) return fmt::format("{} ms", unix_ms);
  const int64_t day_begin = round_down(unix_ms, kPerDay);
  const std::chrono::year_month_day date{
      std::chrono::sys_days{std::chrono::days{static_cast<int>(day_begin / kPerDay)}}};
  const auto in_day = static_cast<uint32_t>(unix_ms - day_begin);
  const uint32_t seconds = in_day / kPerSecond;
  std::string text =
      fmt::format("{}-{:02}-{:02}T{:02}:{:02}:{:02}", year_text(static_cast<int>(date.year())),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                  seconds / 3600, seconds / 60 % 60, seconds % 60);
  if (precision == Precision::kMilliseconds) text += fmt::format(".{:03}", in_day % kPerSecond);
  return text + 'Z';
}

std::string utc_text(int64_t unix_ms) {
  return utc_text(unix_ms,
                  unix_ms % kPerSecond == 0 ? Precision::kSeconds : Precision::kMilliseconds);
}

}  // namespace millrace::insights
