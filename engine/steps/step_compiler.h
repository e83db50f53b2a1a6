// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "engine/config/step_config.h"
#include "engine/steps/compile.h"
#include "engine/steps/field.h"
#include "engine/steps/step.h"

namespace millrace::steps {

// What the compilation of one step asks of the plan that it becomes part of.
class StepCompiler {
 public:
  StepCompiler(const config::StepConfig& step, CompileContext& context)
      : step_(step), context_(context) {}

  // Registers the step's rule, "step:3:cast". Only steps that can reject have one; at most once.
  [[nodiscard]] RuleId rule();

  [[nodiscard]] record::NameId name(std::string_view name) { return context_.names.intern(name); }

  [[nodiscard]] Field field(const config::FieldPath& path) {
    return Field(compile_path(path, context_.names));
  }

  // Something that keeps the step from being compiled; return nullptr then.
  void problem(const config::Place& place, std::string message);
  // Something worth a second look.
  void warning(const config::Place& place, std::string message);

  // Of the step.
  [[nodiscard]] const config::Place& place() const { return step_.place; }

  [[nodiscard]] CompileContext& context() { return context_; }

 private:
  const config::StepConfig& step_;
  CompileContext& context_;
};

// One per kind of step, each in the source file of its kind. nullptr where there were problems.
using CompiledStep = std::unique_ptr<const Step>;
[[nodiscard]] CompiledStep compile(const config::FilterStep& step, StepCompiler& compiler);
[[nodiscard]] CompiledStep compile(const config::RenameStep& step, StepCompiler& compiler);
[[nodiscard]] CompiledStep compile(const config::RemoveStep& step, StepCompiler& compiler);
[[nodiscard]] CompiledStep compile(const config::KeepOnlyStep& step, StepCompiler& compiler);
[[nodiscard]] CompiledStep compile(const config::TimeStep& step, StepCompiler& compiler);
[[nodiscard]] CompiledStep compile(const config::AddStep& step, StepCompiler& compiler);
[[nodiscard]] CompiledStep compile(const config::DefaultStep& step, StepCompiler& compiler);
[[nodiscard]] CompiledStep compile(const config::TextStep& step, StepCompiler& compiler);
[[nodiscard]] CompiledStep compile(const config::ReplaceStep& step, StepCompiler& compiler);
[[nodiscard]] CompiledStep compile(const config::LookupStep& step, StepCompiler& compiler);
[[nodiscard]] CompiledStep compile(const config::CastStep& step, StepCompiler& compiler);
[[nodiscard]] CompiledStep compile(const config::ValidIpStep& step, StepCompiler& compiler);
[[nodiscard]] CompiledStep compile(const config::MaskStep& step, StepCompiler& compiler);
[[nodiscard]] CompiledStep compile(const config::UnwrapStep& step, StepCompiler& compiler);

}  // namespace millrace::steps
