// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace millrace::config {

// Where the first byte stands that is no part of well-formed UTF-8 (overlong forms, surrogates and
// code points above U+10FFFF are not), if there is one.
[[nodiscard]] std::optional<size_t> find_invalid_utf8(std::string_view text);

// Where the first control character other than tab, line feed and carriage return stands.
[[nodiscard]] std::optional<size_t> find_control_character(std::string_view text);

}  // namespace millrace::config
