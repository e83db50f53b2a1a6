// SPDX-License-Identifier: Apache-2.0
#include "engine/record/json_text.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "engine/base/check.h"
#include "engine/record/json_walk.h"

namespace millrace::record {

namespace {

constexpr size_t kUnicodeEscapeBytes = 6;  // \u00e9
constexpr uint32_t kReplacementCharacter = 0xFFFD;
constexpr uint32_t kNotHex = 0x10000;  // above every value of four digits

struct NumberParts {
  std::string_view integer;   // without the sign
  std::string_view fraction;  // without the point, empty without one
  std::string_view exponent;  // without the e and the sign, empty without one
  bool negative_exponent = false;
};

std::string_view take_digits(std::string_view& rest) noexcept {
  size_t count = 0;
  while (count < rest.size() && rest[count] >= '0' && rest[count] <= '9') ++count;
  const std::string_view digits = rest.substr(0, count);
  rest.remove_prefix(count);
  return digits;
}

// Splits `text` by the grammar -?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?; false where it does
// not match as a whole.
bool split_number(std::string_view text, NumberParts& parts) noexcept {
  if (text.starts_with('-')) text.remove_prefix(1);
  parts.integer = take_digits(text);
  if (parts.integer.empty()) return false;
  if (parts.integer.size() > 1 && parts.integer.front() == '0') return false;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    parts.fraction = take_digits(text);
    if (parts.fraction.empty()) return false;
  }
  if (text.starts_with('e') || text.starts_with('E')) {
    text.remove_prefix(1);
    parts.negative_exponent = text.starts_with('-');
    if (parts.negative_exponent || text.starts_with('+')) text.remove_prefix(1);
    parts.exponent = take_digits(text);
    if (parts.exponent.empty()) return false;
  }
  return text.empty();
}

// An exponent as a number. It stops growing far beyond the length of any document, where all
// exponents mean the same to is_integral.
int64_t exponent_value(const NumberParts& parts) noexcept {
  constexpr int64_t kFarBeyond = int64_t{1} << 50;
  int64_t value = 0;
  for (const char digit : parts.exponent) value = std::min(value * 10 + (digit - '0'), kFarBeyond);
  return parts.negative_exponent ? -value : value;
}

// How many zeros end `digits`.
size_t trailing_zeros(std::string_view digits) noexcept {
  const size_t last = digits.find_last_not_of('0');
  return last == std::string_view::npos ? digits.size() : digits.size() - last - 1;
}

uint32_t hex_digit(char c) noexcept {
  if (c >= '0' && c <= '9') return static_cast<uint32_t>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<uint32_t>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<uint32_t>(c - 'A' + 10);
  return kNotHex;
}

// The code unit of a \uXXXX at the start of `text`, or kNotHex where there is none.
uint32_t unicode_escape(std::string_view text) noexcept {
  if (text.size() < kUnicodeEscapeBytes || text[0] != '\\' || text[1] != 'u') return kNotHex;
  uint32_t unit = 0;
  for (size_t i = 2; i < kUnicodeEscapeBytes; ++i) {
    const uint32_t digit = hex_digit(text[i]);
    if (digit == kNotHex) return kNotHex;
    unit = unit << 4 | digit;
  }
  return unit;
}

bool is_high_surrogate(uint32_t unit) noexcept {
  return unit >= 0xD800 && unit <= 0xDBFF;
}

bool is_low_surrogate(uint32_t unit) noexcept {
  return unit >= 0xDC00 && unit <= 0xDFFF;
}

void append_utf8(uint32_t code_point, std::string& to) {
  const auto byte = [](uint32_t bits) { return static_cast<char>(static_cast<uint8_t>(bits)); };
  if (code_point < 0x80) {
    to.push_back(byte(code_point));
    return;
  }
  if (code_point < 0x800) {
    to.push_back(byte(0xC0 | code_point >> 6));
  } else {
    if (code_point < 0x10000) {
      to.push_back(byte(0xE0 | code_point >> 12));
    } else {
      to.push_back(byte(0xF0 | code_point >> 18));
      to.push_back(byte(0x80 | (code_point >> 12 & 0x3F)));
    }
    to.push_back(byte(0x80 | (code_point >> 6 & 0x3F)));
  }
  to.push_back(byte(0x80 | (code_point & 0x3F)));
}

// What the letter of a two-byte escape stands for; 0 where it is none.
char simple_escape(char letter) noexcept {
  switch (letter) {
    case '"':
    case '\\':
    case '/':
      return letter;
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return '\0';
  }
}

// Appends what the escape at the start of `text` stands for; returns its length.
size_t append_escape(std::string_view text, std::string& to) {
  const uint32_t unit = unicode_escape(text);
  if (unit == kNotHex) {
    MILLRACE_CHECK(text.size() >= 2);
    to.push_back(simple_escape(text[1]));
    return 2;
  }
  if (is_high_surrogate(unit)) {
    const uint32_t low = unicode_escape(text.substr(kUnicodeEscapeBytes));
    if (is_low_surrogate(low)) {
      append_utf8(0x10000 + ((unit - 0xD800) << 10 | (low - 0xDC00)), to);
      return 2 * kUnicodeEscapeBytes;
    }
  }
  const bool lone = is_high_surrogate(unit) || is_low_surrogate(unit);
  append_utf8(lone ? kReplacementCharacter : unit, to);
  return kUnicodeEscapeBytes;
}

}  // namespace

bool has_valid_escapes(std::string_view content) noexcept {
  for (size_t at = content.find('\\'); at != std::string_view::npos; at = content.find('\\', at)) {
    const std::string_view rest = content.substr(at);
    if (rest.size() < 2) return false;
    if (simple_escape(rest[1]) != '\0') {
      at += 2;
      continue;
    }
    const uint32_t unit = unicode_escape(rest);
    if (unit == kNotHex || is_low_surrogate(unit)) return false;
    at += kUnicodeEscapeBytes;
    if (is_high_surrogate(unit)) {
      if (!is_low_surrogate(unicode_escape(rest.substr(kUnicodeEscapeBytes)))) return false;
      at += kUnicodeEscapeBytes;
    }
  }
  return true;
}

void append_unescaped(std::string_view string_text, std::string& to) {
  MILLRACE_CHECK(string_text.size() >= 2);
  std::string_view rest = string_text.substr(1, string_text.size() - 2);
  for (size_t at = rest.find('\\'); at != std::string_view::npos; at = rest.find('\\')) {
    to.append(rest, 0, at);
    rest.remove_prefix(at);
    rest.remove_prefix(append_escape(rest, to));
  }
  to.append(rest);
}

bool is_json_number(std::string_view text) {
  NumberParts parts;
  return split_number(text, parts);
}

// The value is D * 10^(exponent - fraction digits), D being all digits in a row; z zeros at the end
// of D make it integral down to an exponent of -z.
bool is_integral(std::string_view number) {
  NumberParts parts;
  if (!split_number(number, parts)) return false;
  size_t zeros = trailing_zeros(parts.fraction);
  if (zeros == parts.fraction.size()) {
    const size_t more = trailing_zeros(parts.integer);
    if (more == parts.integer.size()) return true;  // zero, whatever the exponent
    zeros += more;
  }
  return static_cast<int64_t>(zeros) + exponent_value(parts) >=
         static_cast<int64_t>(parts.fraction.size());
}

}  // namespace millrace::record
