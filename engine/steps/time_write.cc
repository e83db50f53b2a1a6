// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "engine/steps/digits.h"
#include "engine/steps/time_format.h"
#include "engine/steps/time_names.h"

namespace millrace::steps {
namespace {

constexpr size_t kDateBytes = 10;

char* copy(std::string_view text, char* to) noexcept {
  std::memcpy(to, text.data(), text.size());
  return to + text.size();
}

char* write_int64(int64_t value, char* to) noexcept {
  return std::to_chars(to, to + 20, value).ptr;
}

// 1 to 31 and the like out of the day's text.
uint32_t two_digits_at(const char* text) noexcept {
  return static_cast<uint32_t>((text[0] - '0') * 10 + (text[1] - '0'));
}

// A day's date, from its text of the form 2024-07-10.
struct DayText {
  const char* date;
  int64_t day;  // since 1970-01-01

  [[nodiscard]] uint32_t month() const noexcept { return two_digits_at(date + 5); }

  // 0 is Sunday; 1970-01-01 was a Thursday.
  [[nodiscard]] size_t weekday() const noexcept {
    return static_cast<size_t>((day + 4) - 7 * floor_divide(day + 4, 7));
  }

  [[nodiscard]] uint32_t day_of_year() const noexcept {
    const int year = static_cast<int>(two_digits_at(date) * 100 + two_digits_at(date + 2));
    const std::chrono::sys_days first{std::chrono::year{year} / 1 / 1};
    return static_cast<uint32_t>(day - first.time_since_epoch().count()) + 1;
  }
};

// +0200; seconds of the offsets of old are left out.
char* write_offset(int32_t offset, char* to) noexcept {
  *to++ = offset < 0 ? '-' : '+';
  const auto minutes = static_cast<uint32_t>(std::abs(offset)) / 60;
  to = write_two_digits(minutes / 60, to);
  return write_two_digits(minutes % 60, to);
}

char* write_date_part(TimePart part, const DayText& day, char* to) noexcept {
  switch (part) {
    case TimePart::kYear:
      return copy({day.date, 4}, to);
    case TimePart::kShortYear:
      return copy({day.date + 2, 2}, to);
    case TimePart::kMonth:
      return copy({day.date + 5, 2}, to);
    case TimePart::kMonthName:
      return copy(kMonthNames[day.month() - 1], to);
    case TimePart::kShortMonthName:
      return copy(kMonthNames[day.month() - 1].substr(0, kShortNameBytes), to);
    case TimePart::kDay:
      return copy({day.date + 8, 2}, to);
    case TimePart::kSpacedDay:
      *to++ = day.date[8] == '0' ? ' ' : day.date[8];
      *to++ = day.date[9];
      return to;
    case TimePart::kDayOfYear:
      return write_digits(day.day_of_year(), 3, to);
    case TimePart::kWeekday:
      return copy(kWeekdayNames[day.weekday()], to);
    case TimePart::kShortWeekday:
      return copy(kWeekdayNames[day.weekday()].substr(0, kShortNameBytes), to);
    default:
      return to;
  }
}

}  // namespace

char* TimeFormat::write_number(const Moment& moment, char* to) const noexcept {
  // At most 253,402,300,799 seconds: microseconds fit well. Divides by constants.
  const uint32_t within = per_second_ == 1       ? 0
                          : per_second_ == 1'000 ? moment.nanoseconds / 1'000'000
                                                 : moment.nanoseconds / 1'000;
  return write_int64(moment.seconds * per_second_ + within, to);
}

char* TimeFormat::write(const Moment& moment, DayCache& day_cache, char* to) const noexcept {
  if (per_second_ != 0) return write_number(moment, to);
  int64_t local = moment.seconds;
  const Zone::Period* period = nullptr;
  if (zone_ != nullptr) {
    period = &zone_->at(moment.seconds);
    local += period->offset;
    if (!in_range(local)) return nullptr;
  }
  const int64_t day = floor_divide(local, kSecondsPerDay);
  if (day != day_cache.day) [[unlikely]] {
    write_date(day, day_cache.date.data());
    day_cache.day = day;
  }
  const char* date = day_cache.date.data();
  const auto second_of_day = static_cast<uint32_t>(local - day * kSecondsPerDay);

  *to++ = '"';
  for (const Part& part : parts_) {
    switch (part.kind) {
      case TimePart::kCharacter:
        *to++ = part.character;
        break;
      case TimePart::kDate:
        to = copy({date, kDateBytes}, to);
        break;
      case TimePart::kTimeOfDay:
        to = write_time_of_day(second_of_day, to);
        break;
      case TimePart::kText:
        to =
            copy(std::string_view(escaped_text_).substr(part.escaped_begin, part.escaped_size), to);
        break;
      case TimePart::kHour:
        to = write_two_digits(second_of_day / 3600, to);
        break;
      case TimePart::kMinute:
        to = write_two_digits(second_of_day / 60 % 60, to);
        break;
      case TimePart::kSecond:
        to = write_two_digits(second_of_day % 60, to);
        break;
      case TimePart::kMilliseconds:
        to = write_digits(moment.nanoseconds / 1'000'000, 3, to);
        break;
      case TimePart::kMicroseconds:
        to = write_digits(moment.nanoseconds / 1'000, 6, to);
        break;
      case TimePart::kOffset:
        to = write_offset(period == nullptr ? 0 : period->offset, to);
        break;
      case TimePart::kZoneName:
        to = copy(period == nullptr ? "UTC" : std::string_view(period->abbreviation), to);
        break;
      case TimePart::kUnixSeconds:
        to = write_int64(moment.seconds, to);
        break;
      default:
        to = write_date_part(part.kind, DayText{date, day}, to);
    }
  }
  *to++ = '"';
  return to;
}

bool TimeFormat::write(const Moment& moment, DayCache& day_cache, record::Arena& arena,
                       record::JsonValue& value) const noexcept {
  char* text = arena.reserve(written_bytes_max_);
  const char* end = write(moment, day_cache, text);
  if (end == nullptr) return false;
  const auto size = static_cast<size_t>(end - text);
  arena.claim(size);
  value = {{text, size}, value_kind(), escaped_};
  return true;
}

}  // namespace millrace::steps
