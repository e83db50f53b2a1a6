// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "engine/record/json_value.h"

namespace millrace::record {

// A string's content with its escapes resolved, in `scratch`.
[[nodiscard]] std::string_view unescaped(const JsonValue& value, std::string& scratch);

// The content of a value as plain text: a string without its quotes and escapes, anything else as
// its JSON text. `scratch` holds the text where escapes had to be resolved; what is returned stays
// until `scratch` or the record changes.
[[nodiscard]] inline std::string_view content(const JsonValue& value, std::string& scratch) {
  if (value.kind != ValueKind::kString) return value.text;
  return value.escaped ? unescaped(value, scratch) : value.plain();
}

// The start of `text`, at most `bytes_max` bytes of it and no part of a UTF-8 character.
[[nodiscard]] std::string_view cut_text(std::string_view text, size_t bytes_max) noexcept;

// Appends the value the way that the reason texts of existing readers show it, as Python's repr():
// 'text', "it's", None, True, {'a': [1, None]}; numbers keep their text. A long value is cut and
// then ends in "…", so that what the sentence goes on to say about it fits a reason text too.
void append_shown(const JsonValue& value, std::string& to);

// Appends `name` as one token of a JSON Pointer (RFC 6901).
void append_pointer_token(std::string_view name, std::string& to);

}  // namespace millrace::record
