// SPDX-License-Identifier: Apache-2.0
#include "engine/schema/time_formats.h"

#include <array>
#include <cstddef>

namespace millrace::schema {

namespace {

constexpr size_t kDateLength = 10;  // 1998-12-31
constexpr size_t kClockLength = 8;  // 23:59:60
constexpr int kMinutesPerDay = 24 * 60;

bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

// Two digits at `i`, or -1. Requires: i + 2 <= text.size().
int two_digits(std::string_view text, size_t i) noexcept {
  if (!is_digit(text[i]) || !is_digit(text[i + 1])) return -1;
  return (text[i] - '0') * 10 + (text[i + 1] - '0');
}

int days_of_month(int year, int month) noexcept {
  constexpr std::array<int, 13> kDays{0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return kDays[static_cast<size_t>(month)] + (month == 2 && leap ? 1 : 0);
}

// Skips digits; false where there are none.
bool skip_digits(std::string_view& text) noexcept {
  size_t count = 0;
  while (count < text.size() && is_digit(text[count])) ++count;
  text.remove_prefix(count);
  return count > 0;
}

// "Z", "+hh:mm" or "-hh:mm", in minutes; false for anything else.
bool read_offset(std::string_view text, int& minutes) noexcept {
  minutes = 0;
  if (text == "Z" || text == "z") return true;
  if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':') return false;
  const int hour = two_digits(text, 1);
  const int minute = two_digits(text, 4);
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59) return false;
  minutes = hour * 60 + minute;
  if (text[0] == '-') minutes = -minutes;
  return true;
}

// Takes "3D2H"-like parts off the text, whose units come in the order of `units`; false where
// something else follows or nothing was there.
bool skip_parts(std::string_view& text, std::string_view units, char stop) noexcept {
  bool any = false;
  while (!text.empty() && text.front() != stop) {
    if (!skip_digits(text) || text.empty()) return false;
    const size_t unit = units.find(text.front());
    if (unit == std::string_view::npos) return false;
    units.remove_prefix(unit + 1);
    text.remove_prefix(1);
    any = true;
  }
  return any;
}

}  // namespace

bool is_date(std::string_view text) noexcept {
  if (text.size() != kDateLength || text[4] != '-' || text[7] != '-') return false;
  const int century = two_digits(text, 0);
  const int year = two_digits(text, 2);
  const int month = two_digits(text, 5);
  const int day = two_digits(text, 8);
  if (century < 0 || year < 0 || month < 1 || month > 12 || day < 1) return false;
  return day <= days_of_month(century * 100 + year, month);
}

bool is_time(std::string_view text) noexcept {
  if (text.size() <= kClockLength || text[2] != ':' || text[5] != ':') return false;
  const int hour = two_digits(text, 0);
  const int minute = two_digits(text, 3);
  const int second = two_digits(text, 6);
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60) return false;
  text.remove_prefix(kClockLength);
  if (text.front() == '.') {
    text.remove_prefix(1);
    if (!skip_digits(text)) return false;
  }
  int offset = 0;
  if (!read_offset(text, offset)) return false;
  const int utc = (hour * 60 + minute - offset + kMinutesPerDay) % kMinutesPerDay;
  return second < 60 || utc == kMinutesPerDay - 1;
}

bool is_date_time(std::string_view text) noexcept {
  if (text.size() <= kDateLength) return false;
  const char mark = text[kDateLength];
  return (mark == 'T' || mark == 't') && is_date(text.substr(0, kDateLength)) &&
         is_time(text.substr(kDateLength + 1));
}

bool is_duration(std::string_view text) noexcept {
  if (!text.starts_with('P')) return false;
  text.remove_prefix(1);
  if (text.ends_with('W')) return skip_digits(text) && text.size() == 1;
  const bool has_date = skip_parts(text, "YMD", 'T');
  if (text.empty()) return has_date;
  if (text.front() != 'T') return false;
  text.remove_prefix(1);
  return skip_parts(text, "HMS", '\0') && text.empty();
}

}  // namespace millrace::schema
