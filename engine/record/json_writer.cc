// SPDX-License-Identifier: Apache-2.0
#include "engine/record/json_writer.h"

#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include "engine/base/check.h"
#include "engine/record/ascii_text.h"

namespace millrace::record {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

struct Sequence {
  size_t length;
  bool well_formed;
};

// The character at the start of `text`, or the part of one that is there, by table 3-7 of the
// Unicode standard: what may follow a first byte excludes overlong forms, surrogates and numbers
// beyond U+10FFFF. Requires: `text` is not empty.
Sequence next_sequence(std::string_view text) {
  const auto byte = [text](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return {1, true};
  if (first < 0xC2 || first > 0xF4) return {1, false};

  const size_t length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  unsigned char low = 0x80;
  unsigned char high = 0xBF;
  if (first == 0xE0) low = 0xA0;
  if (first == 0xED) high = 0x9F;
  if (first == 0xF0) low = 0x90;
  if (first == 0xF4) high = 0x8F;
  for (size_t i = 1; i < length; ++i) {
    if (i >= text.size() || byte(i) < low || byte(i) > high) return {i, false};
    low = 0x80;
    high = 0xBF;
  }
  return {length, true};
}

void append_escaped(char character, std::string& to) {
  constexpr std::string_view kHex = "0123456789abcdef";
  const auto code = static_cast<unsigned char>(character);
  switch (character) {
    case '"':
      to += "\\\"";
      return;
    case '\\':
      to += "\\\\";
      return;
    case '\b':
      to += "\\b";
      return;
    case '\f':
      to += "\\f";
      return;
    case '\n':
      to += "\\n";
      return;
    case '\r':
      to += "\\r";
      return;
    case '\t':
      to += "\\t";
      return;
    default:
      to += "\\u00";
      to += kHex[code >> 4];
      to += kHex[code & 0xF];
  }
}

bool must_escape(char character) {
  return static_cast<unsigned char>(character) < 0x20 || character == '"' || character == '\\';
}

template <typename Number>
void append_number(Number value, std::string& to) {
  std::array<char, 32> digits;
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  MILLRACE_CHECK(error == std::errc());
  to.append(digits.data(), end);
}

}  // namespace

void append_json_string(std::string_view text, std::string& to) {
  to += '"';
  size_t copied = 0;
  for (size_t i = needs_no_escape(text) ? text.size() : 0; i < text.size(); ++i) {
    if (!must_escape(text[i])) continue;
    to.append(text, copied, i - copied);
    append_escaped(text[i], to);
    copied = i + 1;
  }
  to.append(text, copied);
  to += '"';
}

std::string repair_utf8(std::string_view text) {
  if (needs_no_escape(text)) return std::string(text);
  std::string repaired;
  repaired.reserve(text.size());
  while (!text.empty()) {
    const Sequence sequence = next_sequence(text);
    repaired += sequence.well_formed ? text.substr(0, sequence.length) : kReplacement;
    text.remove_prefix(sequence.length);
  }
  return repaired;
}

namespace {

// As a JSON string, without control characters of any kind: these documents are looked at in
// terminals, which take U+007F to U+009F for commands too.
void append_quoted(std::string_view text, std::string& to) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string quoted;
  append_json_string(repair_utf8(text), quoted);
  for (size_t i = 0; i < quoted.size(); ++i) {
    const auto next = i + 1 < quoted.size() ? static_cast<unsigned char>(quoted[i + 1]) : 0U;
    if (quoted[i] == '\x7F') {
      to += "\\u007f";
    } else if (quoted[i] == '\xC2' && next < 0xA0) {
      to += {'\\', 'u', '0', '0', kHex[next >> 4U], kHex[next & 0xFU]};
      ++i;
    } else {
      to += quoted[i];
    }
  }
}

}  // namespace

void JsonWriter::begin_object() {
  begin('{');
}

void JsonWriter::end_object() {
  end('}');
}

void JsonWriter::begin_array() {
  begin('[');
}

void JsonWriter::end_array() {
  end(']');
}

void JsonWriter::name(std::string_view name) {
  MILLRACE_CHECK(!after_name_ && !has_members_.empty());
  before_value();
  append_quoted(name, text_);
  text_ += indent_ > 0 ? ": " : ":";
  after_name_ = true;
}

void JsonWriter::string(std::string_view value) {
  before_value();
  append_quoted(value, text_);
}

void JsonWriter::number(uint64_t value) {
  before_value();
  append_number(value, text_);
}

void JsonWriter::number(int64_t value) {
  before_value();
  append_number(value, text_);
}

void JsonWriter::number(double value) {
  if (!std::isfinite(value)) return null();
  before_value();
  append_number(value, text_);
}

void JsonWriter::boolean(bool value) {
  before_value();
  text_ += value ? "true" : "false";
}

void JsonWriter::null() {
  before_value();
  text_ += "null";
}

void JsonWriter::text_or_null(std::string_view name, std::string_view text) {
  this->name(name);
  text.empty() ? null() : string(text);
}

void JsonWriter::rounded(std::string_view name, double value, double parts) {
  member(name, std::round(value * parts) / parts);
}

void JsonWriter::json(std::string_view value) {
  before_value();
  text_ += value;
}

std::string JsonWriter::take() {
  MILLRACE_CHECK(has_members_.empty() && !after_name_);
  return std::exchange(text_, {});
}

void JsonWriter::begin(char bracket) {
  before_value();
  text_ += bracket;
  has_members_.push_back(false);
}

void JsonWriter::before_value() {
  if (after_name_) {  // The comma and the new line stand before the name.
    after_name_ = false;
    return;
  }
  if (has_members_.empty()) return;
  if (has_members_.back()) text_ += ',';
  has_members_.back() = true;
  new_line();
}

void JsonWriter::end(char bracket) {
  MILLRACE_CHECK(!has_members_.empty() && !after_name_);
  const bool had_members = has_members_.back();
  has_members_.pop_back();
  if (had_members) new_line();
  text_ += bracket;
}

void JsonWriter::new_line() {
  if (indent_ == 0) return;
  text_ += '\n';
  text_.append(has_members_.size() * static_cast<size_t>(indent_), ' ');
}

}  // namespace millrace::record
