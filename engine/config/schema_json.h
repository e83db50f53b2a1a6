// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>

#include "engine/config/problems.h"
#include "engine/config/yaml_node.h"

namespace millrace::config {

// A YAML document as JSON text, and where each of its values stands, by JSON Pointer.
struct SchemaJson {
  std::string json;
  std::map<std::string, Place> places;
};

// Lists and maps inside each other; a schema that nests deeper is refused.
inline constexpr size_t kSchemaDepthMax = 256;
// What the pointers to all values of a schema may take: a long name counts for each value below it.
inline constexpr size_t kSchemaPointersBytesMax = size_t{16} << 20;

// The JSON text of a tree: plain null, true, false and JSON numbers are JSON's own, digit by digit;
// every other scalar is a string. Nothing where a problem is reported: now, or for a value in there
// already.
[[nodiscard]] std::optional<SchemaJson> schema_json(const YamlNode& root, Problems& problems);

}  // namespace millrace::config
