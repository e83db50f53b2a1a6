// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "engine/cli/command_shape.h"

namespace millrace::cli {

// What --help prints: for 80 columns, descriptions beside the options.
[[nodiscard]] std::string help_text(const CommandShape& command);

// All commands' help on one page: docs/commands.md.
[[nodiscard]] std::string commands_page(const CommandShape& program);

// Gives `app` and the commands that are added to it from now on this help.
void use_help_text(CLI::App& app);

}  // namespace millrace::cli
