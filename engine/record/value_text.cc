// SPDX-License-Identifier: Apache-2.0
#include "engine/record/value_text.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/limits.h"
#include "engine/record/ascii_text.h"
#include "engine/record/json_text.h"

namespace millrace::record {
namespace {

constexpr size_t kShownBytesMax = base::limits::kReasonTextBytesMax / 2;
constexpr std::string_view kCutMark = "…";

struct Range {
  uint32_t first;
  uint32_t last;
};

// Control, format, private-use and separator characters but the space (Unicode 15), which repr()
// escapes; the last row ends the search. It escapes unassigned ones too, which are shown here.
constexpr std::array<Range, 29> kUnprintable{{
    {0x0, 0x1F},          {0x7F, 0xA0},           {0xAD, 0xAD},
    {0x600, 0x605},       {0x61C, 0x61C},         {0x6DD, 0x6DD},
    {0x70F, 0x70F},       {0x890, 0x891},         {0x8E2, 0x8E2},
    {0x1680, 0x1680},     {0x180E, 0x180E},       {0x2000, 0x200F},
    {0x2028, 0x202F},     {0x205F, 0x2064},       {0x2066, 0x206F},
    {0x3000, 0x3000},     {0xE000, 0xF8FF},       {0xFEFF, 0xFEFF},
    {0xFFF9, 0xFFFB},     {0x110BD, 0x110BD},     {0x110CD, 0x110CD},
    {0x13430, 0x1343F},   {0x1BCA0, 0x1BCA3},     {0x1D173, 0x1D17A},
    {0xE0001, 0xE0001},   {0xE0020, 0xE007F},     {0xF0000, 0xFFFFD},
    {0x100000, 0x10FFFD}, {0x110000, UINT32_MAX},
}};

bool is_printable(uint32_t character) noexcept {
  const auto range =
      std::lower_bound(kUnprintable.begin(), kUnprintable.end(), character,
                       [](const Range& known, uint32_t wanted) { return known.last < wanted; });
  return character < range->first;
}

void append_hex(char letter, size_t digits, uint32_t character, std::string& to) {
  constexpr std::string_view kHex = "0123456789abcdef";
  to += '\\';
  to += letter;
  for (size_t i = digits; i > 0; --i) to += kHex[character >> (4 * (i - 1)) & 0xF];
}

void append_character(uint32_t character, char quote, std::string& to) {
  if (character == static_cast<unsigned char>(quote) || character == '\\') {
    to += '\\';
    to += static_cast<char>(character);
  } else if (character == '\n') {
    to += "\\n";
  } else if (character == '\r') {
    to += "\\r";
  } else if (character == '\t') {
    to += "\\t";
  } else if (is_printable(character)) {
    append_utf8(character, to);
  } else if (character < 0x100) {
    append_hex('x', 2, character, to);
  } else if (character < 0x10000) {
    append_hex('u', 4, character, to);
  } else {
    append_hex('U', 8, character, to);
  }
}

// Takes the character at the start of a string's content, escaped or not.
uint32_t take_character(std::string_view& content) {
  return content.front() == '\\' ? take_escape(content) : take_code_point(content);
}

// repr() takes double quotes where that spares escapes.
char quote_of(std::string_view content) {
  bool has_single = false;
  while (!content.empty()) {
    const uint32_t character = take_character(content);
    if (character == '"') return '\'';
    has_single |= character == '\'';
  }
  return has_single ? '"' : '\'';
}

// Appends a JSON string up to a length of `to`; false where the string is longer.
bool append_string(std::string_view string_text, size_t end, std::string& to) {
  std::string_view rest = string_text.substr(1, string_text.size() - 2);
  if (to.size() + 1 + rest.size() <= end && needs_no_escape(rest) && rest.find('\'') == rest.npos) {
    to.append(1, '\'').append(rest).append(1, '\'');
    return true;
  }
  const char quote = quote_of(rest);
  to += quote;
  while (!rest.empty() && to.size() < end) append_character(take_character(rest), quote, to);
  const bool whole = rest.empty();
  if (!whole) to += kCutMark;
  to += quote;
  return whole;
}

// The length of the string, number or literal at the start of `text`.
size_t token_size(std::string_view text) {
  if (text.front() != '"') return std::min(text.find_first_of(" \t\r\n,:]}"), text.size());
  size_t at = 1;
  while (text[at] != '"') at += text[at] == '\\' ? 2U : 1U;
  return at + 1;
}

void append_scalar(std::string_view text, std::string& to) {
  to += text == "null" ? "None" : text == "true" ? "True" : text == "false" ? "False" : text;
}

// Token by token: what stands between is the same in Python, but for the white space.
void append_container(std::string_view text, size_t end, std::string& to) {
  while (!text.empty() && to.size() < end) {
    const char first = text.front();
    if (std::string_view(" \t\r\n").find(first) != std::string_view::npos) {
      text.remove_prefix(1);
    } else if (std::string_view("{}[],:").find(first) != std::string_view::npos) {
      to += first;
      if (first == ',' || first == ':') to += ' ';
      text.remove_prefix(1);
    } else {
      const std::string_view token = text.substr(0, token_size(text));
      text.remove_prefix(token.size());
      if (first == '"') {
        if (!append_string(token, end, to)) return;
      } else if (to.size() + token.size() > end) {
        to.append(token, 0, end - to.size()).append(kCutMark);
        return;
      } else {
        append_scalar(token, to);
      }
    }
  }
  if (!text.empty()) to += kCutMark;
}

}  // namespace

std::string_view cut_text(std::string_view text, size_t bytes_max) noexcept {
  if (text.size() <= bytes_max) return text;
  size_t end = bytes_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return text.substr(0, end);
}

std::string_view unescaped(const JsonValue& value, std::string& scratch) {
  scratch.clear();
  append_unescaped(value.text, scratch);
  return scratch;
}

void append_shown(const JsonValue& value, std::string& to) {
  const size_t end = to.size() + kShownBytesMax;
  switch (value.kind) {
    case ValueKind::kString:
      append_string(value.text, end, to);
      return;
    case ValueKind::kNull:
    case ValueKind::kBoolean:
      append_scalar(value.text, to);
      return;
    case ValueKind::kNumber:
      to += value.text.substr(0, kShownBytesMax);
      if (value.text.size() > kShownBytesMax) to += kCutMark;
      return;
    case ValueKind::kObject:
    case ValueKind::kArray:
      append_container(value.text, end, to);
      return;
  }
}

void append_pointer_token(std::string_view name, std::string& to) {
  for (const char c : name) {
    if (c == '~') {
      to += "~0";
    } else if (c == '/') {
      to += "~1";
    } else {
      to += c;
    }
  }
}

}  // namespace millrace::record
