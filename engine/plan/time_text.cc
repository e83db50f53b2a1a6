// SPDX-License-Identifier: Apache-2.0
#include "engine/plan/time_text.h"

#include <charconv>
#include <chrono>

#include "engine/record/json_walk.h"

namespace millrace::plan {
namespace {

char* write_digits(uint32_t value, int digits, char* to) {
  for (int i = digits - 1; i >= 0; --i) {
    to[i] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
  return to + digits;
}

}  // namespace

void write_rfc3339(int64_t unix_seconds, char* to) noexcept {
  const std::chrono::sys_seconds time{std::chrono::seconds{unix_seconds}};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{day};
  const auto second_of_day = static_cast<uint32_t>((time - day).count());
  to = write_digits(static_cast<uint32_t>(static_cast<int>(date.year())), 4, to);
  *to++ = '-';
  to = write_digits(static_cast<unsigned>(date.month()), 2, to);
  *to++ = '-';
  to = write_digits(static_cast<unsigned>(date.day()), 2, to);
  *to++ = 'T';
  to = write_digits(second_of_day / 3600, 2, to);
  *to++ = ':';
  to = write_digits(second_of_day / 60 % 60, 2, to);
  *to++ = ':';
  to = write_digits(second_of_day % 60, 2, to);
  *to = 'Z';
}

std::optional<int64_t> integral_value(std::string_view number) noexcept {
  int64_t value = 0;
  const char* end = number.data() + number.size();
  if (const auto parsed = std::from_chars(number.data(), end, value);
      parsed.ec == std::errc{} && parsed.ptr == end)
    return value;
  if (!record::is_integral(number)) return std::nullopt;
  double floating = 0;
  if (const auto parsed = std::from_chars(number.data(), end, floating);
      parsed.ec != std::errc{} || parsed.ptr != end)
    return std::nullopt;
  // From 2^53 on a double no longer tells neighbouring integers apart.
  constexpr double kExactEnd = 9'007'199'254'740'992.0;
  if (floating <= -kExactEnd || floating >= kExactEnd) return std::nullopt;
  return static_cast<int64_t>(floating);
}

}  // namespace millrace::plan
