// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <string_view>

namespace millrace::steps {

// A version is digits in parts separated by dots: "2.3.0", "10", "0.96".
[[nodiscard]] bool is_version(std::string_view text) noexcept;

// Compares part by part as numbers of any size; missing parts count as zero, so 2.3 equals 2.3.0
// and 2.10.0 is above 2.9.0. Requires: is_version(left) and is_version(right).
[[nodiscard]] std::strong_ordering compare_versions(std::string_view left,
                                                    std::string_view right) noexcept;

}  // namespace millrace::steps
