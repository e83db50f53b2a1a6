// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/config/yaml_node.h"

namespace millrace::config {

// The JSON text of a string, quotes included. Requires: well-formed UTF-8.
[[nodiscard]] std::string json_string(std::string_view text);

// Takes a JSON string off the front of `text`, and gives what it stands for. Nothing, and `text`
// somewhere inside, where none stands there (raw control characters and lone surrogates are none).
[[nodiscard]] std::optional<std::string> take_json_string(std::string_view& text);

// Whether a text is a number by JSON's grammar, which keeps its digits as they are: 1.50, 1e400.
[[nodiscard]] bool is_json_number(std::string_view text);

// A YAML value as JSON text.
struct JsonConstant {
  std::string json;
  bool broken = false;    // a part of it is: a problem is reported already
  bool too_deep = false;  // deeper than a record may be
};

// Plain null, true, false and JSON numbers are JSON's own, every other scalar is a string, whatever
// YAML makes of it. Lists and maps keep their order.
[[nodiscard]] JsonConstant json_constant(const YamlNode& node);

}  // namespace millrace::config
