// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/insights/key_counts.h"

namespace millrace::insights {

// A key of a table, split into the values of the insight's fields.
// Lifetime: the values are the table's.
struct Row {
  std::vector<std::string_view> values;
  uint64_t count = 0;
};

// The table's rows in the order of their values' bytes, the first field deciding first.
[[nodiscard]] std::vector<Row> rows_by_value(const KeyCounts& keys, size_t fields);

// The `rows_max` rows with the largest counts, largest first; ties by their values' bytes.
[[nodiscard]] std::vector<Row> rows_by_count(const KeyCounts& keys, size_t fields, size_t rows_max);

}  // namespace millrace::insights
