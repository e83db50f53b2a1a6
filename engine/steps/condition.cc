// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>
#include <variant>
#include <vector>

#include "engine/steps/compile.h"
#include "engine/steps/condition_tests.h"

namespace millrace::steps {
namespace {

bool any_may_be_undecided(const std::vector<CompiledCondition>& parts) noexcept {
  return std::any_of(parts.begin(), parts.end(),
                     [](const CompiledCondition& part) { return part->may_be_undecided(); });
}

// False beats undecided.
class AllCondition final : public Condition {
 public:
  explicit AllCondition(std::vector<CompiledCondition> parts) : parts_(std::move(parts)) {}

  Truth test(const record::Document& document, StepContext& context) const noexcept override {
    Truth all = Truth::kTrue;
    for (const CompiledCondition& part : parts_) {
      const Truth truth = part->test(document, context);
      if (truth == Truth::kFalse) {
        context.reason_text.clear();
        return Truth::kFalse;
      }
      if (truth == Truth::kUndecided) all = Truth::kUndecided;
    }
    return all;
  }

  bool may_be_undecided() const noexcept override { return any_may_be_undecided(parts_); }

 private:
  std::vector<CompiledCondition> parts_;
};

// True beats undecided.
class AnyCondition final : public Condition {
 public:
  explicit AnyCondition(std::vector<CompiledCondition> parts) : parts_(std::move(parts)) {}

  Truth test(const record::Document& document, StepContext& context) const noexcept override {
    Truth any = Truth::kFalse;
    for (const CompiledCondition& part : parts_) {
      const Truth truth = part->test(document, context);
      if (truth == Truth::kTrue) {
        context.reason_text.clear();
        return Truth::kTrue;
      }
      if (truth == Truth::kUndecided) any = Truth::kUndecided;
    }
    return any;
  }

  bool may_be_undecided() const noexcept override { return any_may_be_undecided(parts_); }

 private:
  std::vector<CompiledCondition> parts_;
};

class NotCondition final : public Condition {
 public:
  explicit NotCondition(CompiledCondition part) : part_(std::move(part)) {}

  Truth test(const record::Document& document, StepContext& context) const noexcept override {
    switch (part_->test(document, context)) {
      case Truth::kFalse:
        return Truth::kTrue;
      case Truth::kTrue:
        return Truth::kFalse;
      case Truth::kUndecided:
        break;
    }
    return Truth::kUndecided;
  }

  bool may_be_undecided() const noexcept override { return part_->may_be_undecided(); }

 private:
  CompiledCondition part_;
};

// All parts are compiled, whatever is wrong with one, so that all problems show at once.
std::vector<CompiledCondition> compile_parts(const config::Condition& condition,
                                             CompileContext& context) {
  std::vector<CompiledCondition> parts;
  bool complete = true;
  for (const config::Condition& part : condition.parts) {
    parts.push_back(compile_condition(part, context));
    complete = complete && parts.back() != nullptr;
  }
  if (!complete) parts.clear();
  return parts;
}

}  // namespace

CompiledCondition compile_condition(const config::Condition& condition, CompileContext& context) {
  if (condition.kind == config::Condition::Kind::kTest) {
    return std::visit([&](const auto& test) { return compile_test(test, condition, context); },
                      condition.test);
  }
  std::vector<CompiledCondition> parts = compile_parts(condition, context);
  if (parts.empty()) {
    if (condition.parts.empty())
      context.problems.push_back({condition.place, "the condition has no parts"});
    return nullptr;
  }
  if (condition.kind == config::Condition::Kind::kNot)
    return std::make_unique<NotCondition>(std::move(parts.front()));
  if (parts.size() == 1) return std::move(parts.front());
  if (condition.kind == config::Condition::Kind::kAll)
    return std::make_unique<AllCondition>(std::move(parts));
  return std::make_unique<AnyCondition>(std::move(parts));
}

}  // namespace millrace::steps
