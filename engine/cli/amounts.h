// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

// Amounts as people read them at a glance, on the panel.
namespace millrace::cli {

// "20,012", and below ten with a decimal: "3.4". "0" only where it is nothing. Requires: finite and
// not negative.
[[nodiscard]] std::string rate_text(double per_second);

// "512 B", "12.3 MiB", "256 MiB".
[[nodiscard]] std::string bytes_text(double bytes);

// Two units at most: "5 ms", "0.4 s", "12 s", "2 min 5 s", "3 h 20 min", "9 d 4 h".
[[nodiscard]] std::string duration_text(std::chrono::duration<double> duration);

// How long something has been going on, to be looked at each second: "12:34", "1:02:03", "3 d
// 1:02".
[[nodiscard]] std::string clock_text(std::chrono::duration<double> duration);

}  // namespace millrace::cli
