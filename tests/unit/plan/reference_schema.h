// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "tests/unit/plan/reference_json.h"

// JSON Schema 2020-12 on plain recursive values, of the keywords that random_pipeline.h uses.
namespace millrace::plan::testing::reference {

// The JSON Pointer of the first rule that a value breaks, if it breaks one: at each value what is
// said of it itself, in the schema's order, comes before what is said of its members and elements.
// What is said of kinds of values that `type` beside it forbids does not count. A rule of
// `required` is followed by the member's name.
[[nodiscard]] std::optional<std::string> broken_rule(const Value& schema, const Value& value);

// Whether a pattern is found in a text. Throws for patterns that random_pipeline.cc does not use.
[[nodiscard]] bool pattern_is_found(std::string_view pattern, std::string_view text);

}  // namespace millrace::plan::testing::reference
