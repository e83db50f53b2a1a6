// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "engine/cli/command_shape.h"

// Scripts that make a shell complete the command line: commands, options, the values of options
// that have a few, pipeline files.
namespace millrace::cli {

[[nodiscard]] std::string bash_completion(const CommandShape& program);
[[nodiscard]] std::string zsh_completion(const CommandShape& program);
[[nodiscard]] std::string fish_completion(const CommandShape& program);

}  // namespace millrace::cli
