// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

// The grammar of single tokens; json_walk checks what stands between them. The functions on tokens
// that others need are declared in json_walk.h and live in json_text.cc too.
namespace millrace::record {

// True where every backslash of a string's content begins an escape of RFC 8259 and surrogates
// come in pairs. A lone surrogate has no UTF-8 form, so that no reader downstream could take it.
[[nodiscard]] bool has_valid_escapes(std::string_view content) noexcept;

}  // namespace millrace::record
