// SPDX-License-Identifier: Apache-2.0
#include "bench/micro/p3_parts.h"

#include "engine/plan/compile_insights.h"
#include "engine/steps/compile.h"

namespace millrace::bench {

P3Parts::P3Parts() : config_(p3_config(true)), values_(records(login, kRecords)) {
  std::vector<config::Problem> problems;
  steps::CompileContext compile{names_, declaration_.rules, problems};
  for (const config::StepConfig& step : config_.steps)
    steps_.push_back(steps::compile_step(step, compile));
  insights_ = plan::compile_insights(config_, compile, declaration_);
  check(problems.empty() && steps_.size() == 4, "the plan in its parts");
  // The names that only the schema mentions.
  for (const char* name : {"ip", "locale", "device_id", "device_type"}) names_.intern(name);
  fill(batch_, values_);
  for (size_t i = 0; i < kAtOnce; ++i)
    documents_.push_back(std::make_unique<record::Document>(names_, record::Document::Options{}));
  context_.arena = &arena_;
  context_.now = kNow;
  context_.topic = "in";
}

void P3Parts::parse(size_t first) {
  arena_.reset();
  for (size_t i = 0; i < kAtOnce; ++i) {
    const std::string_view text = batch_.records()[first + i].value.view();
    check(documents_[i]->parse(text) == record::ParseError::kNone, "the parser");
  }
}

steps::Verdict P3Parts::apply(size_t index) {
  for (const std::unique_ptr<const steps::Step>& step : steps_) {
    const steps::Verdict verdict = step->apply(*documents_[index], context_);
    if (verdict != steps::Verdict::kContinue) return verdict;
  }
  return steps::Verdict::kContinue;
}

}  // namespace millrace::bench
