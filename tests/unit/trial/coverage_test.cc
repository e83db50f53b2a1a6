// SPDX-License-Identifier: Apache-2.0
#include "engine/trial/coverage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/trial/trial_fixture.h"

namespace millrace::trial {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
using ::testing::Not;

using CoverageOfPlan = TrialTest;

TEST_F(CoverageOfPlan, NothingIsExercisedAtFirst) {
  const Coverage coverage(*plan_);

  EXPECT_FALSE(coverage.complete());
  EXPECT_THAT(coverage.missing(),
              IsSupersetOf({"rule schema:/required/id", "rule step:4:cast",
                            "step 1, drop_if (p.yaml:7)", "step 2, lowercase (p.yaml:8)",
                            "step 3, emit (p.yaml:9)", "step 4, cast (p.yaml:10)"}));
}

TEST_F(CoverageOfPlan, WhatEveryPipelineHasIsNotAskedFor) {
  const Coverage coverage(*plan_);

  for (const std::string& line : coverage.missing())
    EXPECT_TRUE(line.starts_with("rule schema:") || line.starts_with("rule step:") ||
                line.starts_with("step "))
        << line;
}

TEST_F(CoverageOfPlan, AStepCountsByItsEffectAndARuleByItsDeadLetter) {
  Coverage coverage(*plan_);

  check("input: {id: a, name: b, n: 1}, expect: emitted", &coverage);
  EXPECT_THAT(coverage.missing(), Contains("step 2, lowercase (p.yaml:8)"));
  EXPECT_THAT(coverage.missing(), Not(Contains("step 3, emit (p.yaml:9)")));

  check("input: {id: a, name: B}, expect: emitted", &coverage);
  EXPECT_THAT(coverage.missing(), Not(Contains("step 2, lowercase (p.yaml:8)")));

  EXPECT_THAT(coverage.missing(), Contains("rule schema:/required/id"));
  check("input: {}, expect: {dead_letter: schema:/required/id}", &coverage);
  EXPECT_THAT(coverage.missing(), Not(Contains("rule schema:/required/id")));

  EXPECT_THAT(coverage.missing(), Contains("step 1, drop_if (p.yaml:7)"));
  check("input: {id: old}, expect: filtered", &coverage);
  EXPECT_THAT(coverage.missing(), Not(Contains("step 1, drop_if (p.yaml:7)")));
}

std::vector<std::string> missing_in(const std::string& more) {
  const auto plan = compile_plan("dead_letters: {topic: dead}\n" + more);
  return Coverage(*plan).missing();
}

TEST(CoverageOfTypes, AskedForIsOnlyWhatCanReject) {
  EXPECT_THAT(missing_in("schema: {type: object}\n"), IsEmpty());
  EXPECT_THAT(missing_in("schema: {type: [array, object]}\n"), IsEmpty());
  EXPECT_THAT(missing_in("schema: {type: array}\n"), ElementsAre("rule schema:/type"));
  EXPECT_THAT(missing_in("schema: {properties: {a: {type: object}}}\n"),
              ElementsAre("rule schema:/properties/a/type"));
}

TEST(CoverageOfTypes, WhereAnyValueMayComeTheTypeIsAskedFor) {
  const auto plan = compile_plan("dead_letters: {topic: dead}\nschema: {type: object}\n", "any");

  EXPECT_THAT(Coverage(*plan).missing(), ElementsAre("rule schema:/type"));
}

class CoverageOfLittle : public TrialTest {
 protected:
  CoverageOfLittle()
      : TrialTest(
            "schema: {required: [id]}\n"
            "steps: [cast: {field: n, to: int}]\n"
            "dead_letters: {topic: dead}\n") {}
};

TEST_F(CoverageOfLittle, IsCompleteOnceAllWasSeen) {
  Coverage coverage(*plan_);

  check("input: {}, expect: {dead_letter: schema:/required/id}", &coverage);
  EXPECT_FALSE(coverage.complete());
  check("input: {id: 1, n: 1.0}, expect: emitted", &coverage);
  check("input: {id: 1, n: x}, expect: {dead_letter: step:1:cast}", &coverage);

  EXPECT_THAT(coverage.missing(), IsEmpty());
  EXPECT_TRUE(coverage.complete());
  EXPECT_EQ(coverage.summary(), "rules 2 of 2, steps 1 of 1 exercised");
}

}  // namespace
}  // namespace millrace::trial
