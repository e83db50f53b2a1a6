// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/config/sections.h"

namespace millrace::config {

// A value that may be a secret: a text, or {file: PATH} for the contents of that file without a
// line end at its end. No message shows it. Nothing where it is wrong, with the problem added.
[[nodiscard]] std::optional<std::string> read_secret(const Field& field,
                                                     std::string_view expectation,
                                                     const Context& context);

}  // namespace millrace::config
