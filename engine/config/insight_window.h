// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "engine/config/insight_config.h"
#include "engine/config/yaml_reader.h"

namespace millrace::config {

// The keys of a window but for those that say what is counted in it: every, hop, on, grace,
// max_ahead and close_idle_after. (`from`, which says how times are written, is the insight's.)
// Nothing where what is needed is not there.
[[nodiscard]] std::optional<WindowConfig> read_window_keys(MapReader& map);

}  // namespace millrace::config
