// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "engine/config/pipeline_config.h"
#include "engine/report/alert.h"

namespace millrace::app {

// The pipeline's alerts, in the order of its file.
[[nodiscard]] std::vector<report::AlertRule> alert_rules(const config::PipelineConfig& config);

// The topics that get a record when one fires or clears, each once, by name.
[[nodiscard]] std::vector<std::string> alert_topics(const config::PipelineConfig& config);

}  // namespace millrace::app
