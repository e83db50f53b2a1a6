// SPDX-License-Identifier: Apache-2.0
#include "engine/steps/zone.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <date/tz.h>
#include <exception>
#include <limits>

#include <fmt/format.h>

#include "engine/config/read_file.h"
#include "engine/steps/moment.h"
#include "engine/steps/zone_rule.h"

namespace millrace::steps {
namespace {

// The calendar repeats itself every 400 years, and rules with it.
constexpr int64_t kCycle = int64_t{146'097} * kSecondsPerDay;
// The table ends a year after this one; later times are those of a cycle before, in years for which
// no zone of the database lists changes singly (Morocco's go furthest, to 2087).
constexpr int kTableEndYear = 2600;
constexpr int64_t kTableEnd =
    std::chrono::sys_days{std::chrono::year{kTableEndYear} / 1 / 1}.time_since_epoch().count() *
    kSecondsPerDay;

// What to take off a time so that it lies within the table.
int64_t cycles_beyond(int64_t seconds) noexcept {
  return seconds < kTableEnd ? 0 : ((seconds - kTableEnd) / kCycle + 1) * kCycle;
}

// The last line of a zone's file, which the date library does not read. Without one the zone keeps
// its last offset.
std::optional<ZoneRule> read_rule(const std::string& name) {
  constexpr size_t kFileBytesMax = size_t{1} << 20;
  const auto file = config::read_file("/usr/share/zoneinfo/" + name, kFileBytesMax);
  if (!file.ok() || !file.value().ends_with('\n')) return std::nullopt;
  std::string_view content = file.value();
  content.remove_suffix(1);
  const size_t begin = content.rfind('\n');
  if (begin == std::string::npos) return std::nullopt;
  return ZoneRule::parse(content.substr(begin + 1));
}

}  // namespace

base::Result<Zone> Zone::find(const std::string& name) {
  const date::time_zone* found = nullptr;
  try {
    found = date::locate_zone(name);
  } catch (const std::exception&) {  // the library's only way to say it
    return base::Error{fmt::format(
        "'{}' is no time zone of this system's database (the package tzdata, for old names "
        "tzdata-legacy, too); a zone is named like Europe/Berlin",
        name)};
  }
  Zone zone;
  zone.name_ = name;
  int64_t at = kUnixSecondsMin - kSecondsPerDay;
  while (at < kTableEnd) {
    const date::sys_info info = found->get_info(date::sys_seconds{std::chrono::seconds{at}});
    zone.add(at, static_cast<int32_t>(info.offset.count()), info.abbrev);
    const int64_t end = info.end.time_since_epoch().count();
    if (end <= at) break;
    at = end;
  }
  zone.go_on_by_rule();
  zone.periods_.front().begin = std::numeric_limits<int64_t>::min();
  return zone;
}

void Zone::add(int64_t begin, int32_t offset, const std::string& abbreviation) {
  periods_.push_back({begin, offset, abbreviation});
  abbreviation_bytes_max_ = std::max(abbreviation_bytes_max_, abbreviation.size());
}

// Adds what the rule says after the last change that the database lists.
void Zone::go_on_by_rule() {
  const std::optional<ZoneRule> rule = read_rule(name_);
  if (!rule || !rule->summer) return;
  const int64_t last = periods_.back().begin;
  const std::chrono::sys_seconds last_change{std::chrono::seconds{last}};
  const std::chrono::year_month_day date{std::chrono::floor<std::chrono::days>(last_change)};
  for (int year = static_cast<int>(date.year()); year <= kTableEndYear + 1; ++year) {
    const std::array<int64_t, 2> times{rule->change_time(year, 0), rule->change_time(year, 1)};
    const size_t first = times[0] < times[1] ? 0 : 1;
    for (const size_t change : {first, 1 - first}) {
      if (times[change] <= last) continue;
      const ZoneRule::Offset& offset = change == 0 ? *rule->summer : rule->standard;
      add(times[change], offset.seconds, offset.abbreviation);
    }
  }
}

size_t Zone::index_at(int64_t unix_seconds) const noexcept {
  const auto after =
      std::upper_bound(periods_.begin() + 1, periods_.end(), unix_seconds,
                       [](int64_t time, const Period& period) { return time < period.begin; });
  return static_cast<size_t>(after - periods_.begin()) - 1;
}

const Zone::Period& Zone::at(int64_t unix_seconds) const noexcept {
  return periods_[index_at(unix_seconds - cycles_beyond(unix_seconds))];
}

std::optional<int64_t> Zone::to_unix(int64_t local_seconds,
                                     std::string_view abbreviation) const noexcept {
  const int64_t beyond = cycles_beyond(local_seconds);
  const int64_t local = local_seconds - beyond;
  // No offset is a whole day, so that only periods of the day around can hold it.
  for (size_t i = index_at(local - kSecondsPerDay); i < periods_.size(); ++i) {
    const Period& period = periods_[i];
    if (period.begin > local + kSecondsPerDay) break;
    const int64_t time = local - period.offset;
    if (index_at(time) == i && (abbreviation.empty() || abbreviation == period.abbreviation))
      return time + beyond;
  }
  return std::nullopt;
}

}  // namespace millrace::steps
