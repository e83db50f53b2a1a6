// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "engine/cli/panel.h"
#include "engine/report/vitals.h"

namespace millrace::cli {

// One of several instances that `top` looks at.
struct Watched {
  std::string url;
  const report::Vitals* now = nullptr;     // the last that is known; nullptr: none yet
  const report::Vitals* before = nullptr;  // of the same run
  std::string away;                        // why there is nothing newer; empty: there is
};

// A line for each instance and one for their sum. As lines() of the panel; what does not fit into
// the height is left out from the end, the sum is not.
[[nodiscard]] std::vector<std::string> fleet_lines(const std::vector<Watched>& instances, Size size,
                                                   Style style);

}  // namespace millrace::cli
