// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "engine/plan/plan.h"
#include "engine/trial/case.h"
#include "engine/trial/trial_run.h"

namespace millrace::trial {

// Runs a case alone, as the one record of a batch.
[[nodiscard]] RecordResult run_case(const Case& one, TrialRun& run, const plan::Plan& plan);

// What a result has other than the case expects, for people: lines that end with a line feed.
// Empty: the case passed.
[[nodiscard]] std::string check_case(const Case& one, const RecordResult& result);

}  // namespace millrace::trial
