// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/config/insight_config.h"
#include "engine/insights/insight.h"

namespace millrace::plan {

// What an insight writes to its topic. Requires: it has one.
[[nodiscard]] insights::TopicOutput compile_insight_topic(const config::InsightConfig& insight);

}  // namespace millrace::plan
