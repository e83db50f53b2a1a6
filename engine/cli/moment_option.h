// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace millrace::cli {

// The value of an option that is a moment (2024-07-10T23:47:48Z), or how long ago (30m, 2h, 7d), in
// Unix milliseconds; nothing where the text is neither. Throws base::StartupError (kUsage) where it
// is before 1970: Kafka takes negative times for something else.
[[nodiscard]] std::optional<int64_t> parse_moment(std::string_view option, const std::string& text);

}  // namespace millrace::cli
