// SPDX-License-Identifier: Apache-2.0
#include "engine/steps/reject_add.h"

#include <string>

#include <fmt/format.h>

namespace millrace::steps {

Verdict reject_add(RuleId rule, const Field& field, const record::Document& document,
                   StepContext& context) noexcept {
  // What is in the way is the deepest value that is there.
  record::Path way = field.path();
  record::Path::Segment missing;
  record::NodeIndex at = record::kNoNode;
  while (at == record::kNoNode && !way.segments.empty()) {
    missing = way.segments.back();
    way.segments.pop_back();
    at = document.find(way);
  }
  std::string place = "the record";
  if (at != record::kNoNode && at != document.root()) {
    place = "the value at ";
    document.append_pointer(at, place);
  }
  context.reason_text = fmt::format("'{}' cannot be added: ", field.text());
  const bool is_object =
      at != record::kNoNode && document.node(at).value.kind == record::ValueKind::kObject;
  if (missing.name == record::kNoName) {
    context.reason_text += fmt::format("{} has no element {}", place, missing.index);
  } else if (is_object) {
    context.reason_text += "there is no array that it could be in";
  } else {
    context.reason_text += fmt::format("{} is not an object", place);
  }
  return context.reject(rule, at);
}

bool can_fail_to_add(const Field& field, const CompileContext& context) {
  return field.path().segments.size() > 1 || !context.records_are_objects;
}

}  // namespace millrace::steps
