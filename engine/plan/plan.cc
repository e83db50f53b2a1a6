// SPDX-License-Identifier: Apache-2.0
#include "engine/plan/plan.h"

namespace millrace::plan {

Plan::Plan(const config::PipelineConfig& config) : config_(config) {}

Plan::~Plan() = default;

}  // namespace millrace::plan
