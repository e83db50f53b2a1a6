// SPDX-License-Identifier: Apache-2.0
#include "engine/steps/shown.h"

#include "engine/record/value_text.h"

namespace millrace::steps {

void append_shown(const record::Document& document, record::NodeIndex at, StepContext& context) {
  record::JsonValue value = document.node(at).value;
  value.text = document.text_of(at, context.scratch);
  record::append_shown(value, context.reason_text);
}

}  // namespace millrace::steps
