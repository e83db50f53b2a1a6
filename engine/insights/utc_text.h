// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace millrace::insights {

enum class Precision : uint8_t { kSeconds, kMilliseconds };

// "2024-07-10T23:47:48Z", as RFC 3339 has it, or with milliseconds "2024-07-10T23:47:48.123Z".
// Years below 0 and above 9999, which it has not, are written as ISO 8601 does where people agree
// on it: "-0001-…", "+10000-…"; times more than some 30,000 years off are "9223372036854775807 ms".
[[nodiscard]] std::string utc_text(int64_t unix_ms, Precision precision);

// Milliseconds where there are any.
[[nodiscard]] std::string utc_text(int64_t unix_ms);

}  // namespace millrace::insights
