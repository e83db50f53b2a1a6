// SPDX-License-Identifier: Apache-2.0
#include "engine/steps/compile.h"

#include <utility>
#include <variant>

#include <fmt/format.h>

#include "engine/base/check.h"
#include "engine/steps/step_compiler.h"

namespace millrace::steps {

RuleId StepCompiler::rule() {
  context_.rules.push_back(fmt::format("step:{}:{}", step_.number, step_.kind));
  return RuleId{static_cast<uint32_t>(context_.rules.size() - 1)};
}

void StepCompiler::problem(const config::Place& place, std::string message) {
  context_.problems.push_back({place, std::move(message), false});
}

void StepCompiler::warning(const config::Place& place, std::string message) {
  context_.problems.push_back({place, std::move(message), true});
}

record::Path compile_path(const config::FieldPath& path, record::NameTable& names) {
  record::Path compiled;
  compiled.text = path.text;
  compiled.segments.reserve(path.parts.size());
  for (const config::FieldPath::Part& part : path.parts) {
    record::Path::Segment segment;
    if (part.is_index) {
      segment.index = part.index;
    } else {
      segment.name = names.intern(part.name);
    }
    compiled.segments.push_back(segment);
  }
  return compiled;
}

std::unique_ptr<const Step> compile_step(const config::StepConfig& step, CompileContext& context) {
  const auto compile_kind = [&](const auto& kind) -> CompiledStep {
    if constexpr (requires(StepCompiler & compiler) { compile(kind, compiler); }) {
      StepCompiler compiler(step, context);
      return compile(kind, compiler);
    } else {
      MILLRACE_CHECK(false);  // explode, emit and route are the plan's
      return nullptr;
    }
  };
  return std::visit(compile_kind, step.step);
}

}  // namespace millrace::steps
