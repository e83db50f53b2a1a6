// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "engine/config/pipeline_config.h"

namespace millrace::config {

// Looks up an environment variable.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;

// Reads the environment of this process.
[[nodiscard]] Environment process_environment();

// Reads a pipeline file. All problems are reported at once; the configuration is only usable where
// they are warnings at most (has_errors in problems.h). What the file leaves out, the environment
// variables of older pipelines fill (aliases.h). ${NAME} and ${NAME:-default} are substituted
// inside parsed scalars, never in the YAML text. Paths in the file are relative to the file.
[[nodiscard]] Loaded load_file(const std::string& path, const Environment& environment);

// The same for a text; `name` stands for the file in messages and in relative paths.
[[nodiscard]] Loaded load_text(const std::string& text, const std::string& name,
                               const Environment& environment);

}  // namespace millrace::config
