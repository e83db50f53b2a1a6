// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

namespace millrace::config {

// Why a librdkafka property cannot be set by the user: it would break a promise of the engine, or
// another key is the one place for it. Nothing where it can.
[[nodiscard]] std::optional<std::string_view> why_refused(std::string_view property);

}  // namespace millrace::config
