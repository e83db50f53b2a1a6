// SPDX-License-Identifier: Apache-2.0
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/record/value_text.h"
#include "engine/steps/constant.h"
#include "engine/steps/made_value.h"
#include "engine/steps/reject_add.h"
#include "engine/steps/shown.h"
#include "engine/steps/step_compiler.h"
#include "engine/steps/text_map.h"

namespace millrace::steps {
namespace {

using Unmapped = config::LookupStep::Unmapped;

// Replaces a value by what a table says of its text.
class LookupStep final : public Step {
 public:
  struct Parts {
    Field field;
    std::optional<Field> into;
    TextMap<Constant> table;
    Unmapped unmapped;
    RuleId rule;
  };

  explicit LookupStep(Parts parts) : parts_(std::move(parts)) {}

  Verdict apply(record::Document& document, StepContext& context) const noexcept override {
    const record::NodeIndex node = parts_.field.find(document);
    if (node == record::kNoNode) return Verdict::kContinue;
    const record::JsonValue& value = document.node(node).value;
    if (!is_container(value)) [[likely]] {
      const auto entry = parts_.table.find(record::content(value, context.scratch));
      if (entry != parts_.table.end()) {
        const record::NodeIndex target = target_of(document, node);
        if (target == record::kNoNode)
          return reject_add(parts_.rule, *parts_.into, document, context);
        entry->second.put(document, target);
        return Verdict::kContinue;
      }
    }
    return treat_unmapped(document, node, context);
  }

 private:
  // Where the result goes; kNoNode where it cannot.
  record::NodeIndex target_of(record::Document& document, record::NodeIndex node) const noexcept {
    return parts_.into ? parts_.into->find_or_add(document) : node;
  }

  Verdict treat_unmapped(record::Document& document, record::NodeIndex node,
                         StepContext& context) const noexcept {
    switch (parts_.unmapped) {
      case Unmapped::kKeep:
        return Verdict::kContinue;
      case Unmapped::kNull: {
        const record::NodeIndex target = target_of(document, node);
        if (target == record::kNoNode)
          return reject_add(parts_.rule, *parts_.into, document, context);
        document.replace(target, value_of("null"));
        return Verdict::kContinue;
      }
      case Unmapped::kReject:
        break;
    }
    append_shown(document, node, context);
    context.reason_text += " is not in the table";
    return context.reject(parts_.rule, node);
  }

  Parts parts_;
};

}  // namespace

CompiledStep compile(const config::LookupStep& step, StepCompiler& compiler) {
  Field field = compiler.field(step.field);
  std::optional<Field> into;
  if (step.into) into = compiler.field(*step.into);

  TextMap<Constant> table;
  table.reserve(step.table.size());
  for (const auto& [text, json] : step.table) {
    auto value = Constant::compile(json, into ? *into : field, compiler.place(), compiler);
    if (!value) return nullptr;
    table.emplace(text, std::move(*value));
  }
  const bool can_reject =
      step.unmapped == Unmapped::kReject || (into && can_fail_to_add(*into, compiler.context()));
  const RuleId rule = can_reject ? compiler.rule() : RuleId{};
  return std::make_unique<LookupStep>(
      LookupStep::Parts{std::move(field), std::move(into), std::move(table), step.unmapped, rule});
}

}  // namespace millrace::steps
