// SPDX-License-Identifier: Apache-2.0
#include "engine/config/step_readers.h"

namespace millrace::config {

Step read_keep_if(const Field& field, const Context& context) {
  return FilterStep{FilterStep::Action::kKeepIf, read_condition(field, context)};
}

Step read_drop_if(const Field& field, const Context& context) {
  return FilterStep{FilterStep::Action::kDropIf, read_condition(field, context)};
}

Step read_reject_if(const Field& field, const Context& context) {
  return FilterStep{FilterStep::Action::kRejectIf, read_condition(field, context)};
}

}  // namespace millrace::config
