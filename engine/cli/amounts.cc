// SPDX-License-Identifier: Apache-2.0
#include "engine/cli/amounts.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

#include <fmt/format.h>

#include "engine/insights/text_table.h"

namespace millrace::cli {
namespace {

constexpr double kKibi = 1024;
constexpr uint64_t kMinute = 60;
constexpr uint64_t kHour = 60 * kMinute;
constexpr uint64_t kDay = 24 * kHour;
// Where somebody else sends the numbers they may be anything: beyond this they say no more.
constexpr double kSecondsMax = 1e9;
constexpr double kRateMax = 1e15;

}  // namespace

std::string rate_text(double per_second) {
  if (per_second <= 0) return "0";
  if (per_second < 0.05) return "<0.1";
  if (per_second < 9.95) return fmt::format("{:.1f}", per_second);
  return insights::grouped(static_cast<uint64_t>(std::round(std::min(per_second, kRateMax))));
}

std::string bytes_text(double bytes) {
  constexpr std::array kUnits{"B", "KiB", "MiB", "GiB", "TiB"};
  size_t unit = 0;
  // From 1,000 on the next unit, so that there are never four digits.
  while (bytes >= 999.5 && unit + 1 < kUnits.size()) {
    bytes /= kKibi;
    ++unit;
  }
  if (unit == 0 || bytes >= 99.95) return fmt::format("{:.0f} {}", bytes, kUnits[unit]);
  return fmt::format("{:.1f} {}", bytes, kUnits[unit]);
}

std::string duration_text(std::chrono::duration<double> duration) {
  const double seconds = std::min(std::max(duration.count(), 0.0), kSecondsMax);
  if (seconds < 0.0995) {
    const double milliseconds = seconds * 1000;
    return milliseconds < 0.95 ? fmt::format("{:.1f} ms", milliseconds)
                               : fmt::format("{:.0f} ms", milliseconds);
  }
  if (seconds < 9.95) return fmt::format("{:.1f} s", seconds);
  const auto whole = static_cast<uint64_t>(std::round(seconds));
  if (whole < kMinute) return fmt::format("{} s", whole);
  if (whole < kHour) return fmt::format("{} min {} s", whole / kMinute, whole % kMinute);
  if (whole < kDay) return fmt::format("{} h {} min", whole / kHour, whole % kHour / kMinute);
  return fmt::format("{} d {} h", whole / kDay, whole % kDay / kHour);
}

std::string clock_text(std::chrono::duration<double> duration) {
  const auto whole = static_cast<uint64_t>(std::min(std::max(duration.count(), 0.0), kSecondsMax));
  const uint64_t minutes = whole % kHour / kMinute;
  if (whole < kHour) return fmt::format("{:02}:{:02}", minutes, whole % kMinute);
  if (whole < kDay) return fmt::format("{}:{:02}:{:02}", whole / kHour, minutes, whole % kMinute);
  return fmt::format("{} d {}:{:02}", whole / kDay, whole % kDay / kHour, minutes);
}

}  // namespace millrace::cli
