// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/record/document.h"
#include "engine/steps/step.h"

namespace millrace::steps {

// Appends a value, as it is now, to the context's sentence, the way that record::append_shown does.
void append_shown(const record::Document& document, record::NodeIndex at, StepContext& context);

}  // namespace millrace::steps
