// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace millrace::trial {

// Two different texts one above the other where they part, and a mark below:
//   - …at": "2024-07-10"
//   + …at": "2024-07-11"
//                     ^ byte 37
// Bytes that are no text are shown as \xNN; far from the difference both are cut. Each line ends
// with a line feed. `label` stands before each text.
[[nodiscard]] std::string text_difference(std::string_view expected, std::string_view actual,
                                          std::string_view label = "");

}  // namespace millrace::trial
