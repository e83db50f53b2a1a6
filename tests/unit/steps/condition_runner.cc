// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/steps/condition_runner.h"

namespace millrace::steps {

ConditionRunner::ConditionRunner(const config::Condition& condition) {
  CompileContext compiling{names_, rules_, problems_};
  condition_ = compile_condition(condition, compiling);
  document_ = std::make_unique<record::Document>(
      names_, record::Document::Options{.reject_duplicates = false, .objects_only = false});
  context_.arena = &arena_;
}

std::string ConditionRunner::test(std::string_view record) {
  if (condition_ == nullptr) return problems_.empty() ? "nothing" : problems_.front().message;
  record_ = record;
  context_.reason_text.clear();
  context_.value = record::kNoNode;
  const record::ParseError error = document_->parse(record_);
  if (error != record::ParseError::kNone) return record::rule_id(error);
  switch (condition_->test(*document_, context_)) {
    case Truth::kFalse:
      return context_.reason_text.empty() ? "false" : "false, and says " + context_.reason_text;
    case Truth::kTrue:
      return context_.reason_text.empty() ? "true" : "true, and says " + context_.reason_text;
    case Truth::kUndecided:
      break;
  }
  std::string text = "undecided";
  if (context_.value != record::kNoNode) {
    text += " at ";
    document_->append_pointer(context_.value, text);
  }
  return text + ": " + context_.reason_text;
}

std::string test(const config::Condition& condition, std::string_view record) {
  return ConditionRunner(condition).test(record);
}

}  // namespace millrace::steps
