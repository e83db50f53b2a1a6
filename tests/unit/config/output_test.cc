// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/config/loading.h"

namespace millrace::config {
namespace {

TEST(Output, TopicAndKeyAreRead) {
  const PipelineConfig config =
      config_of(smallest_but("output", "output: {topic: clean, key: user_id}"));

  EXPECT_EQ(config.output.topic.value, "clean");
  EXPECT_EQ(config.output.key->value, "user_id");
}

TEST(Output, ATopicIsRequired) {
  EXPECT_THAT(problems_in(smallest_but("output", "output: {key: a}")),
              ElementsAre("p.yaml:4:1: the key 'topic' is missing in 'output'; write the topic "
                          "that good records go to"));
}

TEST(Output, ANestedKeyIsNotSupportedYet) {
  EXPECT_THAT(problems_in(smallest_but("output", "output: {topic: t, key: user.id}")),
              ElementsAre("p.yaml:4:25: 'output.key' names a nested member ('user.id'); that is "
                          "not supported yet"));
}

TEST(Output, PlannedKeysAreNotSupportedYet) {
  EXPECT_THAT(problems_in(smallest_but("output", "output: {topic: t, partition: same}")),
              ElementsAre("p.yaml:4:20: the key 'partition' in 'output' is not supported yet"));
}

TEST(Output, AnInputTopicIsALoop) {
  EXPECT_THAT(problems_in(smallest_but("output", "output: {topic: in}")),
              ElementsAre("p.yaml:4:17: 'output.topic' is 'in', which is an input topic too; its "
                          "records would go round for ever"));
}

TEST(Output, ATopicThatTheInputPatternMatchesIsALoop) {
  std::string text = smallest_but("input", "input: {topic_pattern: '^(user|ou).*', group: g}");

  EXPECT_THAT(problems_in(text),
              ElementsAre(HasSubstr("p.yaml:4:17: 'output.topic' is 'out', which is an input")));
}

TEST(DeadLetters, ATopicOrDiscard) {
  EXPECT_TRUE(config_of(kSmallest).dead_letters.discard);
  const PipelineConfig config =
      config_of(smallest_but("dead_letters", "dead_letters: {topic: dead}"));
  EXPECT_FALSE(config.dead_letters.discard);
  EXPECT_EQ(config.dead_letters.topic.value, "dead");
}

TEST(DeadLetters, OtherFormsAreErrors) {
  const std::string sentence =
      "must be 'discard' (rejected records are counted, and gone) or a map with the key 'topic', "
      "not ";
  EXPECT_THAT(problems_in(smallest_but("dead_letters", "dead_letters: my-topic")),
              ElementsAre("p.yaml:5:15: 'dead_letters' " + sentence + "'my-topic'"));
  EXPECT_THAT(problems_in(smallest_but("dead_letters", "dead_letters: [a]")),
              ElementsAre("p.yaml:5:15: 'dead_letters' " + sentence + "a list"));
  EXPECT_THAT(problems_in(smallest_but("dead_letters", "dead_letters: {}")),
              ElementsAre("p.yaml:5:1: the key 'topic' is missing in 'dead_letters'; write the "
                          "topic that rejected records go to"));
}

TEST(DeadLetters, PlannedKeysAreNotSupportedYet) {
  EXPECT_THAT(
      problems_in(smallest_but("dead_letters",
                               "dead_letters: {topic: d, stop_above: {share: 5%}, format: raw}")),
      ElementsAre("p.yaml:5:26: the key 'stop_above' in 'dead_letters' is not supported yet",
                  "p.yaml:5:51: the key 'format' in 'dead_letters' is not supported yet"));
}

TEST(DeadLetters, MayNotGoWhereOtherRecordsAre) {
  EXPECT_THAT(problems_in(smallest_but("dead_letters", "dead_letters: {topic: in}")),
              ElementsAre("p.yaml:5:23: 'dead_letters.topic' is 'in', which is an input topic too; "
                          "its records would go round for ever"));
  EXPECT_THAT(problems_in(smallest_but("dead_letters", "dead_letters: {topic: out}")),
              ElementsAre("p.yaml:5:23: 'dead_letters.topic' is 'out', which is the output topic "
                          "too; rejected records would stand among the good ones"));
}

TEST(Delivery, CommitEveryIsRead) {
  const PipelineConfig config =
      config_of(smallest_but("delivery", "delivery: {guarantee: at_least_once, commit_every: 2s}"));

  EXPECT_EQ(config.delivery.commit_every, std::chrono::seconds(2));
}

TEST(Delivery, TheGuaranteeMustBeWritten) {
  EXPECT_THAT(problems_in(smallest_but("delivery", "delivery: {commit_every: 2s}")),
              ElementsAre("p.yaml:6:1: the key 'guarantee' is missing in 'delivery'; write "
                          "'at_least_once'; exactly once is going to be the default and is not "
                          "supported yet"));
  EXPECT_THAT(problems_in(smallest_but("delivery", "delivery: {guarantee: exactly_once}")),
              ElementsAre("p.yaml:6:23: 'delivery.guarantee': 'exactly_once' is not supported "
                          "yet"));
  EXPECT_THAT(problems_in(smallest_but("delivery", "delivery: {guarantee: at_most_once}")),
              ElementsAre("p.yaml:6:23: 'delivery.guarantee' must be at_least_once, not "
                          "'at_most_once'"));
}

TEST(Delivery, PlannedKeysAreNotSupportedYet) {
  EXPECT_THAT(problems_in(smallest_but(
                  "delivery", "delivery: {guarantee: at_least_once, on_failure: dead_letter}")),
              ElementsAre("p.yaml:6:38: the key 'on_failure' in 'delivery' is not supported yet"));
}

}  // namespace
}  // namespace millrace::config
