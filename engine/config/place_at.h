// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "engine/config/place.h"

namespace millrace::config {

// The place of the byte `offset` of a file's text. Columns count bytes, as everywhere here; an
// offset beyond the end is the end.
[[nodiscard]] Place place_at(const std::string& file, std::string_view text, size_t offset);

}  // namespace millrace::config
