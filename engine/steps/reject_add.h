// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "engine/record/document.h"
#include "engine/steps/field.h"
#include "engine/steps/step.h"
#include "engine/steps/step_compiler.h"

namespace millrace::steps {

// Rejects the record, saying why Field::find_or_add() could not make the value.
Verdict reject_add(RuleId rule, const Field& field, const record::Document& document,
                   StepContext& context) noexcept;

// Whether Field::find_or_add() can fail: always where the path is longer than a member's name, else
// where the record may be something else than an object.
[[nodiscard]] bool can_fail_to_add(const Field& field, const CompileContext& context);

}  // namespace millrace::steps
