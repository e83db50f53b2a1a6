// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace millrace::record {

// Appends bytes for a terminal. They may hold anything, and a terminal must not be driven by them:
// control characters and bytes that are no part of UTF-8 are shown as \xNN.
void append_printable(std::string_view bytes, std::string& to);

[[nodiscard]] std::string printable(std::string_view bytes);

// How many characters a text that append_printable() made shows: code points, near enough.
[[nodiscard]] size_t width(std::string_view shown);

}  // namespace millrace::record
