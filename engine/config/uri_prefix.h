// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace millrace::config {

// Whether a text can be what absolute URIs (RFC 3986) begin with: a scheme and ':' first, then
// characters that may stand in a URI, no fragment, and '/' or ':' at the end, so that it ends where
// a part of the address ends.
[[nodiscard]] bool is_uri_prefix(std::string_view text);

}  // namespace millrace::config
