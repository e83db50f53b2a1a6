// SPDX-License-Identifier: Apache-2.0
// A program of its own, because it counts every call of operator new.
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "engine/record/arena.h"
#include "engine/record/document.h"
#include "engine/steps/compile.h"
#include "tests/counting_new.h"
#include "tests/unit/steps/conditions.h"
#include "tests/unit/steps/step_runner.h"

namespace millrace::steps {
namespace {

config::StepConfig keep_if(config::Condition condition) {
  return step_config("keep_if",
                     config::FilterStep{config::FilterStep::Action::kKeepIf, std::move(condition)});
}

config::StepConfig mask(std::string_view field, config::MaskStep::How how) {
  config::MaskStep step;
  step.field = field_path(field);
  step.how = how;
  step.keep_last = 2;
  step.key = "a key of some bytes";
  return step_config("mask", std::move(step));
}

// Steps that take the record below, and steps that reject it.
std::vector<config::StepConfig> all_steps() {
  config::LookupStep lookup;
  lookup.field = field_path("os");
  lookup.table = {{"ANDRöID, not the phone", R"({"x":[1]})"}};
  lookup.into = field_path("label");
  config::UnwrapStep unwrap;
  unwrap.field = field_path("json");
  config::ValidIpStep valid_ip;
  valid_ip.field = field_path("ip");
  valid_ip.otherwise = "null";

  std::vector<config::StepConfig> steps;
  steps.push_back(keep_if(version_at_least("version", "2.3.0")));
  steps.push_back(keep_if(all_of(
      {test_of("os", config::InIgnoreCaseTest{{"androidX", "andröid, not the phone"}}),
       test_of("os", config::MatchesTest{{"not .* phone", {}}}),
       test_of("n", config::EqualsTest{{"1", "2", "12345678901234567890123"}}),
       at_least("n", "12345678901234567890122"), not_of(equals("list", R"([1,{"a":2}])"))})));
  steps.push_back(step_config("lookup", std::move(lookup)));
  steps.push_back(mask("ip", config::MaskStep::How::kSha256));
  steps.push_back(step_config("valid_ip", std::move(valid_ip)));
  steps.push_back(mask("list", config::MaskStep::How::kKeepLast));
  steps.push_back(mask("version", config::MaskStep::How::kHmacSha256));
  steps.push_back(step_config("unwrap", std::move(unwrap)));
  steps.push_back(keep_if(at_least("json.a", "5")));  // undecided: rejects
  return steps;
}

constexpr std::string_view kRecord =
    R"({"version":"2.10.0.1234567890123456789","os":"ANDR\u00f6ID, not the phone",)"
    R"("n":12345678901234567890123,"list":[1,{"a":3}],"ip":"not an address at all, is it",)"
    R"("json":"{\"a\":\"a string that is no number\"}"})";

TEST(Steps, AllocateNothingInTheSteadyState) {
  record::NameTable names;
  std::vector<std::string> rules;
  std::vector<config::Problem> problems;
  CompileContext compiling{names, rules, problems};
  std::vector<std::unique_ptr<const Step>> steps;
  for (const config::StepConfig& step : all_steps()) steps.push_back(compile_step(step, compiling));
  ASSERT_TRUE(problems.empty());
  record::Document document(names, {});
  record::Arena arena;
  StepContext context;
  context.arena = &arena;
  const auto run = [&] {
    arena.reset();
    context.reason_text.clear();
    size_t applied = 0;
    if (document.parse(kRecord) != record::ParseError::kNone) return applied;
    for (const auto& step : steps) {
      ++applied;
      if (step->apply(document, context) != Verdict::kContinue) break;
    }
    return applied;
  };

  ASSERT_EQ(run(), steps.size());
  for (int i = 0; i < 10; ++i) (void)run();
  const size_t before = tests::allocations();
  for (int i = 0; i < 1000; ++i) (void)run();

  EXPECT_EQ(tests::allocations(), before);
  EXPECT_EQ(context.reason_text, "'a string that is no number' is not a number");
}

}  // namespace
}  // namespace millrace::steps
