// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/config/loading.h"

namespace millrace::config {
namespace {

std::string with_input(const std::string& members) {
  return smallest_but("input", "input: {" + members + "}");
}

TEST(Input, EveryKeyIsRead) {
  const PipelineConfig config = config_of(
      with_input("topics: [a, b], group: my group, start: latest, batch: {max_records: 1, "
                 "max_wait: 0}, tombstones: pass, duplicate_members: dead_letter, values: any, "
                 "on_lost_offsets: latest"));

  ASSERT_EQ(config.input.topics.size(), 2U);
  EXPECT_EQ(config.input.topics[1].value, "b");
  EXPECT_EQ(config.input.topics[1].place.column, 21);
  EXPECT_EQ(config.input.group.value, "my group");
  EXPECT_EQ(config.input.start, Start::kLatest);
  EXPECT_EQ(config.input.on_lost_offsets, OnLostOffsets::kLatest);
  EXPECT_EQ(config.input.batch_records_max, 1U);
  EXPECT_EQ(config.input.batch_wait, std::chrono::milliseconds(0));
  EXPECT_EQ(config.input.tombstones, Tombstones::kPass);
  EXPECT_EQ(config.input.duplicate_members, DuplicateMembers::kDeadLetter);
  EXPECT_EQ(config.input.values, Values::kAny);
  EXPECT_EQ(config_of(with_input("topic: a, group: g, values: objects")).input.values,
            Values::kObjects);
  EXPECT_EQ(
      config_of(with_input("topic: a, group: g, on_lost_offsets: earliest")).input.on_lost_offsets,
      OnLostOffsets::kEarliest);
  EXPECT_EQ(
      config_of(with_input("topic: a, group: g, on_lost_offsets: stop")).input.on_lost_offsets,
      OnLostOffsets::kStop);
}

TEST(Input, APatternIsKeptAsWritten) {
  const PipelineConfig config = config_of(with_input("topic_pattern: '^user-[a-z]+$', group: g"));

  EXPECT_TRUE(config.input.topics.empty());
  EXPECT_EQ(config.input.pattern->value, "^user-[a-z]+$");
}

TEST(Input, NeedsExactlyOneWayToNameTopics) {
  EXPECT_THAT(problems_in(with_input("group: g")),
              ElementsAre("p.yaml:3:1: 'input' needs exactly one of the keys 'topic', 'topics' and "
                          "'topic_pattern', and has none"));
  EXPECT_THAT(problems_in(with_input("topic: a, topics: [b], group: g")),
              ElementsAre(HasSubstr("'topic_pattern', and has several")));
}

TEST(Input, AGroupIsRequired) {
  EXPECT_THAT(problems_in(with_input("topic: a")),
              ElementsAre("p.yaml:3:1: the key 'group' is missing in 'input'; write the consumer "
                          "group's name"));
  EXPECT_THAT(problems_in(with_input("topic: a, group: " + std::string(256, 'g'))),
              ElementsAre("p.yaml:3:26: 'input.group' is longer than 255 bytes"));
}

class WrongTopic : public ::testing::TestWithParam<std::string> {};

TEST_P(WrongTopic, IsAnErrorAtItsPlace) {
  EXPECT_THAT(problems_in(with_input("topic: '" + GetParam() + "', group: g")),
              ElementsAre(HasSubstr("p.yaml:3:16: 'input.topic' ")));
  EXPECT_THAT(problems_in(with_input("topics: [a, '" + GetParam() + "'], group: g")),
              ElementsAre(HasSubstr("p.yaml:3:21: 'input.topics' ")));
}

INSTANTIATE_TEST_SUITE_P(Names, WrongTopic,
                         ::testing::Values("", ".", "..", "a b", "a/b", "^a", "ü",
                                           std::string(250, 'x')));

TEST(Input, TopicsAreAListOfDifferentNames) {
  EXPECT_THAT(problems_in(with_input("topics: [], group: g")),
              ElementsAre("p.yaml:3:17: 'input.topics' is an empty list; it must be a list of "
                          "topics"));
  EXPECT_THAT(problems_in(with_input("topics: a, group: g")),
              ElementsAre("p.yaml:3:17: 'input.topics' must be a list of topics, not 'a'"));
  EXPECT_THAT(problems_in(with_input("topics: [a, b, a], group: g")),
              ElementsAre("p.yaml:3:24: 'input.topics' names the topic 'a' twice"));
}

TEST(Input, AWrongPatternIsAnErrorWithTheReason) {
  const auto problems_of = [](const std::string& pattern) {
    return problems_in(with_input("topic_pattern: '" + pattern + "', group: g"));
  };

  EXPECT_THAT(problems_of("user.*"),
              ElementsAre("p.yaml:3:24: 'input.topic_pattern' must begin with '^'; one topic's "
                          "name belongs to 'topic'"));
  EXPECT_THAT(problems_of("^(a"),
              ElementsAre(HasSubstr("'input.topic_pattern' is not a POSIX extended regular "
                                    "expression: ")));
  EXPECT_THAT(problems_of("^(a{500}){500}"),
              ElementsAre(HasSubstr("has counted repeats that multiply to more than 1,000")));
  EXPECT_THAT(problems_of("^a{99999999999999999999}"), ElementsAre(HasSubstr("counted repeats")));
  EXPECT_THAT(problems_of("^a{1,5000}"), ElementsAre(HasSubstr("counted repeats")));
  EXPECT_THAT(problems_of("^[0-9]{4}-[0-9]{2,3}$"), IsEmpty());
}

TEST(Input, BatchBoundsAreChecked) {
  EXPECT_THAT(
      problems_in(with_input("topic: a, group: g, batch: {max_records: 0, max_wait: 11s}")),
      ElementsAre("p.yaml:3:50: 'input.batch.max_records' must be a whole number from 1 to 100000, "
                  "not '0'",
                  "p.yaml:3:63: 'input.batch.max_wait' must be a duration from 0ms to 10s (a whole "
                  "number and ms, s, m or h), not '11s'"));
  EXPECT_THAT(problems_in(with_input("topic: a, group: g, batch: {max_record: 1}")),
              ElementsAre("p.yaml:3:37: unknown key 'max_record' in 'input.batch'; did you mean "
                          "'max_records'?"));
}

TEST(Input, ChoicesNameWhatIsAllowed) {
  EXPECT_THAT(
      problems_in(with_input("topic: a, group: g, start: now, tombstones: drop, "
                             "duplicate_members: first, values: none, on_lost_offsets: reset")),
      ElementsAre("p.yaml:3:36: 'input.start' must be earliest or latest, not 'now'",
                  "p.yaml:3:53: 'input.tombstones' must be dead_letter, pass or filter, not 'drop'",
                  "p.yaml:3:78: 'input.duplicate_members' must be last_wins or dead_letter, not "
                  "'first'",
                  "p.yaml:3:93: 'input.values' must be objects or any, not 'none'",
                  "p.yaml:3:116: 'input.on_lost_offsets' must be stop, earliest or latest, not "
                  "'reset'"));
}

TEST(Input, PlannedKeysAreNotSupportedYet) {
  EXPECT_THAT(problems_in(with_input("topic: a, group: g, gaps: forbid")),
              ElementsAre("p.yaml:3:29: the key 'gaps' in 'input' is not supported yet"));
}

}  // namespace
}  // namespace millrace::config
