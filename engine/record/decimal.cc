// SPDX-License-Identifier: Apache-2.0
#include "engine/record/decimal.h"

#include <algorithm>
#include <cstddef>
#include <limits>

#include "engine/base/check.h"

namespace millrace::record {

namespace {

__extension__ using Wide = unsigned __int128;

// Integers of so many characters are computed with in 64 bits.
constexpr size_t kShortMax = 18;
// A divisor of so many digits leaves room for remainder * 10 + 9 in Wide.
constexpr size_t kDivisorDigitsMax = 37;
// Differences of exponents beyond a sixteenth of this are all the same: texts are much shorter.
constexpr int64_t kFar = int64_t{1} << 60;

bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

int64_t digit_of(char c) noexcept {
  return c - '0';
}

int sign_of(int64_t value) noexcept {
  return (value > 0) - (value < 0);
}

// The value of an integer of at most kShortMax characters, '-' included; false for anything else.
bool read_short(std::string_view text, int64_t& value) noexcept {
  if (text.size() > kShortMax || text.empty()) return false;
  const bool negative = text.front() == '-';
  int64_t read = 0;
  for (size_t i = negative ? 1 : 0; i < text.size(); ++i) {
    if (!is_digit(text[i])) return false;
    read = read * 10 + digit_of(text[i]);
  }
  value = negative ? -read : read;
  return true;
}

// The digits of a number between its first and its last that is not 0, without the point.
class Digits {
 public:
  Digits() = default;

  // `text` holds digits and perhaps a point at `point`, which is the text's size without one.
  Digits(std::string_view text, size_t point) noexcept : text_(text), point_(point) {}

  [[nodiscard]] size_t size() const noexcept {
    return text_.size() - (point_ < text_.size() ? 1 : 0);
  }

  [[nodiscard]] char operator[](size_t i) const noexcept { return text_[i < point_ ? i : i + 1]; }

 private:
  std::string_view text_;
  size_t point_ = 0;
};

// A number as 0.DIGITS * 10^(exponent + shift). The exponent may be larger than any machine type,
// so it stays text; the shift, which comes from the place of the point, is about the text's size.
struct Decimal {
  bool negative = false;
  Digits digits;  // none: the number is zero
  bool exponent_negative = false;
  std::string_view exponent;  // its digits, without leading zeros
  int64_t shift = 0;

  [[nodiscard]] bool is_zero() const noexcept { return digits.size() == 0; }

  [[nodiscard]] int sign() const noexcept { return is_zero() ? 0 : negative ? -1 : 1; }
};

// Takes the exponent, `text` without its mark, into the number.
void read_exponent(std::string_view text, Decimal& number) noexcept {
  number.exponent_negative = text.starts_with('-');
  const size_t first = text.find_first_of("123456789");
  number.exponent = text.substr(std::min(first, text.size()));
}

Decimal read_decimal(std::string_view text) noexcept {
  Decimal number;
  if (text.starts_with('-')) {
    number.negative = true;
    text.remove_prefix(1);
  }
  size_t first = text.size();  // the place of the first digit that is not 0
  size_t last = 0;             // and of the last
  size_t point = text.size();
  size_t i = 0;
  for (; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '0') continue;
    if (is_digit(c)) {
      first = std::min(first, i);
      last = i;
    } else if (c == '.') {
      point = i;
    } else {
      break;
    }
  }
  if (first == text.size()) return Decimal{};
  if (i < text.size()) read_exponent(text.substr(i + 1), number);
  point = std::min(point, i);
  // 0.DIGITS: the point goes to just before the first digit.
  number.shift = static_cast<int64_t>(point) - static_cast<int64_t>(first);
  if (first > point) ++number.shift;
  const std::string_view digits = text.substr(first, last - first + 1);
  number.digits = Digits(digits, point > first && point < last ? point - first : digits.size());
  return number;
}

// The exponent, wrapped to 64 bits: equal for equal numbers.
uint64_t wrapped_exponent(const Decimal& number) noexcept {
  uint64_t exponent = 0;
  for (const char c : number.exponent) exponent = exponent * 10 + static_cast<uint64_t>(c - '0');
  return (number.exponent_negative ? 0 - exponent : exponent) + static_cast<uint64_t>(number.shift);
}

// Folds one more digit into a difference that is taken from the first digit on. Once it is far from
// zero no later digit can bring it back.
int64_t fold(int64_t difference, int64_t digit) noexcept {
  if (difference >= kFar / 16 || difference <= -kFar / 16) return difference > 0 ? kFar : -kFar;
  return difference * 10 + digit;
}

// The written exponent of a less that of b, limited to ±kFar.
int64_t exponent_difference(const Decimal& a, const Decimal& b) noexcept {
  const size_t length = std::max(a.exponent.size(), b.exponent.size());
  const auto digit_at = [length](const Decimal& number, size_t i) {
    const size_t padding = length - number.exponent.size();
    if (i < padding) return int64_t{0};
    const int64_t digit = digit_of(number.exponent[i - padding]);
    return number.exponent_negative ? -digit : digit;
  };
  int64_t difference = 0;
  for (size_t i = 0; i < length; ++i) {
    difference = fold(difference, digit_at(a, i) - digit_at(b, i));
  }
  return difference;
}

int compare_digits(const Digits& a, const Digits& b) noexcept {
  const size_t common = std::min(a.size(), b.size());
  for (size_t i = 0; i < common; ++i) {
    if (a[i] != b[i]) return a[i] < b[i] ? -1 : 1;
  }
  if (a.size() == b.size()) return 0;
  return a.size() < b.size() ? -1 : 1;
}

// Compares the magnitudes of numbers that are not zero.
int compare_magnitudes(const Decimal& a, const Decimal& b) noexcept {
  const int64_t difference = exponent_difference(a, b) + (a.shift - b.shift);
  return difference != 0 ? sign_of(difference) : compare_digits(a.digits, b.digits);
}

// The power of ten that the digits, taken as an integer, are multiplied by, limited to ±kFar.
int64_t integer_exponent(const Decimal& number) noexcept {
  return exponent_difference(number, Decimal{}) + number.shift -
         static_cast<int64_t>(number.digits.size());
}

// Whether d divides n * 10^power. Integer has room for d * 10.
template <typename Integer>
bool divides(const Digits& divisor, const Digits& digits, int64_t power) noexcept {
  Integer d = 0;
  for (size_t i = 0; i < divisor.size(); ++i) d = d * 10 + static_cast<Integer>(divisor[i] - '0');
  Integer remainder = 0;
  for (size_t i = 0; i < digits.size(); ++i) {
    remainder = remainder * 10 + static_cast<Integer>(digits[i] - '0');
    if (remainder >= d) remainder %= d;
  }
  // A divisor of 123 bits holds the factor 2 at most 122 times, and 5 less often: the powers of ten
  // beyond that change nothing.
  for (int64_t i = std::min<int64_t>(power, 123); i > 0 && remainder != 0; --i) {
    remainder = remainder * 10 % d;
  }
  return remainder == 0;
}

uint64_t mix(uint64_t hash, uint64_t value) noexcept {
  hash = (hash ^ value) * 0x9E3779B97F4A7C15U;
  return hash ^ (hash >> 29U);
}

}  // namespace

