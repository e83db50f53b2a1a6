// SPDX-License-Identifier: Apache-2.0
#include <optional>
#include <string>
#include <utility>

#include "engine/steps/condition_tests.h"
#include "engine/steps/step_compiler.h"

namespace millrace::steps {
namespace {

using Action = config::FilterStep::Action;

// keep_if and drop_if. A record that cannot be decided on is a dead letter: dropping it might be
// wrong, keeping it too.
class KeepOrDrop final : public Step {
 public:
  KeepOrDrop(CompiledCondition condition, Truth kept, RuleId undecided)
      : condition_(std::move(condition)), kept_(kept), undecided_(undecided) {}

  Verdict apply(record::Document& document, StepContext& context) const noexcept override {
    const Truth truth = condition_->test(document, context);
    if (truth == Truth::kUndecided) [[unlikely]]
      return context.reject(undecided_, context.value);
    return truth == kept_ ? Verdict::kContinue : Verdict::kFilter;
  }

 private:
  CompiledCondition condition_;
  Truth kept_;
  RuleId undecided_;
};

class RejectIf final : public Step {
 public:
  // `field`: the one value that the condition is about, where it is one.
  RejectIf(CompiledCondition condition, std::optional<Field> field, std::string reason, RuleId rule)
      : condition_(std::move(condition)),
        field_(std::move(field)),
        reason_(std::move(reason)),
        rule_(rule) {}

  Verdict apply(record::Document& document, StepContext& context) const noexcept override {
    switch (condition_->test(document, context)) {
      case Truth::kFalse:
        return Verdict::kContinue;
      case Truth::kTrue:
        context.reason_text = reason_;
        return context.reject(rule_, field_ ? field_->find(document) : record::kNoNode);
      case Truth::kUndecided:
        break;
    }
    return context.reject(rule_, context.value);
  }

 private:
  CompiledCondition condition_;
  std::optional<Field> field_;
  std::string reason_;
  RuleId rule_;
};

// The test that a condition is, or that it is the opposite of; nullptr where it is made of several.
const config::Condition* single_test(const config::Condition& condition) {
  const config::Condition* test = &condition;
  while (test->kind != config::Condition::Kind::kTest && test->parts.size() == 1)
    test = &test->parts.front();
  return test->kind == config::Condition::Kind::kTest ? test : nullptr;
}

}  // namespace

CompiledStep compile(const config::FilterStep& step, StepCompiler& compiler) {
  CompiledCondition condition = compile_condition(step.condition, compiler.context());
  if (condition == nullptr) return nullptr;
  if (step.action == Action::kRejectIf) {
    std::optional<Field> field;
    if (const config::Condition* test = single_test(step.condition))
      field.emplace(compiler.field(test->field));
    return std::make_unique<RejectIf>(std::move(condition), std::move(field),
                                      "rejected, since " + describe(step.condition),
                                      compiler.rule());
  }
  const RuleId undecided = condition->may_be_undecided() ? compiler.rule() : RuleId{};
  return std::make_unique<KeepOrDrop>(std::move(condition),
                                      step.action == Action::kKeepIf ? Truth::kTrue : Truth::kFalse,
                                      undecided);
}

}  // namespace millrace::steps
