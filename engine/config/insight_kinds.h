// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

#include "engine/config/insight_config.h"
#include "engine/config/yaml_reader.h"

namespace millrace::config {

// A kind of insight, by its key: '- count_by: device_type'.
struct KnownInsightKind {
  std::string_view name;
  InsightKind kind;
  // Reads the value of the kind's key. False where what it needs is not there; then, and where
  // something is wrong, there is a problem.
  bool (*read)(const Field& field, InsightConfig& insight);
};

[[nodiscard]] std::span<const KnownInsightKind> insight_kinds();

// The keys beside the kind's that say more about it: by, exact_up_to, keys_max and from. `insight`
// has its kind, and what the kind's key says. False where what it needs is not there.
[[nodiscard]] bool read_kind_keys(MapReader& map, Problems& problems, InsightConfig& insight);

}  // namespace millrace::config
