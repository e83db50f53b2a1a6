// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "engine/base/ids.h"

namespace millrace::record {

// Appends `text` to `to` as a JSON string with its quotes; what must be escaped is, nothing else.
// Requires: `text` is UTF-8.
void append_json_string(std::string_view text, std::string& to);

// `text` with each ill-formed part (as the Unicode standard cuts them: the longest start of a
// character that is broken off) replaced by U+FFFD; well-formed text comes back as it is.
[[nodiscard]] std::string repair_utf8(std::string_view text);

// Builds a JSON document in a string: reports and the like, not records. Members come out in the
// order they are written; commas are its business.
class JsonWriter {
 public:
  // `indent` spaces per level; 0 writes one line.
  explicit JsonWriter(int indent = 0) : indent_(indent) {}

  void begin_object();
  void end_object();
  void begin_array();
  void end_array();

  // The name of the next member. Invalid UTF-8 in names and strings becomes U+FFFD; control
  // characters of all kinds, U+007F to U+009F included, are escaped.
  void name(std::string_view name);

  void string(std::string_view value);
  void number(uint64_t value);
  void number(int64_t value);

  void number(int value) { number(static_cast<int64_t>(value)); }

  void number(double value);  // shortest text that reads back the same; null where not finite
  void boolean(bool value);
  void null();

  // A member at once: its name and its value, of whichever kind that is. An offset that is not
  // valid is null, and so is an optional that holds nothing.
  template <typename Value>
  void member(std::string_view name, const Value& value) {
    this->name(name);
    put(value);
  }

  // Null where the text is empty.
  void text_or_null(std::string_view name, std::string_view text);

  // Rounded to a whole number of `parts` of one, so that no digits are written that mean nothing.
  void rounded(std::string_view name, double value, double parts);

  // A value that is JSON already, as it is. Requires: it is valid, and a number, true, false, null
  // or a string.
  void json(std::string_view value);

  // The finished text; the writer is then as new. Requires: everything begun was ended.
  [[nodiscard]] std::string take();

 private:
  template <typename Value>
  void put(const Value& value) {
    if constexpr (std::is_same_v<Value, bool>) {
      boolean(value);
    } else if constexpr (std::is_convertible_v<const Value&, std::string_view>) {
      string(value);
    } else if constexpr (std::is_same_v<Value, base::Offset>) {
      value.valid() ? number(value.value) : null();
    } else if constexpr (std::is_floating_point_v<Value>) {
      number(value);
    } else if constexpr (std::is_unsigned_v<Value>) {
      number(uint64_t{value});
    } else if constexpr (std::is_integral_v<Value>) {
      number(int64_t{value});
    } else {  // an optional
      value ? put(*value) : null();
    }
  }

  void begin(char bracket);
  void before_value();
  void end(char bracket);
  void new_line();

  std::string text_;
  std::vector<bool> has_members_;  // for each level that is open
  int indent_;
  bool after_name_ = false;
};

}  // namespace millrace::record
