// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "engine/record/decimal.h"

// Short ways for the numbers that records are full of: whole, of few digits, without an exponent.
namespace millrace::schema {

// Whether a JSON number has neither a point nor an exponent.
[[nodiscard]] inline bool is_plain(std::string_view number) noexcept {
  // Of the bytes of a number only digits have this bit, the signs, '.', 'e' and 'E' do not.
  constexpr uint64_t kDigitBits = 0x1010101010101010U;
  if (number.front() == '-') number.remove_prefix(1);
  const char* at = number.data();
  size_t left = number.size();
  if (left >= sizeof(uint64_t)) {
    uint64_t word = 0;
    std::memcpy(&word, at + left - sizeof(word), sizeof(word));
    uint64_t digits = word;
    for (; left > sizeof(word); left -= sizeof(word), at += sizeof(word)) {
      std::memcpy(&word, at, sizeof(word));
      digits &= word;
      if (left < 2 * sizeof(word)) break;
    }
    return (digits & kDigitBits) == kDigitBits;
  }
  for (; left > 0; --left, ++at) {
    if ((static_cast<unsigned char>(*at) & 0x10U) == 0) return false;
  }
  return true;
}

[[nodiscard]] inline bool is_whole(std::string_view number) noexcept {
  return is_plain(number) || record::is_whole_number(number);
}

// A number of few digits without an exponent: whole + something from 0 to below 1.
struct ShortNumber {
  bool known = false;  // it is one, otherwise there is nothing here
  int64_t whole = 0;
  bool fraction = false;  // there is something
};

[[nodiscard]] inline ShortNumber short_number(std::string_view number) noexcept {
  constexpr size_t kDigitsMax = 18;
  const bool negative = number.front() == '-';
  if (negative) number.remove_prefix(1);
  if (number.size() > kDigitsMax) return {};
  ShortNumber result{true, 0, false};
  size_t i = 0;
  for (; i < number.size() && number[i] >= '0' && number[i] <= '9'; ++i) {
    result.whole = result.whole * 10 + (number[i] - '0');
  }
  if (i < number.size() && number[i] != '.') return {};
  for (++i; i < number.size(); ++i) {
    if (number[i] < '0' || number[i] > '9') return {};
    result.fraction = result.fraction || number[i] != '0';
  }
  if (negative) result.whole = -result.whole - (result.fraction ? 1 : 0);
  return result;
}

}  // namespace millrace::schema
