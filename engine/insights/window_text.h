// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

#include "engine/insights/results.h"

namespace millrace::insights {

// " (windows of 60 s, one every 10 s)", for behind the name.
[[nodiscard]] std::string window_remark(const Windowing& window);

// The lines below the name of a windowed insight: a row for each open window, the latest first, at
// most `rows_max`, with the largest of what it counts; then what became of the others. Requires: a
// result of such an insight.
[[nodiscard]] std::string window_text(const Result& of, const WindowResult& result,
                                      size_t rows_max);

}  // namespace millrace::insights
