// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace millrace::base {

// Damerau-Levenshtein distance (optimal string alignment): how many letters were left out, added,
// changed or swapped with their neighbour.
[[nodiscard]] size_t edit_distance(std::string_view a, std::string_view b);

// The one of `names` that `name` was probably meant to be: the nearest, if it is near.
[[nodiscard]] std::optional<std::string_view> nearest_name(
    std::string_view name, const std::vector<std::string_view>& names);

}  // namespace millrace::base
