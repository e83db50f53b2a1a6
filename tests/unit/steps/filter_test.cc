// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/unit/steps/conditions.h"
#include "tests/unit/steps/step_runner.h"

namespace millrace::steps {
namespace {

using Action = config::FilterStep::Action;

StepRunner filter(Action action, config::Condition condition) {
  const char* kind = "keep_if";
  if (action == Action::kDropIf) kind = "drop_if";
  if (action == Action::kRejectIf) kind = "reject_if";
  return StepRunner(step_config(kind, config::FilterStep{action, std::move(condition)}));
}

TEST(FilterStep, KeepsWhatMeetsTheCondition) {
  StepRunner keep = filter(Action::kKeepIf, equals("a", R"("x")"));

  EXPECT_EQ(keep.run(R"({"a":"x"})"), R"({"a":"x"})");
  EXPECT_EQ(keep.run(R"({"a":"y"})"), "filtered");
  EXPECT_EQ(keep.run(R"({"a":null})"), "filtered");
  EXPECT_EQ(keep.run("{}"), "filtered");
}

TEST(FilterStep, DropsWhatMeetsTheCondition) {
  StepRunner drop = filter(Action::kDropIf, equals("a.b", "1"));

  EXPECT_EQ(drop.run(R"({"a":{"b":1.0}})"), "filtered");
  EXPECT_EQ(drop.run(R"({"a":{"b":2}})"), R"({"a":{"b":2}})");
  EXPECT_EQ(drop.run("{}"), "{}");
}

TEST(FilterStep, RejectsWhatMeetsTheCondition) {
  StepRunner reject = filter(Action::kRejectIf, equals("a", R"("x")"));

  EXPECT_EQ(reject.run(R"({"a":"x"})"),
            R"(rejected step:1:reject_if at /a: rejected, since a is "x")");
  EXPECT_EQ(reject.run(R"({"a":"y"})"), R"({"a":"y"})");
  EXPECT_EQ(reject.run("{}"), "{}");
}

TEST(FilterStep, NamesNoValueWhereSeveralAreTested) {
  StepRunner reject = filter(Action::kRejectIf, any_of({equals("a", "1"), equals("b", "2")}));

  EXPECT_EQ(reject.run(R"({"a":1})"),
            "rejected step:1:reject_if: rejected, since a is 1 or b is 2");
}

TEST(FilterStep, RejectsWhatCannotBeDecided) {
  const config::Condition version = version_at_least("app_version", "2.3.0");
  const std::vector<std::pair<Action, std::string>> actions = {
      {Action::kKeepIf, "keep_if"}, {Action::kDropIf, "drop_if"}, {Action::kRejectIf, "reject_if"}};

  for (const auto& [action, kind] : actions) {
    StepRunner step = filter(action, version);
    EXPECT_EQ(step.run("{}"), "rejected step:1:" + kind + ": 'app_version' is absent");
    EXPECT_EQ(step.run(R"({"app_version":"abc"})"),
              "rejected step:1:" + kind + " at /app_version: 'abc' is not a version");
  }
}

TEST(FilterStep, HasARuleOnlyWhereItCanReject) {
  const config::Condition decided = equals("a", "1");
  const config::Condition undecided = all_of({decided, at_least("a", "1")});
  using Rules = std::vector<std::string>;

  EXPECT_EQ(filter(Action::kKeepIf, decided).rules(), Rules{});
  EXPECT_EQ(filter(Action::kDropIf, decided).rules(), Rules{});
  EXPECT_EQ(filter(Action::kRejectIf, decided).rules(), Rules{"step:1:reject_if"});
  EXPECT_EQ(filter(Action::kKeepIf, undecided).rules(), Rules{"step:1:keep_if"});
  EXPECT_EQ(filter(Action::kDropIf, undecided).rules(), Rules{"step:1:drop_if"});
  EXPECT_EQ(filter(Action::kRejectIf, undecided).rules(), Rules{"step:1:reject_if"});
}

TEST(FilterStep, IsNotCompiledWithABadCondition) {
  StepRunner keep = filter(Action::kKeepIf, version_at_least("v", "two"));

  EXPECT_EQ(keep.run("{}"), "the step was not compiled");
  EXPECT_EQ(keep.problems().size(), 1U);
  EXPECT_TRUE(keep.rules().empty());
}

}  // namespace
}  // namespace millrace::steps
