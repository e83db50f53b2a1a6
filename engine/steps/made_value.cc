// SPDX-License-Identifier: Apache-2.0
#include "engine/steps/made_value.h"

#include <algorithm>
#include <cstddef>
#include <cstring>

namespace millrace::steps {
namespace {

constexpr size_t kUnicodeEscapeBytes = 6;

// The letter of the two-byte escape of a character that must be escaped, 'u' where it has none; 0
// where nothing must be done.
char escape_letter(char c) noexcept {
  switch (c) {
    case '"':
    case '\\':
      return c;
    case '\b':
      return 'b';
    case '\f':
      return 'f';
    case '\n':
      return 'n';
    case '\r':
      return 'r';
    case '\t':
      return 't';
    default:
      return static_cast<unsigned char>(c) < 0x20 ? 'u' : '\0';
  }
}

// What escaping adds.
size_t escape_bytes(std::string_view content) noexcept {
  size_t bytes = 0;
  for (const char c : content) {
    const char letter = escape_letter(c);
    if (letter != '\0') bytes += letter == 'u' ? kUnicodeEscapeBytes - 1 : 1;
  }
  return bytes;
}

char* write_escaped(std::string_view content, char* to) noexcept {
  static constexpr char kHex[] = "0123456789abcdef";
  for (const char c : content) {
    const char letter = escape_letter(c);
    if (letter == '\0') {
      *to++ = c;
      continue;
    }
    *to++ = '\\';
    *to++ = letter;
    if (letter != 'u') continue;
    const auto byte = static_cast<unsigned char>(c);
    *to++ = '0';
    *to++ = '0';
    *to++ = kHex[byte >> 4];
    *to++ = kHex[byte & 0xF];
  }
  return to;
}

record::ValueKind kind_of(char first) noexcept {
  switch (first) {
    case '"':
      return record::ValueKind::kString;
    case '{':
      return record::ValueKind::kObject;
    case '[':
      return record::ValueKind::kArray;
    case 't':
    case 'f':
      return record::ValueKind::kBoolean;
    case 'n':
      return record::ValueKind::kNull;
    default:
      return record::ValueKind::kNumber;
  }
}

}  // namespace

record::JsonValue value_of(std::string_view json) noexcept {
  const record::ValueKind kind = kind_of(json.front());
  const bool escaped =
      kind == record::ValueKind::kString && json.find('\\') != std::string_view::npos;
  return {json, kind, escaped};
}

record::JsonValue string_value(std::string_view content, record::Arena& arena) noexcept {
  const size_t added = escape_bytes(content);
  const size_t size = content.size() + added + 2;
  char* text = arena.take(size);
  text[0] = '"';
  if (added == 0) {
    std::copy(content.begin(), content.end(), text + 1);
  } else {
    write_escaped(content, text + 1);
  }
  text[size - 1] = '"';
  return {{text, size}, record::ValueKind::kString, added != 0};
}

record::ParseError put(record::Document& document, record::NodeIndex at,
                       const record::JsonValue& value) noexcept {
  if (value.kind == record::ValueKind::kObject || value.kind == record::ValueKind::kArray)
    return document.graft(at, value.text);
  document.replace(at, value);
  return record::ParseError::kNone;
}

}  // namespace millrace::steps
