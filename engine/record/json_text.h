// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

// The grammar of single JSON tokens and what they stand for; the parser checks what stands between
// them.
namespace millrace::record {

// True where every backslash of a string's content begins an escape of RFC 8259 and surrogates
// come in pairs. A lone surrogate has no UTF-8 form, so that no reader downstream could take it.
[[nodiscard]] bool has_valid_escapes(std::string_view content) noexcept;

// Appends the content of a JSON string (its text with the quotes) to `to`, escapes resolved; a lone
// surrogate becomes U+FFFD. Requires: a string that was parsed.
void append_unescaped(std::string_view string_text, std::string& to);

// Appends a character to `to` as UTF-8. Requires: at most U+10FFFF and no surrogate.
void append_utf8(uint32_t code_point, std::string& to);

// The character at the start of `text`, which loses it. Requires: `text` is UTF-8 and not empty.
[[nodiscard]] uint32_t take_code_point(std::string_view& text) noexcept;

// What the escape at the start of `text` stands for; `text` loses it, a surrogate pair as a whole.
// A lone surrogate is U+FFFD. Requires: `text` begins with an escape.
[[nodiscard]] uint32_t take_escape(std::string_view& text) noexcept;

// True for a number of the JSON grammar and nothing around it.
[[nodiscard]] bool is_json_number(std::string_view text) noexcept;

// True where a JSON number has an integral value: 1, 1.0, 1e3, -0, 12.50e1; of any size.
[[nodiscard]] bool is_integral(std::string_view number);

// The value of a JSON number where it is integral (1720655268, 1720655268.0, 1.7e9) and fits.
[[nodiscard]] std::optional<int64_t> integral_value(std::string_view number) noexcept;

}  // namespace millrace::record
