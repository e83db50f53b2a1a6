// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

#include "engine/config/load.h"
#include "engine/config/problems.h"
#include "engine/config/yaml_node.h"

namespace millrace::config {

// A longer text is no configuration.
inline constexpr size_t kFileBytesMax = size_t{4} << 20;
// Nodes of a document, each alias counted as all that it repeats.
inline constexpr size_t kNodesMax = 100'000;
// Bytes of their texts, counted alike, and after ${…}.
inline constexpr size_t kTextBytesMax = size_t{16} << 20;
// Brackets open at once; yaml-cpp reads to the last of them before it says that they are too many.
inline constexpr size_t kOpenBracketsMax = 1'000;

// The one document in `text`, or nothing where it cannot be read; then `problems` says why. A tree
// may come with problems too (a duplicate key, an unset variable). With an environment, ${…} in
// values is substituted; without one (a schema file) it stands for itself.
[[nodiscard]] NodePointer parse_yaml(const std::string& text, const std::string& file,
                                     const Environment* environment, Problems& problems);

}  // namespace millrace::config
