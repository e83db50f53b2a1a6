// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/config/one_step.h"

namespace millrace::config {
namespace {

TEST(EmitStep, HasATopic) {
  EXPECT_EQ(only_step<EmitStep>("emit: cleaned").topic.value, "cleaned");
  EXPECT_EQ(only_step<EmitStep>("emit: {topic: cleaned}").topic.value, "cleaned");
  EXPECT_EQ(only_step<EmitStep>("emit: {topic: cleaned}").topic.place.column, 19);
}

TEST(EmitStep, OtherValuesAreErrors) {
  EXPECT_THAT(step_problems("emit: a b"),
              ElementsAre("p.yaml:8:11: 'emit' must be the name of a topic (1 to 249 letters, "
                          "digits, '.', '_' and '-'), not 'a b'"));
  EXPECT_THAT(step_problems("emit: {}"),
              ElementsAre("p.yaml:8:5: the key 'topic' is missing in 'emit'; write the topic that "
                          "gets the copies"));
  EXPECT_THAT(step_problems("emit: [a]"),
              ElementsAre("p.yaml:8:11: 'emit' must be a topic, or a map with the key 'topic', not "
                          "a list"));
}

TEST(RouteStep, HasCasesInTheirOrder) {
  const auto step = only_step<RouteStep>(
      "route: [{when: {field: c, equals: DE}, topic: de}, {topic: other, when: {not: {field: c, "
      "exists: true}}}, {topic: rest}]");

  ASSERT_EQ(step.cases.size(), 3U);
  ASSERT_TRUE(step.cases[0].condition.has_value());
  EXPECT_EQ(step.cases[0].condition->field.text, "c");
  EXPECT_EQ(step.cases[0].topic.value, "de");
  EXPECT_EQ(step.cases[1].condition->kind, Condition::Kind::kNot);
  EXPECT_FALSE(step.cases[2].condition.has_value());
  EXPECT_EQ(step.cases[2].topic.value, "rest");
}

TEST(RouteStep, OtherValuesAreErrors) {
  EXPECT_THAT(step_problems("route: [{topic: a}, {when: {field: c, equals: 1}, topic: b}]"),
              ElementsAre("p.yaml:8:13: 'route' has a case without 'when' before others, which are "
                          "never reached; write 'when', or make it the last"));
  EXPECT_THAT(step_problems("route: [{when: {field: c, equals: 1}}, x]"),
              ElementsAre("p.yaml:8:13: the key 'topic' is missing in 'route'; write the topic of "
                          "this case",
                          "p.yaml:8:44: 'route' must be a case, such as {when: {field: country, "
                          "equals: DE}, topic: de}, not 'x'"));
  EXPECT_THAT(step_problems("route: [{when: {field: c}, topic: a}]"),
              ElementsAre("p.yaml:8:21: 'route.when.field' has no test beside it; write one, such "
                          "as 'equals: VALUE' or 'exists: true'"));
  EXPECT_THAT(step_problems("route: orders"),
              ElementsAre("p.yaml:8:12: 'route' must be a list such as [{when: {field: country, "
                          "equals: DE}, topic: orders-de}], not 'orders'"));
  EXPECT_THAT(step_problems("route: []"),
              ElementsAre(HasSubstr("'route' is an empty list; it must be a list such as")));
}

}  // namespace
}  // namespace millrace::config
