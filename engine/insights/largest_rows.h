// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

#include "engine/insights/results.h"

namespace millrace::insights {

// The rows of a result in the order in which they are given up, the last one first: the largest
// counts come first, equal ones as they stand; what first and last keep has no size, and stays as
// it stands. Kinds without rows have none.
[[nodiscard]] std::vector<size_t> rows_by_size(const ResultValue& value);

// A result with the first `count` rows of that order, which stand as they stood.
[[nodiscard]] ResultValue with_rows(const ResultValue& value, const std::vector<size_t>& order,
                                    size_t count);

}  // namespace millrace::insights
