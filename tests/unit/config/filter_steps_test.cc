// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/config/one_step.h"

namespace millrace::config {
namespace {

TEST(FilterStep, HasOneActionPerKind) {
  using Action = FilterStep::Action;
  EXPECT_EQ(only_step<FilterStep>("keep_if: {field: a, equals: 1}").action, Action::kKeepIf);
  EXPECT_EQ(only_step<FilterStep>("drop_if: {field: a, equals: 1}").action, Action::kDropIf);
  EXPECT_EQ(only_step<FilterStep>("reject_if: {field: a, equals: 1}").action, Action::kRejectIf);
}

TEST(FilterStep, HasACondition) {
  const auto step = only_step<FilterStep>("drop_if: {any: [{field: a, equals: 1}]}");

  EXPECT_EQ(step.condition.kind, Condition::Kind::kAny);
  EXPECT_THAT(step_problems("reject_if: a"),
              ElementsAre("p.yaml:8:16: 'reject_if' must be a condition, such as {field: country, "
                          "equals: DE}, not 'a'"));
}

}  // namespace
}  // namespace millrace::config
