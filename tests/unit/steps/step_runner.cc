// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/steps/step_runner.h"

#include <utility>

#include "engine/base/check.h"
#include "engine/base/result.h"

namespace millrace::steps {

config::FieldPath field_path(std::string_view text) {
  base::Result<config::FieldPath> path = config::parse_field_path(text);
  MILLRACE_CHECK(path.ok());
  return std::move(path.value());
}

StepRunner::StepRunner(const config::StepConfig& step, Options options) {
  CompileContext compiling{names_, rules_, problems_, options.objects_only};
  step_ = compile_step(step, compiling);
  document_.emplace(names_, record::Document::Options{.reject_duplicates = false,
                                                      .objects_only = options.objects_only});
  context_.arena = &arena_;
}

std::string StepRunner::run(std::string_view record) {
  if (step_ == nullptr) return "the step was not compiled";
  record_ = record;
  arena_.reset();
  context_.reason_text.clear();
  context_.value = record::kNoNode;
  const record::ParseError error = document_->parse(record_);
  if (error != record::ParseError::kNone) return record::rule_id(error);
  switch (step_->apply(*document_, context_)) {
    case Verdict::kFilter:
      return "filtered";
    case Verdict::kReject:
      return rejection();
    case Verdict::kContinue:
      break;
  }
  std::string text(document_->encoded_size(record::Encoding::kCompact), '\0');
  document_->encode(record::Encoding::kCompact, text.data());
  return text;
}

std::string StepRunner::rejection() const {
  std::string text = "rejected " + rules_.at(context_.rule.index);
  if (context_.value != record::kNoNode) {
    text += " at ";
    document_->append_pointer(context_.value, text);
  }
  return text + ": " + context_.reason_text;
}

std::vector<std::string> StepRunner::problems() const {
  std::vector<std::string> messages;
  for (const config::Problem& problem : problems_)
    messages.push_back((problem.warning ? "warning: " : "") + problem.message);
  return messages;
}

}  // namespace millrace::steps
