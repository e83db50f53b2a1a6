// SPDX-License-Identifier: Apache-2.0
#include "engine/steps/zone_rule.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstddef>

#include "engine/steps/moment.h"

namespace millrace::steps {
namespace {

constexpr int32_t kSecondsPerHour = 3600;
constexpr int32_t kUsualChange = 2 * kSecondsPerHour;

bool take(char expected, std::string_view& rest) {
  if (!rest.starts_with(expected)) return false;
  rest.remove_prefix(1);
  return true;
}

bool take_number(std::string_view& rest, uint32_t max, uint32_t& value) {
  const auto parsed = std::from_chars(rest.data(), rest.data() + rest.size(), value);
  if (parsed.ec != std::errc() || value > max) return false;
  rest.remove_prefix(static_cast<size_t>(parsed.ptr - rest.data()));
  return true;
}

// CET, <+0330>
bool take_abbreviation(std::string_view& rest, std::string& abbreviation) {
  const bool quoted = take('<', rest);
  const size_t end =
      std::min(quoted ? rest.find('>') : rest.find_first_of("0123456789+-,"), rest.size());
  abbreviation = rest.substr(0, end);
  rest.remove_prefix(end);
  return !abbreviation.empty() && (!quoted || take('>', rest));
}

// -3, 10:30, 4:56:02
bool take_time(std::string_view& rest, int32_t& seconds) {
  constexpr uint32_t kHoursMax = 167;
  const bool negative = take('-', rest);
  if (!negative) take('+', rest);
  uint32_t hours = 0;
  uint32_t minutes = 0;
  uint32_t rest_seconds = 0;
  if (!take_number(rest, kHoursMax, hours)) return false;
  if (take(':', rest)) {
    if (!take_number(rest, 59, minutes)) return false;
    if (take(':', rest) && !take_number(rest, 59, rest_seconds)) return false;
  }
  seconds = static_cast<int32_t>(hours) * kSecondsPerHour +
            static_cast<int32_t>(minutes * 60 + rest_seconds);
  if (negative) seconds = -seconds;
  return true;
}

// ,M3.5.0/3
bool take_change(std::string_view& rest, ZoneRule::Change& change) {
  if (!take(',', rest) || !take('M', rest)) return false;
  if (!take_number(rest, 12, change.month) || change.month == 0) return false;
  if (!take('.', rest) || !take_number(rest, 5, change.week) || change.week == 0) return false;
  if (!take('.', rest) || !take_number(rest, 6, change.weekday)) return false;
  change.local_seconds = kUsualChange;
  return !take('/', rest) || take_time(rest, change.local_seconds);
}

}  // namespace

std::optional<ZoneRule> ZoneRule::parse(std::string_view text) {
  ZoneRule rule;
  if (!take_abbreviation(text, rule.standard.abbreviation)) return std::nullopt;
  // POSIX counts offsets to the west.
  if (!take_time(text, rule.standard.seconds)) return std::nullopt;
  rule.standard.seconds = -rule.standard.seconds;
  if (text.empty()) return rule;

  Offset summer{rule.standard.seconds + kSecondsPerHour, {}};
  if (!take_abbreviation(text, summer.abbreviation)) return std::nullopt;
  if (!text.starts_with(',')) {
    if (!take_time(text, summer.seconds)) return std::nullopt;
    summer.seconds = -summer.seconds;
  }
  for (Change& change : rule.changes)
    if (!take_change(text, change)) return std::nullopt;
  if (!text.empty()) return std::nullopt;
  rule.summer = std::move(summer);
  return rule;
}

int64_t ZoneRule::change_time(int year, size_t change) const {
  const Change& which = changes[change];
  const std::chrono::year_month month{std::chrono::year{year}, std::chrono::month{which.month}};
  const std::chrono::weekday weekday{which.weekday};
  const std::chrono::sys_days day = which.week == 5
                                        ? std::chrono::sys_days{month / weekday[std::chrono::last]}
                                        : std::chrono::sys_days{month / weekday[which.week]};
  const int32_t before = change == 0 ? standard.seconds : summer->seconds;
  return int64_t{day.time_since_epoch().count()} * kSecondsPerDay + which.local_seconds - before;
}

}  // namespace millrace::steps
