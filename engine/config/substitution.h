// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/config/load.h"

namespace millrace::config {

// A scalar after ${NAME} and ${NAME:-default}.
struct Substituted {
  std::string text;
  bool from_environment = false;      // some of the text may be a secret: not for messages
  std::vector<std::string> problems;  // sentences; the text is unusable where there are any
};

// ${NAME} is the variable's value, ${NAME:-default} the default where the variable is unset or
// empty, $${ the two characters ${. What a variable holds is taken as it is, never substituted
// again.
[[nodiscard]] Substituted substitute(std::string_view text, const Environment& environment);

}  // namespace millrace::config
