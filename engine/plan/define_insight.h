// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "engine/config/insight_config.h"

namespace millrace::plan {

// All that decides what an insight counts, in words that are the same in every version and however
// it is written in the file: "count_by(device_type) of=emitted keys_max=100000". Two insights of
// the same definition can go on with each other's state. What is only shown (its name, `limit`, the
// shares of quantiles) and where it is written is no part of it.
[[nodiscard]] std::string definition_of(const config::InsightConfig& insight);

}  // namespace millrace::plan
