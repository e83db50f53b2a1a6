// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace millrace::record {

// Appends `bytes` in base64 with padding (RFC 4648, section 4).
void append_base64(std::string_view bytes, std::string& to);

}  // namespace millrace::record
