// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/unit/steps/condition_runner.h"
#include "tests/unit/steps/conditions.h"

namespace millrace::steps {
namespace {

// Conditions that are true, false and undecided of any record.
config::Condition yes() {
  return test_of("x", config::ExistsTest{false});
}

config::Condition no() {
  return test_of("x", config::ExistsTest{true});
}

config::Condition unknown() {
  return at_least("x", "1");
}

constexpr const char* kUndecided = "undecided: 'x' is absent";

TEST(Condition, AllIsFalseWhereOnePartIs) {
  EXPECT_EQ(test(all_of({yes(), yes()}), "{}"), "true");
  EXPECT_EQ(test(all_of({yes(), no()}), "{}"), "false");
  EXPECT_EQ(test(all_of({unknown(), no()}), "{}"), "false");
  EXPECT_EQ(test(all_of({no(), unknown()}), "{}"), "false");
  EXPECT_EQ(test(all_of({yes(), unknown(), yes()}), "{}"), kUndecided);
}

TEST(Condition, AnyIsTrueWhereOnePartIs) {
  EXPECT_EQ(test(any_of({no(), no()}), "{}"), "false");
  EXPECT_EQ(test(any_of({no(), yes()}), "{}"), "true");
  EXPECT_EQ(test(any_of({unknown(), yes()}), "{}"), "true");
  EXPECT_EQ(test(any_of({yes(), unknown()}), "{}"), "true");
  EXPECT_EQ(test(any_of({no(), unknown(), no()}), "{}"), kUndecided);
}

TEST(Condition, NotKeepsWhatIsUndecided) {
  EXPECT_EQ(test(not_of(yes()), "{}"), "false");
  EXPECT_EQ(test(not_of(no()), "{}"), "true");
  EXPECT_EQ(test(not_of(unknown()), "{}"), kUndecided);
}

TEST(Condition, NotEqualsIsTrueWhereTheValueIsAbsent) {
  EXPECT_EQ(test(not_of(equals("country", R"("DE")")), "{}"), "true");
  EXPECT_EQ(test(not_of(equals("country", R"("DE")")), R"({"country":null})"), "true");
  EXPECT_EQ(test(not_of(equals("country", R"("DE")")), R"({"country":"DE"})"), "false");
}

TEST(Condition, NestsToAnyDepth) {
  config::Condition condition = unknown();
  for (int i = 0; i < 31; ++i) condition = not_of(all_of({yes(), any_of({no(), condition})}));

  EXPECT_EQ(test(condition, "{}"), kUndecided);
  EXPECT_EQ(test(condition, R"({"x":1})"), "true");
}

TEST(Condition, KnowsWhetherItCanBeUndecided) {
  EXPECT_FALSE(ConditionRunner(all_of({yes(), not_of(any_of({no(), yes()}))})).may_be_undecided());
  EXPECT_TRUE(ConditionRunner(all_of({yes(), not_of(unknown())})).may_be_undecided());
  EXPECT_TRUE(ConditionRunner(any_of({yes(), unknown()})).may_be_undecided());
}

TEST(Condition, ReportsTheProblemsOfAllParts) {
  ConditionRunner condition(all_of({at_least("a", "x"), any_of({at_least("a", "y"), yes()})}));

  EXPECT_EQ(condition.problems().size(), 2U);
}

TEST(Condition, NeedsParts) {
  EXPECT_EQ(test(any_of({}), "{}"), "the condition has no parts");
  EXPECT_EQ(test(all_of({}), "{}"), "the condition has no parts");
}

TEST(Condition, IsDescribedInWords) {
  const auto matches = test_of("name", config::MatchesTest{{"^\"a", {}}});
  const auto in = test_of("country", config::EqualsTest{{R"("DE")", R"("AT")", "5"}});

  EXPECT_EQ(describe(all_of({in, any_of({at_least("amount", "1.50"), not_of(matches)})})),
            R"(country is one of "DE", "AT", 5 and (amount is at least 1.50 or )"
            R"(name does not match "^\"a"))");
  EXPECT_EQ(describe(not_of(all_of({yes(), no()}))), "not (x is absent and x exists)");
  EXPECT_EQ(describe(not_of(equals("a.b", "null"))), "a.b is not null");
  EXPECT_EQ(describe(test_of("a", config::IsNullTest{false})), "a is not null");
  EXPECT_EQ(describe(not_of(test_of("a", config::ExistsTest{true}))), "a is absent");
  EXPECT_EQ(describe(version_at_least("v", "2.3.0")), "v is at least version 2.3.0");
  EXPECT_EQ(
      describe(test_of(
          "v", config::VersionTest{config::VersionTest::Operation::kBelow, {"2.3", {}}, true})),
      "v is below version 2.3 byte by byte");
  EXPECT_EQ(describe(test_of("os", config::InIgnoreCaseTest{{"iOS", "web"}})),
            R"(os is, in any case, one of "iOS", "web")");
  EXPECT_EQ(describe(test_of("ip", config::IpInTest{{{"10.0.0.0/8", {}}, {"::1", {}}}})),
            "ip is in 10.0.0.0/8, ::1");
}

TEST(Condition, IsDescribedShortlyWhereItIsLong) {
  std::vector<std::string> values;
  for (int i = 0; i < 100; ++i) values.push_back(std::to_string(i));

  EXPECT_EQ(describe(test_of("a", config::EqualsTest{values})),
            "a is one of 0, 1, 2, 3, 4, 5, 6, 7 and 92 more");
  EXPECT_LT(describe(equals("a", '"' + std::string(1000, 'x') + '"')).size(), 200U);
}

}  // namespace
}  // namespace millrace::steps
