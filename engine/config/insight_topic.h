// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/config/insight_config.h"
#include "engine/config/problems.h"
#include "engine/config/yaml_reader.h"

namespace millrace::config {

// The keys that say where an insight is written, and in which form: topic, as, and every, which a
// windowed one has as the length of its windows. `insight` has all else.
void read_topic_keys(MapReader& map, Problems& problems, InsightConfig& insight);

}  // namespace millrace::config
