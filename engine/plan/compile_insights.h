// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/config/pipeline_config.h"
#include "engine/insights/insight.h"
#include "engine/plan/insight_program.h"
#include "engine/steps/compile.h"

namespace millrace::plan {

// Compiles the configuration's insights: what is counted into `declaration`, and what is read for
// it. Insights that count the same keys, or the same numbers, of the same records share a part.
// What is wrong goes to the context's problems.
[[nodiscard]] InsightProgram compile_insights(const config::PipelineConfig& config,
                                              steps::CompileContext& context,
                                              insights::Declaration& declaration);

}  // namespace millrace::plan
