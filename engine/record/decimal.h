// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

// Exact arithmetic on JSON numbers as they are written: nothing is converted to floating point, so
// 9007199254740993 differs from 9007199254740992 and 0.3 is a multiple of 0.1.
//
// All functions require texts that follow JSON's grammar of numbers, of any length and with
// exponents of any size. They do not allocate, and their time is linear in the texts' lengths and
// independent of the exponents' values: 1e1000000000 costs what its twelve characters cost.
namespace millrace::record {

// -1, 0 or 1 where a is below, equal to or above b. -0 equals 0, 1.0 equals 1 and 10e-1.
[[nodiscard]] int compare_numbers(std::string_view a, std::string_view b) noexcept;

[[nodiscard]] bool equal_numbers(std::string_view a, std::string_view b) noexcept;

// Whether the value is a whole number: 1, 1.0, 10e-1, 1e400; not 1.5.
[[nodiscard]] bool is_whole_number(std::string_view number) noexcept;

// Whether is_multiple_of() takes this divisor: above zero, and with at most 37 significant digits
// (those between the first and the last that is not 0).
[[nodiscard]] bool is_usable_divisor(std::string_view divisor) noexcept;

// Whether number / divisor is a whole number; 0 is a multiple of everything.
// Requires: is_usable_divisor(divisor).
[[nodiscard]] bool is_multiple_of(std::string_view number, std::string_view divisor) noexcept;

// Equal for equal numbers, however they are written.
[[nodiscard]] uint64_t hash_number(std::string_view number) noexcept;

}  // namespace millrace::record
