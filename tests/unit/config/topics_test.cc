// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/config/loading.h"

namespace millrace::config {
namespace {

constexpr const char* kLoop = "which is an input topic too; its records would go round for ever";

std::string with_steps(const std::string& lines) {
  return smallest_with("steps:\n" + lines);
}

TEST(Topics, AnInputTopicIsALoop) {
  EXPECT_THAT(problems_in(smallest_but("output", "output: {topic: in}")),
              ElementsAre(std::string("p.yaml:4:17: 'output.topic' is 'in', ") + kLoop));
  EXPECT_THAT(problems_in(smallest_but("dead_letters", "dead_letters: {topic: in}")),
              ElementsAre(std::string("p.yaml:5:23: 'dead_letters.topic' is 'in', ") + kLoop));
  EXPECT_THAT(problems_in(with_steps("- trim: a\n- emit: in\n")),
              ElementsAre(std::string("p.yaml:9:9: 'emit' of step 2 is 'in', ") + kLoop));
  EXPECT_THAT(problems_in(with_steps("- route: [{when: {field: a, exists: true}, topic: in}]\n")),
              ElementsAre(HasSubstr(std::string("'route' of step 1 is 'in', ") + kLoop)));
  EXPECT_THAT(problems_in(with_steps("- trim: a\n  dead_letters: in\n")),
              ElementsAre(HasSubstr(std::string("'dead_letters' is 'in', ") + kLoop)));
}

TEST(Topics, ATopicThatTheInputPatternMatchesIsALoop) {
  EXPECT_THAT(
      problems_in(smallest_but("input", "input: {topic_pattern: '^(user|ou).*', group: g}") +
                  "steps: [{emit: user-copy}, {emit: copy}]\n"),
      ElementsAre(HasSubstr("p.yaml:4:17: 'output.topic' is 'out', which is an input"),
                  HasSubstr("'emit' of step 1 is 'user-copy', which is an input")));
}

TEST(Topics, DeadLettersDoNotStandAmongGoodRecords) {
  EXPECT_THAT(problems_in(smallest_but("dead_letters", "dead_letters: {topic: out}")),
              ElementsAre("p.yaml:5:23: 'dead_letters.topic' is 'out', which is the output topic "
                          "too; rejected records would stand among the good ones"));
  EXPECT_THAT(problems_in(smallest_but("dead_letters", "dead_letters: {topic: copy}") +
                          "steps: [{emit: copy}]\n"),
              ElementsAre("p.yaml:5:23: 'dead_letters.topic' is 'copy', which is a topic of good "
                          "records too; rejected records would stand among them"));
  EXPECT_THAT(problems_in(with_steps("- trim: a\n  dead_letters: out\n")),
              ElementsAre(HasSubstr("'dead_letters' is 'out', which is the output "
                                    "topic too")));
}

TEST(Topics, AStagesTopicIsReportedOnce) {
  EXPECT_THAT(problems_in(with_steps("- stage: {name: s, dead_letters: in, steps: [{trim: a}, "
                                     "{trim: b}]}\n")),
              ElementsAre(std::string("p.yaml:8:34: 'dead_letters' is 'in', ") + kLoop));
}

TEST(Topics, DeadLettersMayShareATopic) {
  EXPECT_THAT(problems_in(smallest_but("dead_letters", "dead_letters: {topic: dead}") +
                          "steps:\n- trim: a\n  dead_letters: dead\n- trim: b\n  dead_letters: "
                          "dead\n"),
              IsEmpty());
}

TEST(Topics, ACopyOnTheOutputTopicIsAnError) {
  EXPECT_THAT(problems_in(with_steps("- emit: out\n")),
              ElementsAre("p.yaml:8:9: 'emit' of step 1 is 'out', which is the output topic too; a "
                          "record would stand there twice"));
  EXPECT_THAT(problems_in(with_steps("- emit: a\n- emit: a\n")), IsEmpty());
}

TEST(Topics, AreAtMostTwoHundred) {
  std::string steps;
  for (int i = 1; i < 200; ++i) steps += "- emit: t" + std::to_string(i) + "\n";

  EXPECT_THAT(problems_in(with_steps(steps + "- emit: t1\n")), IsEmpty());
  EXPECT_THAT(problems_in(with_steps(steps + "- emit: t200\n")),
              ElementsAre("p.yaml:207:9: this is the 201st topic that the pipeline writes to; 200 "
                          "at most"));
}

}  // namespace
}  // namespace millrace::config
