// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace millrace::trial {

// The bytes that a base64 text (RFC 4648, section 4) stands for; white space between its characters
// is ignored, padding may be left out. Nothing where it is no such text.
[[nodiscard]] std::optional<std::string> decode_base64(std::string_view text);

}  // namespace millrace::trial
