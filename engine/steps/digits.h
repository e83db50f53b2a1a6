// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

// Numbers of a fixed width, as times are made of.
namespace millrace::steps {

inline constexpr std::array<char, 200> kTwoDigits = [] {
  std::array<char, 200> digits{};
  for (size_t i = 0; i < 100; ++i) {
    digits[2 * i] = static_cast<char>('0' + i / 10);
    digits[2 * i + 1] = static_cast<char>('0' + i % 10);
  }
  return digits;
}();

// Requires: value < 100. Returns the end, as all of these do.
inline char* write_two_digits(uint32_t value, char* to) noexcept {
  std::memcpy(to, kTwoDigits.data() + 2 * size_t{value}, 2);
  return to + 2;
}

// The last `count` digits, with leading zeros.
inline char* write_digits(uint32_t value, int count, char* to) noexcept {
  for (int i = count - 1; i >= 0; --i) {
    to[i] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
  return to + count;
}

// "2024-07-10". Requires: the day lies within the years 1 to 9999.
char* write_date(int64_t day, char* to) noexcept;

// "23:47:48". Requires: second_of_day < 86,400.
inline char* write_time_of_day(uint32_t second_of_day, char* to) noexcept {
  const uint32_t minute_of_day = second_of_day / 60;
  to = write_two_digits(minute_of_day / 60, to);
  *to++ = ':';
  to = write_two_digits(minute_of_day % 60, to);
  *to++ = ':';
  return write_two_digits(second_of_day % 60, to);
}

}  // namespace millrace::steps
