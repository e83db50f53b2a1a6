// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/plan/plan.h"
#include "engine/record/parse_error.h"
#include "tests/unit/plan/pipeline_run.h"

namespace millrace::plan::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(PlanCompile, ListsTheParsersRulesFirst) {
  const auto plan = compile(config_of({}));
  const std::vector<std::string>& rules = plan->declaration().rules;
  for (auto error = 1U; error <= static_cast<unsigned>(record::ParseError::kDuplicateMember);
       ++error)
    EXPECT_EQ(rules.at(error - 1), record::rule_id(static_cast<record::ParseError>(error)));
}

TEST(PlanCompile, ListsRulesInTheOrderInWhichTheyApply) {
  const auto plan = compile(
      config_of({.rest = "schema: {type: object, required: [a], properties: {b: {type: string}}}\n"
                         "steps:\n  - rename: {a: c}\n  - lowercase: [a, b, d]\n"
                         "  - keep_if: {field: v, version_at_least: 1}\n"}));
  EXPECT_THAT(plan->declaration().rules,
              ElementsAre("parse:empty", "parse:utf8", "parse:syntax", "parse:depth",
                          "parse:too_many_members", "parse:not_object", "parse:duplicate_member",
                          "input:tombstone", "schema:/required/a", "schema:/properties/b/type",
                          "step:1:rename", "step:3:keep_if", "output:key", "output:expansion",
                          "output:too_large"));
}

TEST(PlanCompile, HasARuleForRefusedDeliveriesWhereTheyBecomeDeadLetters) {
  config::PipelineConfig config = config_of({});
  config.delivery.on_failure = config::OnFailure::kDeadLetter;
  EXPECT_EQ(compile(config)->declaration().rules.back(), "delivery:refused");
}

TEST(PlanCompile, DeclaresTheInsightsAsNamed) {
  const auto plan =
      compile(config_of({.rest = "insights:\n  - count_by: [a, b]\n  - top: {of: u, limit: 3}\n"
                                 "  - distinct: u\n  - hours_of_day: t\n"}));
  const auto& insights = plan->declaration().insights;
  ASSERT_EQ(insights.size(), 4U);
  EXPECT_EQ(insights[0].kind, insights::Kind::kCountBy);
  EXPECT_EQ(insights[0].name, "count_by_a_b");
  EXPECT_THAT(insights[0].fields, ElementsAre("a", "b"));
  EXPECT_EQ(insights[1].kind, insights::Kind::kTop);
  EXPECT_EQ(insights[1].limit, 3U);
  EXPECT_EQ(insights[2].kind, insights::Kind::kDistinct);
  EXPECT_EQ(insights[3].kind, insights::Kind::kHoursOfDay);
}

TEST(PlanDescribe, SaysEverythingThatHappensInOrder) {
  const std::string words =
      compile(config_of({.output = "{topic: out, key: u}",
                         .rest = "steps:\n  - lowercase: a\n  - rename: {a: b}\n"
                                 "  - add: {c: 1, d: {now: rfc3339}}\n"
                                 "insights:\n  - count_by: a\n"}))
          ->describe();
  std::string::size_type at = 0;
  for (const char* part :
       {"in as group g", "a", "b", "c = 1, d = now", "out: key u", "to dead", "count_by_a"}) {
    at = words.find(part, at);
    ASSERT_NE(at, std::string::npos) << part << " in " << words;
  }
  EXPECT_THAT(compile(config_of({.dead_letters = "discard"}))->describe(), HasSubstr("discarded"));
}

}  // namespace
}  // namespace millrace::plan::testing
