// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/config/step_config.h"
#include "tests/unit/plan/reference_json.h"

// The steps that change one record, on plain values, written from docs/steps.md.
namespace millrace::plan::testing::reference {

enum class Verdict { kContinue, kFilter, kReject };

// All steps but explode, emit and route. Throws for what the reference does not know.
[[nodiscard]] Verdict apply(const config::StepConfig& step, bool reject_duplicates, Value& record);

}  // namespace millrace::plan::testing::reference
