// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace millrace::config {

// Numbers with units, as a person writes them, whole but for percentages. Each parse_ returns
// nothing where the text is not such a quantity or does not fit 64 bits. One space may stand before
// the unit.

// "100000"
[[nodiscard]] std::optional<uint64_t> parse_count(std::string_view text);

// "100ms", "5s", "1m", "2h"; "0" needs no unit.
[[nodiscard]] std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

// "512MiB", "64KiB", "1GB" (decimal), "100B".
[[nodiscard]] std::optional<uint64_t> parse_bytes(std::string_view text);

// "1000 records", "1 record".
[[nodiscard]] std::optional<uint64_t> parse_records(std::string_view text);

// "50%", "0.5 %", as a share: 0.5, 0.005. At most 6 digits before the point, and 6 after it.
[[nodiscard]] std::optional<double> parse_percentage(std::string_view text);

// "100", "0.5", "-3": at most 15 digits before the point, and 6 after it.
[[nodiscard]] std::optional<double> parse_decimal(std::string_view text);

// The shortest way to write a quantity that parse_ reads back.
[[nodiscard]] std::string duration_text(std::chrono::milliseconds duration);
[[nodiscard]] std::string bytes_text(uint64_t bytes);

}  // namespace millrace::config
