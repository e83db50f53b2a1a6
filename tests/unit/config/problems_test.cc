// SPDX-License-Identifier: Apache-2.0
#include "engine/config/problems.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace millrace::config {
namespace {

using ::testing::ElementsAre;

TEST(Problem, IsOneLineWithItsPlace) {
  EXPECT_EQ(to_string(Problem{Place{"a.yaml", 3, 7}, "is wrong"}), "a.yaml:3:7: is wrong");
  EXPECT_EQ(to_string(Problem{Place{"a.yaml"}, "is empty"}), "a.yaml: is empty");
  EXPECT_EQ(to_string(Problem{Place{"a.yaml", 3, 7}, "is odd", true}),
            "a.yaml:3:7: warning: is odd");
}

TEST(Problems, ComeInTheOrderOfTheMainFileAndThenOfTheOthers) {
  Problems problems;
  problems.add(Place{"a.json", 1, 1}, "e");
  problems.add(Place{"m.yaml", 10, 1}, "d");
  problems.add(Place{"m.yaml", 9, 30}, "c");
  problems.add(Place{"m.yaml", 9, 4}, "a");
  problems.add(Place{"m.yaml", 9, 4}, "b");

  std::vector<std::string> messages;
  for (const Problem& problem : problems.take("m.yaml")) messages.push_back(problem.message);

  EXPECT_THAT(messages, ElementsAre("a", "b", "c", "d", "e"));
}

TEST(Problems, AreReportedOnceEach) {
  Problems problems;
  problems.add(Place{"m.yaml", 1, 1}, "a");
  problems.add(Place{"m.yaml", 1, 1}, "a");

  EXPECT_EQ(problems.take("m.yaml").size(), 1U);
  EXPECT_TRUE(problems.empty());
}

TEST(Problems, AreErrorsUnlessTheyAreWarnings) {
  Problems problems;
  problems.add_warning(Place{"m.yaml", 2, 1}, "b");
  const std::vector<Problem> warning = problems.take("m.yaml");
  problems.add_warning(Place{"m.yaml", 2, 1}, "b");
  problems.add(Place{"m.yaml", 1, 1}, "a");
  const std::vector<Problem> both = problems.take("m.yaml");

  EXPECT_FALSE(has_errors({}));
  EXPECT_FALSE(has_errors(warning));
  ASSERT_EQ(both.size(), 2U);
  EXPECT_FALSE(both[0].warning);
  EXPECT_TRUE(both[1].warning);
  EXPECT_TRUE(has_errors(both));
}

TEST(Problems, ThatAreTooManyAreCounted) {
  Problems problems;
  for (int line = 1; line <= 1002; ++line) problems.add_warning(Place{"m.yaml", line, 1}, "w");
  const std::vector<Problem> warnings = problems.take("m.yaml");
  for (int line = 1; line <= 1001; ++line) problems.add_warning(Place{"m.yaml", line, 1}, "w");
  problems.add(Place{"m.yaml", 1002, 1}, "e");
  const std::vector<Problem> one_error = problems.take("m.yaml");

  ASSERT_EQ(warnings.size(), kProblemsMax + 1);
  EXPECT_EQ(warnings.back().message, "2 more problems");
  EXPECT_FALSE(has_errors(warnings));
  EXPECT_TRUE(has_errors(one_error)) << "the error is among those that are counted only";
}

TEST(InQuotes, ShowsControlCharactersAndCutsBetweenCharacters) {
  EXPECT_EQ(in_quotes("a\nb"), "'a\\x0ab'");
  EXPECT_EQ(in_quotes("ä"), "'ä'");
  EXPECT_EQ(in_quotes(std::string(79, 'x') + "ä and more"), "'" + std::string(79, 'x') + "…'");
}

TEST(OneOf, ReadsAsASentence) {
  EXPECT_EQ(one_of({"a"}), "a");
  EXPECT_EQ(one_of({"a", "b"}), "a or b");
  EXPECT_EQ(one_of({"a", "b", "c"}), "a, b or c");
}

}  // namespace
}  // namespace millrace::config
