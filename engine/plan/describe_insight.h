// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "engine/config/insight_config.h"

namespace millrace::plan {

// An insight in words, for `check`: "unique_users: how many different user_id".
[[nodiscard]] std::string describe(const config::InsightConfig& insight);

// What a partition keeps of its keys: "10000 exactly, beyond them an estimate"; of its windows: "up
// to 61 open windows, each: 10000 exactly, …". Empty where it has neither.
[[nodiscard]] std::string describe_limits(const config::InsightConfig& insight);

}  // namespace millrace::plan
