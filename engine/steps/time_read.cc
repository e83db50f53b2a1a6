// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "engine/record/json_text.h"
#include "engine/record/value_text.h"
#include "engine/steps/time_format.h"
#include "engine/steps/time_names.h"
#include "engine/steps/whole_number.h"

namespace millrace::steps {
namespace {

constexpr uint32_t kNanosecondsPerSecond = 1'000'000'000;
constexpr size_t kFractionDigitsMax = 9;

bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

char folded(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool take(char expected, std::string_view& rest) noexcept {
  if (!rest.starts_with(expected)) return false;
  rest.remove_prefix(1);
  return true;
}

bool take(std::string_view expected, std::string_view& rest) noexcept {
  if (!rest.starts_with(expected)) return false;
  rest.remove_prefix(expected.size());
  return true;
}

bool take_ignoring_case(std::string_view expected, std::string_view& rest) noexcept {
  if (rest.size() < expected.size()) return false;
  for (size_t i = 0; i < expected.size(); ++i)
    if (folded(rest[i]) != folded(expected[i])) return false;
  rest.remove_prefix(expected.size());
  return true;
}

// Exactly `count` digits.
bool take_digits(size_t count, std::string_view& rest, uint32_t& value) noexcept {
  if (rest.size() < count) return false;
  value = 0;
  for (size_t i = 0; i < count; ++i) {
    if (!is_digit(rest[i])) return false;
    value = value * 10 + static_cast<uint32_t>(rest[i] - '0');
  }
  rest.remove_prefix(count);
  return true;
}

// 1 to `digits_max` digits of a decimal fraction of a second.
bool take_fraction(size_t digits_max, std::string_view& rest, uint32_t& nanoseconds) noexcept {
  uint32_t unit = kNanosecondsPerSecond;
  nanoseconds = 0;
  size_t count = 0;
  for (; count < digits_max && count < rest.size() && is_digit(rest[count]); ++count) {
    unit /= 10;
    nanoseconds += static_cast<uint32_t>(rest[count] - '0') * unit;
  }
  rest.remove_prefix(count);
  return count > 0;
}

// One of `names`, in full or its first three letters, in any case.
bool take_name(std::span<const std::string_view> names, std::string_view& rest,
               uint32_t& index) noexcept {
  for (index = 0; index < names.size(); ++index) {
    if (take_ignoring_case(names[index], rest)) return true;
  }
  for (index = 0; index < names.size(); ++index) {
    if (take_ignoring_case(names[index].substr(0, kShortNameBytes), rest)) return true;
  }
  return false;
}

// What a text says, part by part.
struct Said {
  uint32_t year = 0;
  uint32_t month = 1;
  uint32_t day = 1;
  std::optional<uint32_t> day_of_year;  // instead of month and day
  std::optional<uint32_t> weekday;      // 0 is Sunday
  uint32_t hour = 0;
  uint32_t minute = 0;
  uint32_t second = 0;
  uint32_t nanoseconds = 0;
  std::optional<int32_t> offset;  // seconds east of UTC
  std::string_view zone_name;
  std::optional<int64_t> unix_seconds;  // instead of everything but the fraction
};

bool take_date(std::string_view& rest, Said& said) noexcept {
  return take_digits(4, rest, said.year) && take('-', rest) && take_digits(2, rest, said.month) &&
         take('-', rest) && take_digits(2, rest, said.day);
}

bool take_time_of_day(std::string_view& rest, Said& said) noexcept {
  return take_digits(2, rest, said.hour) && take(':', rest) && take_digits(2, rest, said.minute) &&
         take(':', rest) && take_digits(2, rest, said.second);
}

// Z, +02:00, +0200 or +02.
bool take_offset(std::string_view& rest, Said& said) noexcept {
  if (take('Z', rest) || take('z', rest)) {
    said.offset = 0;
    return true;
  }
  const bool west = rest.starts_with('-');
  if (!west && !rest.starts_with('+')) return false;
  rest.remove_prefix(1);
  uint32_t hours = 0;
  uint32_t minutes = 0;
  if (!take_digits(2, rest, hours)) return false;
  const bool colon = take(':', rest);
  if ((colon || (!rest.empty() && is_digit(rest.front()))) && !take_digits(2, rest, minutes))
    return false;
  if (hours > 23 || minutes > 59) return false;
  const auto seconds = static_cast<int32_t>(hours * 3600 + minutes * 60);
  said.offset = west ? -seconds : seconds;
  return true;
}

bool take_zone_name(std::string_view& rest, Said& said) noexcept {
  size_t count = 0;
  while (count < rest.size() &&
         (is_digit(rest[count]) || rest[count] == '+' || rest[count] == '-' ||
          (folded(rest[count]) >= 'a' && folded(rest[count]) <= 'z')))
    ++count;
  said.zone_name = rest.substr(0, count);
  rest.remove_prefix(count);
  return count > 0;
}

bool take_unix_seconds(std::string_view& rest, Said& said) noexcept {
  size_t count = rest.starts_with('-') ? 1 : 0;
  const size_t first = count;
  while (count < rest.size() && is_digit(rest[count])) ++count;
  if (count == first) return false;
  const WholePart whole = whole_part(rest.substr(0, count));
  said.unix_seconds = whole.too_large ? kUnixSecondsMax + 1 : whole.value;
  rest.remove_prefix(count);
  return true;
}

bool take_spaced_day(std::string_view& rest, Said& said) noexcept {
  const bool spaced = take(' ', rest);
  if (!spaced && rest.size() > 1 && is_digit(rest[1])) return take_digits(2, rest, said.day);
  return take_digits(1, rest, said.day);
}

// What POSIX makes of two digits: 1969 to 2068.
bool take_short_year(std::string_view& rest, Said& said) noexcept {
  if (!take_digits(2, rest, said.year)) return false;
  said.year += said.year < 69 ? 2000 : 1900;
  return true;
}

bool take_day_of_year(std::string_view& rest, Said& said) noexcept {
  uint32_t value = 0;
  if (!take_digits(3, rest, value)) return false;
  said.day_of_year = value;
  return true;
}

bool take_month_name(std::string_view& rest, Said& said) noexcept {
  if (!take_name(kMonthNames, rest, said.month)) return false;
  ++said.month;
  return true;
}

bool take_weekday(std::string_view& rest, Said& said) noexcept {
  uint32_t weekday = 0;
  if (!take_name(kWeekdayNames, rest, weekday)) return false;
  said.weekday = weekday;
  return true;
}

// Everything but text.
bool take_part(TimePart part, std::string_view& rest, Said& said) noexcept {
  switch (part) {
    case TimePart::kDate:
      return take_date(rest, said);
    case TimePart::kTimeOfDay:
      return take_time_of_day(rest, said);
    case TimePart::kYear:
      return take_digits(4, rest, said.year);
    case TimePart::kShortYear:
      return take_short_year(rest, said);
    case TimePart::kMonth:
      return take_digits(2, rest, said.month);
    case TimePart::kMonthName:
    case TimePart::kShortMonthName:
      return take_month_name(rest, said);
    case TimePart::kDay:
      return take_digits(2, rest, said.day);
    case TimePart::kSpacedDay:
      return take_spaced_day(rest, said);
    case TimePart::kDayOfYear:
      return take_day_of_year(rest, said);
    case TimePart::kHour:
      return take_digits(2, rest, said.hour);
    case TimePart::kMinute:
      return take_digits(2, rest, said.minute);
    case TimePart::kSecond:
      return take_digits(2, rest, said.second);
    case TimePart::kMilliseconds:
      return take_fraction(3, rest, said.nanoseconds);
    case TimePart::kMicroseconds:
      return take_fraction(6, rest, said.nanoseconds);
    case TimePart::kWeekday:
    case TimePart::kShortWeekday:
      return take_weekday(rest, said);
    case TimePart::kOffset:
      return take_offset(rest, said);
    case TimePart::kZoneName:
      return take_zone_name(rest, said);
    case TimePart::kUnixSeconds:
      return take_unix_seconds(rest, said);
    case TimePart::kCharacter:
    case TimePart::kText:
      break;
  }
  return false;
}

// The day that is meant, since 1970-01-01; nothing where there is no such day.
std::optional<int64_t> day_of(const Said& said) noexcept {
  const std::chrono::year year{static_cast<int>(said.year)};
  std::chrono::sys_days day;
  if (said.day_of_year) {
    const uint32_t days = year.is_leap() ? 366 : 365;
    if (*said.day_of_year < 1 || *said.day_of_year > days) return std::nullopt;
    day = std::chrono::sys_days{year / 1 / 1} +
          std::chrono::days{static_cast<int>(*said.day_of_year) - 1};
  } else {
    const std::chrono::year_month_day date{year, std::chrono::month{said.month},
                                           std::chrono::day{said.day}};
    if (!date.ok()) return std::nullopt;
    day = date;
  }
  if (said.weekday && std::chrono::weekday{day}.c_encoding() != *said.weekday) return std::nullopt;
  return day.time_since_epoch().count();
}

// A second of 60 is one of the leap seconds that UTC inserts before midnight. Unix time has no
// number for it: it is read as the second after.
bool may_be_leap_second(int64_t unix_seconds) noexcept {
  return unix_seconds % kSecondsPerDay == 0;
}

bool names_utc(std::string_view name) noexcept {
  return name == "UTC" || name == "GMT" || name == "Z";
}

// The Unix time of what clocks show in the zone that is said or meant.
TimeError resolve(const Said& said, int64_t local, const Zone* zone, int64_t& seconds) noexcept {
  if (said.offset) {
    seconds = local - *said.offset;
    return TimeError::kNone;
  }
  seconds = local;
  if (zone != nullptr) {
    if (const auto found = zone->to_unix(local, said.zone_name)) {
      seconds = *found;
      return TimeError::kNone;
    }
    if (said.zone_name.empty()) return TimeError::kNoSuchTime;
  }
  return said.zone_name.empty() || names_utc(said.zone_name) ? TimeError::kNone : TimeError::kForm;
}

TimeError moment_of(const Said& said, const Zone* zone, Moment& moment) noexcept {
  moment.nanoseconds = said.nanoseconds;
  if (said.unix_seconds) {
    moment.seconds = *said.unix_seconds;
    return in_range(moment.seconds) ? TimeError::kNone : TimeError::kRange;
  }
  if (said.hour > 23 || said.minute > 59 || said.second > 60) return TimeError::kForm;
  const auto day = day_of(said);
  if (!day) return TimeError::kForm;
  const int64_t local = *day * kSecondsPerDay + said.hour * 3600 + said.minute * 60 + said.second;
  if (const TimeError error = resolve(said, local, zone, moment.seconds); error != TimeError::kNone)
    return error;
  if (said.second == 60 && !may_be_leap_second(moment.seconds)) return TimeError::kForm;
  return in_range(moment.seconds) ? TimeError::kNone : TimeError::kRange;
}

template <int64_t per_second>
Moment split(int64_t units) noexcept {
  const int64_t seconds = floor_divide(units, per_second);
  const auto within = static_cast<uint32_t>(units - seconds * per_second);
  return {seconds, within * static_cast<uint32_t>(kNanosecondsPerSecond / per_second)};
}

// Divides by constants, which is much faster.
Moment moment_of_units(int64_t units, int64_t per_second) noexcept {
  switch (per_second) {
    case 1:
      return {units, 0};
    case 1'000:
      return split<1'000>(units);
    default:
      return split<1'000'000>(units);
  }
}

TimeError read_rfc3339(std::string_view text, Moment& moment) noexcept {
  Said said;
  if (!take_date(text, said)) return TimeError::kForm;
  if (!take('T', text) && !take('t', text)) return TimeError::kForm;
  if (!take_time_of_day(text, said)) return TimeError::kForm;
  if (take('.', text) && !take_fraction(kFractionDigitsMax, text, said.nanoseconds))
    return TimeError::kForm;
  // RFC 3339 has only one of the forms that patterns take.
  constexpr size_t kOffsetBytes = 6;
  if (text.size() != 1 && (text.size() != kOffsetBytes || text[3] != ':')) return TimeError::kForm;
  if (!take_offset(text, said) || !text.empty()) return TimeError::kForm;
  return moment_of(said, nullptr, moment);
}

}  // namespace

TimeError TimeFormat::read_number(const record::JsonValue& value, ReadOptions options,
                                  std::string& scratch, Moment& moment) const noexcept {
  std::string_view text = value.text;
  bool truncate = options.truncate;
  if (value.kind == record::ValueKind::kString && options.accept_text) {
    text = record::content(value, scratch);
    if (!record::is_json_number(text)) return TimeError::kForm;
    // A text must be an integer's, unless fractions may go anyway.
    if (!truncate && text.find_first_not_of("-0123456789") != std::string_view::npos)
      return TimeError::kForm;
  } else if (value.kind != record::ValueKind::kNumber) {
    return TimeError::kForm;
  }
  const WholePart whole = whole_part(text);
  if (whole.fraction && !truncate) return TimeError::kForm;
  if (whole.too_large) return TimeError::kRange;
  moment = moment_of_units(whole.value, per_second_);
  return in_range(moment.seconds) ? TimeError::kNone : TimeError::kRange;
}

TimeError TimeFormat::read_pattern(std::string_view text, Moment& moment) const noexcept {
  Said said;
  for (const Part& part : parts_) {
    bool taken = false;
    if (part.kind == TimePart::kCharacter) {
      taken = take(part.character, text);
    } else if (part.kind == TimePart::kText) {
      taken = take(std::string_view(text_).substr(part.begin, part.size), text);
    } else {
      taken = take_part(part.kind, text, said);
    }
    if (!taken) return TimeError::kForm;
  }
  return text.empty() ? moment_of(said, zone_, moment) : TimeError::kForm;
}

TimeError TimeFormat::read(const record::JsonValue& value, ReadOptions options,
                           std::string& scratch, Moment& moment) const noexcept {
  if (per_second_ != 0) return read_number(value, options, scratch, moment);
  if (value.kind != record::ValueKind::kString) return TimeError::kForm;
  const std::string_view text = record::content(value, scratch);
  return kind_ == config::TimeFormat::Kind::kPattern ? read_pattern(text, moment)
                                                     : read_rfc3339(text, moment);
}

}  // namespace millrace::steps
