// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "engine/cli/command_shape.h"

namespace millrace::cli {

// millrace(1) as roff (man macros).
[[nodiscard]] std::string man_page(const CommandShape& program, const std::string& version);

}  // namespace millrace::cli
