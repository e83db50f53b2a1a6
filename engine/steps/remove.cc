// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>
#include <vector>

#include "engine/steps/step_compiler.h"

namespace millrace::steps {
namespace {

class RemoveStep final : public Step {
 public:
  explicit RemoveStep(std::vector<Field> fields) : fields_(std::move(fields)) {}

  Verdict apply(record::Document& document, StepContext&) const noexcept override {
    for (const Field& field : fields_) {
      const record::NodeIndex at = field.find(document);
      if (at != record::kNoNode) document.remove(at);
    }
    return Verdict::kContinue;
  }

 private:
  std::vector<Field> fields_;
};

// Leaves the listed members of an object, in the listed order.
class KeepOnlyStep final : public Step {
 public:
  explicit KeepOnlyStep(std::vector<record::NameId> names) : names_(std::move(names)) {}

  Verdict apply(record::Document& document, StepContext&) const noexcept override {
    if (document.node(document.root()).value.kind == record::ValueKind::kObject)
      document.keep_only(names_);
    return Verdict::kContinue;
  }

 private:
  std::vector<record::NameId> names_;
};

}  // namespace

CompiledStep compile(const config::RemoveStep& step, StepCompiler& compiler) {
  std::vector<Field> fields;
  bool good = true;
  for (const config::FieldPath& path : step.fields) {
    if (path.parts.empty()) {
      compiler.problem(path.place,
                       "the record itself cannot be removed; 'drop_if' filters records");
      good = false;
    }
    fields.push_back(compiler.field(path));
  }
  if (!good) return nullptr;
  return std::make_unique<RemoveStep>(std::move(fields));
}

CompiledStep compile(const config::KeepOnlyStep& step, StepCompiler& compiler) {
  std::vector<record::NameId> names;
  bool good = true;
  for (const config::Text& member : step.members) {
    const record::NameId name = compiler.name(member.value);
    if (std::find(names.begin(), names.end(), name) != names.end()) {
      compiler.problem(member.place, "'" + member.value + "' is listed twice");
      good = false;
    }
    names.push_back(name);
  }
  if (!good) return nullptr;
  return std::make_unique<KeepOnlyStep>(std::move(names));
}

}  // namespace millrace::steps
