// SPDX-License-Identifier: Apache-2.0
#include "engine/record/json_text.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/check.h"

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

const char* skip_digits(const char* at, const char* end) noexcept {
  while (at != end && *at >= '0' && *at <= '9') ++at;
  return at;
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

}  // namespace

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

uint32_t take_escape(std::string_view& text) noexcept {
  const uint32_t unit = unicode_escape(text);
  if (unit == kNotHex) {
    MILLRACE_CHECK(text.size() >= 2);
    const char meant = simple_escape(text[1]);
    text.remove_prefix(2);
    return static_cast<unsigned char>(meant);
  }
  text.remove_prefix(kUnicodeEscapeBytes);
  if (is_high_surrogate(unit)) {
    const uint32_t low = unicode_escape(text);
    if (!is_low_surrogate(low)) return kReplacementCharacter;
    text.remove_prefix(kUnicodeEscapeBytes);
    return 0x10000 + ((unit - 0xD800) << 10 | (low - 0xDC00));
  }
  return is_low_surrogate(unit) ? kReplacementCharacter : unit;
}

uint32_t take_code_point(std::string_view& text) noexcept {
  const auto byte = [&text](size_t i) -> uint32_t { return static_cast<unsigned char>(text[i]); };
  const uint32_t first = byte(0);
  const size_t length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  uint32_t code_point = length == 1 ? first : first & (0xFFU >> (length + 1));
  for (size_t i = 1; i < length && i < text.size(); ++i) {
    code_point = code_point << 6 | (byte(i) & 0x3F);
  }
  text.remove_prefix(std::min(length, text.size()));
  return code_point;
}

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
    append_utf8(take_escape(rest), to);
  }
  to.append(rest);
}

bool is_json_number(std::string_view text) noexcept {
  const char* at = text.data();
  const char* const end = at + text.size();
  if (at != end && *at == '-') ++at;
  const char* const integer = at;
  at = skip_digits(at, end);
  if (at == integer || (*integer == '0' && at - integer > 1)) return false;
  if (at != end && *at == '.') {
    const char* const fraction = ++at;
    at = skip_digits(at, end);
    if (at == fraction) return false;
  }
  if (at != end && (*at == 'e' || *at == 'E')) {
    ++at;
    if (at != end && (*at == '-' || *at == '+')) ++at;
    const char* const exponent = at;
    at = skip_digits(at, end);
    if (at == exponent) return false;
  }
  return at == end;
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

std::optional<int64_t> integral_value(std::string_view number) noexcept {
  int64_t value = 0;
  const char* end = number.data() + number.size();
  if (const auto parsed = std::from_chars(number.data(), end, value);
      parsed.ec == std::errc{} && parsed.ptr == end)
    return value;
  if (!is_integral(number)) return std::nullopt;
  double floating = 0;
  if (const auto parsed = std::from_chars(number.data(), end, floating);
      parsed.ec != std::errc{} || parsed.ptr != end)
    return std::nullopt;
  // From 2^53 on a double no longer tells neighbouring integers apart.
  constexpr double kExactEnd = 9'007'199'254'740'992.0;
  if (floating <= -kExactEnd || floating >= kExactEnd) return std::nullopt;
  return static_cast<int64_t>(floating);
}

}  // namespace millrace::record
