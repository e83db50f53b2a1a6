// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

#include "engine/base/clock.h"

namespace millrace::trial {

// A moment as RFC 3339 writes it: "2024-07-10T23:47:48Z", with up to six digits of a second's
// fraction and, instead of Z, an offset (+02:00). Nothing where the text is no such moment.
[[nodiscard]] std::optional<base::WallTime> parse_wall_time(std::string_view text);

}  // namespace millrace::trial
