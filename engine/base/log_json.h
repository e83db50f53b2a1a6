// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace millrace::base::log {

// The members of a log line behind its time, without the braces: "level", "message", and each
// key=value of the line as a member of its own, a whole number as a number. A key is lower case
// letters, digits and '_', behind a space; its value ends at the next space, and loses the
// punctuation that ends a sentence. The message stays whole. Bytes that are not UTF-8 become
// U+FFFD.
[[nodiscard]] std::string json_members(std::string_view level, std::string_view line);

}  // namespace millrace::base::log
