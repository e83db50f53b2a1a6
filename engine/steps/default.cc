// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "engine/steps/constant.h"
#include "engine/steps/reject_add.h"
#include "engine/steps/step_compiler.h"

namespace millrace::steps {
namespace {

using When = config::DefaultStep::When;

// Gives members a value where they have none.
class DefaultStep final : public Step {
 public:
  struct Member {
    Field field;
    Constant value;
  };

  DefaultStep(When when, std::vector<Member> members, std::optional<RuleId> rule)
      : when_(when), members_(std::move(members)), rule_(rule) {}

  Verdict apply(record::Document& document, StepContext& context) const noexcept override {
    for (const Member& member : members_) {
      record::NodeIndex at = member.field.find(document);
      if (at == record::kNoNode) {
        if (when_ == When::kNull) continue;
        at = member.field.find_or_add(document);
        if (at == record::kNoNode) [[unlikely]] {
          if (!rule_) continue;
          return reject_add(*rule_, member.field, document, context);
        }
      } else if (when_ == When::kAbsent ||
                 document.node(at).value.kind != record::ValueKind::kNull) {
        continue;
      }
      member.value.put(document, at);
    }
    return Verdict::kContinue;
  }

 private:
  When when_;
  std::vector<Member> members_;
  std::optional<RuleId> rule_;  // none: nothing can be in the way
};

}  // namespace

CompiledStep compile(const config::DefaultStep& step, StepCompiler& compiler) {
  std::vector<DefaultStep::Member> members;
  bool can_fail = false;
  for (const auto& [path, json] : step.values) {
    const Field field = compiler.field(path);
    auto constant = Constant::compile(json, field, path.place, compiler);
    if (!constant) continue;
    can_fail = can_fail || can_fail_to_add(field, compiler.context());
    members.push_back({field, std::move(*constant)});
  }
  if (members.size() != step.values.size()) return nullptr;
  std::optional<RuleId> rule;
  if (can_fail && step.when != When::kNull) rule = compiler.rule();
  return std::make_unique<DefaultStep>(step.when, std::move(members), rule);
}

}  // namespace millrace::steps
