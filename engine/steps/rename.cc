// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "engine/steps/step_compiler.h"

namespace millrace::steps {
namespace {

// Renames members, in order. A name that is already taken is a dead letter: one of the two values
// would be lost. Absent members are nothing to rename.
class RenameStep final : public Step {
 public:
  struct Pair {
    Field from;
    Field to;  // beside it
    record::NameId to_name;
    std::string to_text;
  };

  RenameStep(std::vector<Pair> pairs, RuleId rule) : pairs_(std::move(pairs)), rule_(rule) {}

  Verdict apply(record::Document& document, StepContext& context) const noexcept override {
    for (const Pair& pair : pairs_) {
      const record::NodeIndex from = pair.from.find(document);
      if (from == record::kNoNode) continue;
      const record::NodeIndex taken = pair.to.find(document);
      if (taken != record::kNoNode) [[unlikely]] {
        context.reason_text = fmt::format("'{}' is already there", pair.to_text);
        return context.reject(rule_, taken);
      }
      document.rename(from, pair.to_name);
    }
    return Verdict::kContinue;
  }

 private:
  std::vector<Pair> pairs_;
  RuleId rule_;
};

}  // namespace

CompiledStep compile(const config::RenameStep& step, StepCompiler& compiler) {
  std::vector<RenameStep::Pair> pairs;
  bool good = true;
  for (const auto& [path, name] : step.names) {
    if (path.parts.empty() || path.parts.back().is_index) {
      compiler.problem(path.place,
                       fmt::format("'{}' is no member, so that it has no name", path.text));
      good = false;
      continue;
    }
    if (path.parts.back().name == name.value) {
      compiler.problem(name.place, fmt::format("'{}' has that name already", path.text));
      good = false;
      continue;
    }
    config::FieldPath to = path;
    to.parts.back().name = name.value;
    pairs.push_back(
        {compiler.field(path), compiler.field(to), compiler.name(name.value), name.value});
  }
  if (!good) return nullptr;
  return std::make_unique<RenameStep>(std::move(pairs), compiler.rule());
}

}  // namespace millrace::steps
