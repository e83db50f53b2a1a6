// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/insights/key_counts.h"

// The entries of a table of keys, by their indexes, in the order in which results show them.
namespace millrace::insights {

// In the order of their values' bytes, the first field deciding first.
[[nodiscard]] std::vector<size_t> by_values(const KeyCounts& keys, size_t fields);

// The `most` entries with the largest counts, largest first; ties by their values' bytes.
[[nodiscard]] std::vector<size_t> largest(const KeyCounts& keys, size_t fields, size_t most);

// The same entries in the table's order, and the largest count of the others; 0 where there are
// none. Linear in the number of keys. Requires: no count is less than `least`.
struct Largest {
  std::vector<size_t> entries;
  uint64_t left_out = 0;
};

[[nodiscard]] Largest largest_unordered(const KeyCounts& keys, size_t fields, size_t most,
                                        uint64_t least = 0);

// The values of a key, for a result that outlives the table.
[[nodiscard]] std::vector<std::string> owned_values(std::string_view key, size_t fields);

}  // namespace millrace::insights
