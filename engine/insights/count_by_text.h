// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "engine/insights/insight.h"
#include "engine/insights/results.h"

// The parts that texts of results are made of, and the longest of them.
namespace millrace::insights {

// Results stand this far in, on a terminal of 80 columns.
inline constexpr size_t kResultIndent = 4;
inline constexpr size_t kResultColumns = 80 - kResultIndent;

// What follows a list of which only `shown` of `all` rows were printed.
[[nodiscard]] std::string rest_line(size_t shown, size_t all);

// A remark in brackets, on a line of its own.
[[nodiscard]] std::string remark_line(std::string_view remark);

// count_by of several fields: a cross table of two where it is not too wide, else an indented list.
// Requires: `result` has rows.
[[nodiscard]] std::string count_by_table(const CountByResult& result, const Insight& insight,
                                         size_t rows_max);

}  // namespace millrace::insights
