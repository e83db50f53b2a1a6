// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdlib>
#include <string_view>

#include <fmt/format.h>

namespace millrace::bench {

// A wrong answer ends the program (exit code 134): its speed does not matter.
inline void check(bool right, std::string_view what) {
  if (right) return;
  fmt::print(stderr, "Wrong: {}.\n", what);
  std::abort();
}

}  // namespace millrace::bench
