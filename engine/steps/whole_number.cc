// SPDX-License-Identifier: Apache-2.0
#include "engine/steps/whole_number.h"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstring>

namespace millrace::steps {
namespace {

constexpr size_t kDigitsMax = 18;  // any so many digits fit

bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

// Eight digits at once: each step adds neighbours up, in all lanes of one word. (D. Lemire,
// "Quickly parsing eight digits", 2018.)
constexpr size_t kDigitsAtOnce = 8;

bool are_digits(uint64_t eight) noexcept {
  // No byte is above '9' or below '0'.
  constexpr uint64_t kTopBits = 0x8080808080808080;
  return (((eight + 0x4646464646464646) | (eight - 0x3030303030303030)) & kTopBits) == 0;
}

int64_t value_of(uint64_t eight) noexcept {
  eight = (eight & 0x0F0F0F0F0F0F0F0F) * (10 * 256 + 1) >> 8;
  eight = (eight & 0x00FF00FF00FF00FF) * (100 * 65'536 + 1) >> 16;
  return static_cast<int64_t>((eight & 0x0000FFFF0000FFFF) * (10'000 * (uint64_t{1} << 32) + 1) >>
                              32);
}

// An exponent's value. It stops growing far beyond the length of any record.
int64_t exponent_value(std::string_view text) noexcept {
  constexpr int64_t kFarBeyond = int64_t{1} << 50;
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  int64_t value = 0;
  for (const char digit : text) value = std::min(value * 10 + (digit - '0'), kFarBeyond);
  return negative ? -value : value;
}

// The digits before the point of `mantissa` moved by `exponent`, one after the other.
WholePart whole_part_of(std::string_view mantissa, int64_t exponent) noexcept {
  const size_t point = std::min(mantissa.find('.'), mantissa.size());
  int64_t before_point = static_cast<int64_t>(point) + exponent;  // digits that are
  WholePart part;
  size_t digits = 0;  // of the value, without leading zeros
  for (const char c : mantissa) {
    if (c == '.') continue;
    if (before_point <= 0) {
      part.fraction = part.fraction || c != '0';
      continue;
    }
    --before_point;
    if (digits > 0 || c != '0') ++digits;
    if (digits <= kDigitsMax) part.value = part.value * 10 + (c - '0');
  }
  for (; digits > 0 && digits <= kDigitsMax && before_point > 0; --before_point) {
    ++digits;
    if (digits <= kDigitsMax) part.value *= 10;
  }
  part.too_large = digits > kDigitsMax;
  return part;
}

}  // namespace

std::optional<IntegerDigits> integer_digits(std::string_view number) noexcept {
  IntegerDigits integer;
  integer.negative_ = number.starts_with('-');
  if (integer.negative_) number.remove_prefix(1);
  const size_t e = std::min(number.find_first_of("eE"), number.size());
  const int64_t exponent = e == number.size() ? 0 : exponent_value(number.substr(e + 1));
  const std::string_view mantissa = number.substr(0, e);
  const size_t point = std::min(mantissa.find('.'), mantissa.size());
  const size_t first = mantissa.find_first_not_of("0.");
  if (first == std::string_view::npos) return std::nullopt;
  const size_t last = mantissa.find_last_not_of("0.");

  // How far right of the point a digit stands; those left of it are below zero.
  const auto place_of = [&](size_t at) {
    return static_cast<int64_t>(at < point ? at : at - 1) - static_cast<int64_t>(point) - exponent;
  };
  constexpr int64_t kDigitsLimit = int64_t{1} << 32;
  const int64_t count = -place_of(first);
  if (place_of(last) >= 0 || count > kDigitsLimit) return std::nullopt;
  integer.mantissa_ = mantissa.substr(first, last - first + 1);
  integer.size_ = static_cast<size_t>(count) + (integer.negative_ ? 1 : 0);
  return integer;
}

char* IntegerDigits::write(char* to) const noexcept {
  const char* end = to + size_;
  if (negative_) *to++ = '-';
  to = std::copy_if(mantissa_.begin(), mantissa_.end(), to, is_digit);
  return std::fill_n(to, end - to, '0');
}

WholePart whole_part(std::string_view number) noexcept {
  const bool negative = number.starts_with('-');
  if (negative) number.remove_prefix(1);
  WholePart part;
  size_t digits = 0;
  if (number.size() <= kDigitsMax) {
    static_assert(std::endian::native == std::endian::little);
    for (; number.size() - digits >= kDigitsAtOnce; digits += kDigitsAtOnce) {
      uint64_t eight = 0;
      std::memcpy(&eight, number.data() + digits, kDigitsAtOnce);
      if (!are_digits(eight)) break;
      part.value = part.value * 100'000'000 + value_of(eight);
    }
    for (; digits < number.size() && is_digit(number[digits]); ++digits)
      part.value = part.value * 10 + (number[digits] - '0');
  }
  if (digits < number.size()) [[unlikely]] {
    const size_t e = std::min(number.find_first_of("eE"), number.size());
    const int64_t exponent = e == number.size() ? 0 : exponent_value(number.substr(e + 1));
    part = whole_part_of(number.substr(0, e), exponent);
  }
  if (negative) part.value = -part.value;
  return part;
}

}  // namespace millrace::steps
