// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/config/pipeline_config.h"
#include "engine/plan/fields.h"
#include "engine/plan/step.h"

namespace millrace::plan {

// Compiles one step of a configuration. `number` is its place in the file's list, from 1; the rule
// ids that it can reject by ("step:3:rename") are appended to `rules`.
[[nodiscard]] std::unique_ptr<Step> compile_step(const config::StepConfig& step, size_t number,
                                                 FieldNames& names,
                                                 std::vector<std::string>& rules);

}  // namespace millrace::plan
