// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "engine/cli/styled_line.h"
#include "engine/report/vitals.h"

// What `run`, `demo` and `top` show of a running pipeline on a terminal. Pure: from values to
// lines.
namespace millrace::cli {

// Of a terminal, in characters.
struct Size {
  size_t columns = 80;
  size_t rows = 24;

  friend bool operator==(const Size&, const Size&) = default;
};

struct Style {
  bool colour = false;
};

// The panel, as high and wide as `size` has room for above the last rows, which stay for the log;
// one line where it is too narrow or too low for more. Rates are those from `before` to `now`,
// which are of one run, and unknown where both are the same moment. No line is wider than the
// terminal or has a control character but those of colours.
[[nodiscard]] std::vector<std::string> lines(const report::Vitals& now,
                                             const report::Vitals& before, Size size, Style style);

// The one line.
[[nodiscard]] StyledLine one_line(const report::Vitals& now, const report::Vitals& before,
                                  size_t columns);

}  // namespace millrace::cli
