// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/config/pipeline_config.h"
#include "engine/plan/plan.h"

namespace millrace::app {

// A pipeline file that was read, checked and compiled; what `run` and `check` have in common.
struct Pipeline {
  config::PipelineConfig config;
  std::unique_ptr<const plan::Plan> plan;  // nullptr where a problem is an error
  std::vector<config::Problem> problems;   // every one, warnings too, in the order of the file
};

[[nodiscard]] Pipeline compile_file(const std::string& path);

// The same for a file that was loaded already.
[[nodiscard]] Pipeline compile(config::Loaded loaded);

// The limits in force, a line each, and the alerts, for `check`.
[[nodiscard]] std::string describe_limits(const config::PipelineConfig& config);

}  // namespace millrace::app
