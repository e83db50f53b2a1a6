// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/config/step_config.h"
#include "engine/record/names.h"
#include "engine/record/path.h"
#include "engine/steps/step.h"

namespace millrace::steps {

// What the steps of a plan are compiled into: names are interned, the rule ids that they can reject
// by ("step:3:cast") appended, and what is wrong (a pattern that RE2 cannot compile, an unknown
// zone) is reported.
struct CompileContext {
  record::NameTable& names;
  std::vector<std::string>& rules;
  std::vector<config::Problem>& problems;
  // False where a record may be something else than an object when it reaches the steps (values of
  // any kind, a piece of `explode`): steps that add members to it can reject it then.
  bool records_are_objects = true;
};

[[nodiscard]] record::Path compile_path(const config::FieldPath& path, record::NameTable& names);

// Compiles a step that changes or judges the record at hand: every kind but explode, emit and
// route, which decide where records go and are the plan's. nullptr where there were problems.
[[nodiscard]] std::unique_ptr<const Step> compile_step(const config::StepConfig& step,
                                                       CompileContext& context);

// nullptr where there were problems.
[[nodiscard]] std::unique_ptr<const Condition> compile_condition(const config::Condition& condition,
                                                                 CompileContext& context);

// A step in words, for `check`: "lowercase device_type". All kinds.
[[nodiscard]] std::string describe(const config::StepConfig& step);
[[nodiscard]] std::string describe(const config::Condition& condition);
[[nodiscard]] std::string describe(const config::TimeFormat& format);

}  // namespace millrace::steps
