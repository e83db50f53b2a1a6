// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace millrace::record {

enum class ValueKind : uint8_t { kNull, kBoolean, kNumber, kString, kObject, kArray };

// A JSON value as its text, which is kept as it was written: 1.50 stays 1.50.
struct JsonValue {
  std::string_view text;  // with the quotes or brackets, without surrounding white space
  ValueKind kind = ValueKind::kNull;
  bool escaped = false;  // a string with a backslash in it

  // A string's content where it has no escapes. Requires: kString and not escaped.
  [[nodiscard]] std::string_view plain() const { return {text.data() + 1, text.size() - 2}; }
};

}  // namespace millrace::record
