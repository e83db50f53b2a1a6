// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "engine/record/arena.h"
#include "engine/record/document.h"
#include "engine/record/json_value.h"

// Values that steps put into records.
namespace millrace::steps {

// The value of a JSON text without white space around it: a constant of the plan, a number just
// written. Requires: valid JSON that outlives the record.
[[nodiscard]] record::JsonValue value_of(std::string_view json) noexcept;

// A string with this content, escaped where it must be, its text in the arena. Requires: UTF-8.
[[nodiscard]] record::JsonValue string_value(std::string_view content,
                                             record::Arena& arena) noexcept;

[[nodiscard]] inline bool is_container(const record::JsonValue& value) noexcept {
  return value.kind == record::ValueKind::kObject || value.kind == record::ValueKind::kArray;
}

// Puts any value, a container included, in the place of another. An error only where the document
// would become too deep, or has duplicate members where those are refused; it then stays as it was.
[[nodiscard]] record::ParseError put(record::Document& document, record::NodeIndex at,
                                     const record::JsonValue& value) noexcept;

}  // namespace millrace::steps
