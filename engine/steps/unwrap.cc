// SPDX-License-Identifier: Apache-2.0
#include <optional>
#include <string_view>
#include <utility>

#include "engine/record/value_text.h"
#include "engine/steps/reject_add.h"
#include "engine/steps/shown.h"
#include "engine/steps/step_compiler.h"

namespace millrace::steps {
namespace {

// Puts the JSON that a string holds in the string's place.
class UnwrapStep final : public Step {
 public:
  UnwrapStep(Field field, std::optional<Field> into, RuleId rule)
      : field_(std::move(field)), into_(std::move(into)), rule_(rule) {}

  Verdict apply(record::Document& document, StepContext& context) const noexcept override {
    const record::NodeIndex node = field_.find(document);
    if (node == record::kNoNode) return Verdict::kContinue;
    const record::JsonValue value = document.node(node).value;
    if (value.kind != record::ValueKind::kString) {
      append_shown(document, node, context);
      context.reason_text += " is not a string that holds JSON";
      return context.reject(rule_, node);
    }
    // The document will point into the text.
    const std::string_view json = value.escaped
                                      ? context.arena->copy(record::content(value, context.scratch))
                                      : value.plain();
    const record::NodeIndex target = into_ ? into_->find_or_add(document) : node;
    if (target == record::kNoNode) [[unlikely]]
      return reject_add(rule_, *into_, document, context);
    const record::ParseError error = document.graft(target, json);
    if (error == record::ParseError::kNone) [[likely]]
      return Verdict::kContinue;
    context.reason_text.assign("'").append(field_.text()).append("' cannot be unwrapped. ");
    context.reason_text += record::describe(error);
    return context.reject(rule_, node);
  }

 private:
  Field field_;
  std::optional<Field> into_;
  RuleId rule_;
};

}  // namespace

CompiledStep compile(const config::UnwrapStep& step, StepCompiler& compiler) {
  std::optional<Field> into;
  if (step.into) into = compiler.field(*step.into);
  if (step.field.is_record()) compiler.context().records_are_objects = false;
  return std::make_unique<UnwrapStep>(compiler.field(step.field), std::move(into), compiler.rule());
}

}  // namespace millrace::steps
