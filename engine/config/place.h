// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace millrace::config {

// Where in which file a value stands, 1-based; line 0 means "not in a file".
struct Place {
  std::string file;
  int line = 0;
  int column = 0;
};

// A value and its place.
template <typename T>
struct Placed {
  T value{};
  Place place;
};

using Text = Placed<std::string>;

// One thing wrong with a configuration, or (a warning) worth a second look.
struct Problem {
  Place place;
  std::string message;
  bool warning = false;
};

// "FILE:LINE:COLUMN: message", the line that the user sees; warnings say "warning: message".
[[nodiscard]] std::string to_string(const Problem& problem);

}  // namespace millrace::config
