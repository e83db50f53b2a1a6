// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace millrace::trial {

// How two JSON documents differ. Members may come in any order; strings are equal by their content,
// numbers by their text: a pipeline keeps numbers as they are written, so that 1.5 is not 1.50
// (nor 1.0 a cast that went wrong).
struct JsonDifference {
  std::string pointer;  // JSON Pointer of the first difference; "" is the document
  // The documents member by member, a line each: "  " the same in both, "- " expected only,
  // "+ " actual only. Each line ends with a line feed.
  std::string text;
};

// What comparing two texts as JSON found.
struct JsonComparison {
  bool is_json = false;  // both of them
  std::optional<JsonDifference> difference;
};

[[nodiscard]] JsonComparison compare_json(std::string_view expected, std::string_view actual);

}  // namespace millrace::trial
