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
