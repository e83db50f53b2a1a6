// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "engine/config/pipeline_config.h"

namespace millrace::config {

// "127.0.0.1:9464", "[::1]:9464", "localhost:0": the address in numbers or localhost, and a port.
// Nothing where it is something else.
[[nodiscard]] std::optional<ServeConfig> parse_listen(const std::string& text);

}  // namespace millrace::config