int compare_numbers(std::string_view a, std::string_view b) noexcept {
  int64_t short_a = 0;
  int64_t short_b = 0;
  if (read_short(a, short_a) && read_short(b, short_b)) return sign_of(short_a - short_b);
  const Decimal left = read_decimal(a);
  const Decimal right = read_decimal(b);
  if (left.sign() != right.sign()) return left.sign() < right.sign() ? -1 : 1;
  if (left.is_zero()) return 0;
  const int order = compare_magnitudes(left, right);
  return left.negative ? -order : order;
}

bool equal_numbers(std::string_view a, std::string_view b) noexcept {
  return a == b || compare_numbers(a, b) == 0;
}

bool is_whole_number(std::string_view number) noexcept {
  int64_t value = 0;
  if (read_short(number, value)) return true;
  const Decimal decimal = read_decimal(number);
  return decimal.is_zero() || integer_exponent(decimal) >= 0;
}

bool is_usable_divisor(std::string_view divisor) noexcept {
  const Decimal decimal = read_decimal(divisor);
  return decimal.sign() > 0 && decimal.digits.size() <= kDivisorDigitsMax;
}

bool is_multiple_of(std::string_view number, std::string_view divisor) noexcept {
  int64_t dividend = 0;
  int64_t by = 0;
  if (read_short(number, dividend) && read_short(divisor, by) && by > 0) return dividend % by == 0;
  const Decimal n = read_decimal(number);
  const Decimal d = read_decimal(divisor);
  MILLRACE_CHECK(d.sign() > 0 && d.digits.size() <= kDivisorDigitsMax);
  if (n.is_zero()) return true;
  const int64_t power =
      exponent_difference(n, d) + (n.shift - d.shift) -
      (static_cast<int64_t>(n.digits.size()) - static_cast<int64_t>(d.digits.size()));
  // A multiple of 10, which n, whose last digit is not 0, cannot be a multiple of.
  if (power < 0) return false;
  if (d.digits.size() <= kShortMax) return divides<uint64_t>(d.digits, n.digits, power);
  return divides<Wide>(d.digits, n.digits, power);
}

uint64_t hash_number(std::string_view number) noexcept {
  const Decimal decimal = read_decimal(number);
  if (decimal.is_zero()) return 0;
  uint64_t hash = mix(decimal.negative ? 2 : 1, wrapped_exponent(decimal));
  uint64_t chunk = 0;
  for (size_t i = 0; i < decimal.digits.size(); ++i) {
    chunk = chunk * 10 + static_cast<uint64_t>(decimal.digits[i] - '0');
    if (i % kShortMax == kShortMax - 1) {
      hash = mix(hash, chunk);
      chunk = 0;
    }
  }
  return mix(hash, chunk);
}

}  // namespace millrace::record
