// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "engine/config/yaml_node.h"

namespace millrace::config {

// The JSON text of a string, quotes included. Requires: well-formed UTF-8.
[[nodiscard]] std::string json_string(std::string_view text);

// Whether a text is a number by JSON's grammar, which keeps its digits as they are: 1.50, 1e400.
[[nodiscard]] bool is_json_number(std::string_view text);

// The JSON text of a YAML null or scalar: plain null, true, false and JSON numbers are JSON's own,
// everything else is a string.
[[nodiscard]] std::string json_constant(const YamlNode& node);

}  // namespace millrace::config
