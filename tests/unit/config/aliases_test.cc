// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/config/loading.h"

namespace millrace::config {
namespace {

using Variables = std::map<std::string, std::string>;

// A pipeline that leaves out all that the aliases can fill.
const std::string kBare =
    "pipeline: p\n"
    "dead_letters: discard\n"
    "delivery: {guarantee: at_least_once}\n";

// The environment of one of the old compose files.
const Variables kCompose = {{"CONSUMER_AUTO_OFFSET_RESET", "earliest"},
                            {"CONSUMER_BOOTSTRAP_SERVER", "kafka:9092"},
                            {"CONSUMER_GROUP_ID", "assessment"},
                            {"CONSUMER_KAFKA_TOPIC", "user-login"},
                            {"CONSUMER_MESSAGE_LIMIT", "10"},
                            {"CONSUMER_WAIT_TIME", "1.0"},
                            {"LOGGER_LEVEL", "WARNING"},
                            {"PRODUCER_BOOTSTRAP_SERVER", "kafka:9092"},
                            {"PRODUCER_CLIENT_ID", "processor"},
                            {"PRODUCER_KAFKA_TOPIC", "processed-user-logins"},
                            {"PRODUCER_WAIT_TIME", "0.01"}};

Variables compose_with(const std::string& name, const std::string& value) {
  Variables variables = kCompose;
  variables[name] = value;
  return variables;
}

TEST(Aliases, FillAllThatTheFileLeavesOut) {
  const PipelineConfig config = config_of(kBare, kCompose);

  ASSERT_EQ(config.kafka.common.size(), 1U);
  EXPECT_EQ(config.kafka.common[0].name.value, "bootstrap.servers");
  EXPECT_EQ(config.kafka.common[0].value, "kafka:9092");
  ASSERT_EQ(config.kafka.producer.size(), 1U);
  EXPECT_EQ(config.kafka.producer[0].name.value, "client.id");
  EXPECT_EQ(config.kafka.producer[0].value, "processor");
  ASSERT_EQ(config.input.topics.size(), 1U);
  EXPECT_EQ(config.input.topics[0].value, "user-login");
  EXPECT_EQ(config.input.topics[0].place.file, "environment variable CONSUMER_KAFKA_TOPIC");
  EXPECT_EQ(config.input.topics[0].place.line, 0);
  EXPECT_EQ(config.input.group.value, "assessment");
  EXPECT_EQ(config.input.start, Start::kEarliest);
  EXPECT_EQ(config.input.batch_records_max, 10U);
  EXPECT_EQ(config.input.batch_wait, std::chrono::seconds(1));
  EXPECT_EQ(config.output.topic.value, "processed-user-logins");
  EXPECT_EQ(config.log.level, LogLevel::kWarn);
}

TEST(Aliases, ChangeNothingThatTheFileSays) {
  const PipelineConfig config = config_of(
      "pipeline: p\n"
      "kafka: {bootstrap.servers: 'h:1', producer: {client.id: mine}}\n"
      "input: {topic: in, group: g, start: latest, batch: {max_records: 7, max_wait: 3ms}}\n"
      "output: {topic: out}\n"
      "dead_letters: discard\n"
      "delivery: {guarantee: at_least_once}\n"
      "log: {level: debug}\n",
      kCompose);

  EXPECT_EQ(config.kafka.common.size(), 1U);
  EXPECT_EQ(config.kafka.common[0].value, "h:1");
  EXPECT_EQ(config.kafka.producer.size(), 1U);
  EXPECT_EQ(config.kafka.producer[0].value, "mine");
  EXPECT_EQ(config.input.topics.size(), 1U);
  EXPECT_EQ(config.input.topics[0].value, "in");
  EXPECT_EQ(config.input.group.value, "g");
  EXPECT_EQ(config.input.start, Start::kLatest);
  EXPECT_EQ(config.input.batch_records_max, 7U);
  EXPECT_EQ(config.input.batch_wait, std::chrono::milliseconds(3));
  EXPECT_EQ(config.output.topic.value, "out");
  EXPECT_EQ(config.log.level, LogLevel::kDebug);
}

TEST(Aliases, FillSingleKeysOfASectionThatIsThere) {
  const PipelineConfig config =
      config_of(kBare +
                    "input: {topics: [a, b], batch: {max_records: 5}}\noutput: {key: none}\n"
                    "kafka: {client.id: all}\n",
                kCompose);

  EXPECT_EQ(config.input.topics.size(), 2U);
  EXPECT_EQ(config.input.batch_records_max, 5U);
  EXPECT_EQ(config.input.batch_wait, std::chrono::seconds(1));
  EXPECT_EQ(config.output.topic.value, "processed-user-logins");
  EXPECT_EQ(config.output.key, OutputKey::kNone);
  EXPECT_EQ(config.kafka.common.size(), 2U);
  EXPECT_THAT(config.kafka.producer, IsEmpty()) << "the file's client.id is the producer's too";
}

TEST(Aliases, ATopicPatternIsATopic) {
  const PipelineConfig config = config_of(kBare + "input: {topic_pattern: '^in'}\n", kCompose);

  EXPECT_TRUE(config.input.topics.empty());
}

TEST(Aliases, EmptyVariablesAreNone) {
  EXPECT_EQ(config_of(kSmallest, {{"LOGGER_LEVEL", ""}, {"CONSUMER_WAIT_TIME", ""}}).log.level,
            LogLevel::kInfo);
}

TEST(Aliases, WhatTheyDoNotFillIsMissingStill) {
  EXPECT_THAT(problems_in(kBare, {{"CONSUMER_KAFKA_TOPIC", "in"}, {"KAFKA_BROKER", "h:1"}}),
              ElementsAre("p.yaml:1:1: the key 'group' is missing in 'input'; write the consumer "
                          "group's name",
                          "p.yaml:1:1: the key 'output' is missing in the top level; write "
                          "'output: {topic: TOPIC}'"));
}

class Brokers : public ::testing::TestWithParam<std::string> {};

TEST_P(Brokers, ComeFromEachOfTheNames) {
  const PipelineConfig config = config_of(smallest_but("kafka", ""), {{GetParam(), "e:9"}});

  ASSERT_EQ(config.kafka.common.size(), 1U);
  EXPECT_EQ(config.kafka.common[0].value, "e:9");
  EXPECT_EQ(config.kafka.common[0].name.place.file, "environment variable " + GetParam());
}

INSTANTIATE_TEST_SUITE_P(Names, Brokers,
                         ::testing::Values("BOOTSTRAP_SERVERS", "KAFKA_BROKER",
                                           "CONSUMER_BOOTSTRAP_SERVER",
                                           "PRODUCER_BOOTSTRAP_SERVER"));

TEST(Aliases, TwoNamesOfDifferentBrokersAreAnErrorThatNamesBothAndNoBroker) {
  const Variables two = {{"CONSUMER_BOOTSTRAP_SERVER", "a:1"},
                         {"PRODUCER_BOOTSTRAP_SERVER", "b:1"}};

  EXPECT_THAT(problems_in(smallest_but("kafka", ""), two),
              ElementsAre("environment variable PRODUCER_BOOTSTRAP_SERVER: it names other brokers "
                          "than the environment variable CONSUMER_BOOTSTRAP_SERVER, and a pipeline "
                          "reads and writes one cluster; set both alike, or write 'kafka: "
                          "{bootstrap.servers: HOST:PORT}'"));
  EXPECT_THAT(problems_in(kSmallest, two), IsEmpty());
}

struct Wrong {
  std::string variable;
  std::string value;
  std::string message;
};

class WrongAlias : public ::testing::TestWithParam<Wrong> {};

TEST_P(WrongAlias, IsAProblemThatNamesTheVariableAndNotTheValue) {
  const auto& [variable, value, message] = GetParam();

  const auto lines = problems_in(kBare, compose_with(variable, value));

  EXPECT_THAT(lines, ElementsAre("environment variable " + variable + ": " + message));
}

INSTANTIATE_TEST_SUITE_P(
    Values, WrongAlias,
    ::testing::Values(
        Wrong{"CONSUMER_MESSAGE_LIMIT", "ten",
              "'input.batch.max_records' must be a whole number from 1 to 100000, not what "
              "'${CONSUMER_MESSAGE_LIMIT}' gives"},
        Wrong{"CONSUMER_WAIT_TIME", "1s", "it must hold a number of seconds, such as 0.5"},
        Wrong{"CONSUMER_WAIT_TIME", "-1", "it must hold a number of seconds, such as 0.5"},
        Wrong{"CONSUMER_WAIT_TIME", ".", "it must hold a number of seconds, such as 0.5"},
        Wrong{"CONSUMER_WAIT_TIME", "1.2.3", "it must hold a number of seconds, such as 0.5"},
        Wrong{"CONSUMER_WAIT_TIME", "99999999999999999999",
              "it must hold a number of seconds, such as 0.5"},
        Wrong{"CONSUMER_WAIT_TIME", "11",
              "'input.batch.max_wait' must be a duration from 0ms to 10s (a whole number and ms, "
              "s, m or h), not what '${CONSUMER_WAIT_TIME}' gives"},
        Wrong{"CONSUMER_AUTO_OFFSET_RESET", "none",
              "'input.start' must be earliest or latest, not what '${CONSUMER_AUTO_OFFSET_RESET}' "
              "gives"},
        Wrong{"CONSUMER_KAFKA_TOPIC", "a b",
              "'input.topic' must be the name of a topic (1 to 249 letters, digits, '.', '_' and "
              "'-'), not what '${CONSUMER_KAFKA_TOPIC}' gives"},
        Wrong{"CONSUMER_GROUP_ID", "\xFF", "it is not valid UTF-8"},
        Wrong{"PRODUCER_KAFKA_TOPIC", "user-login",
              "'output.topic' is 'user-login', which is an input topic too; its records would go "
              "round for ever"},
        Wrong{"LOGGER_LEVEL", "LOUD",
              "'log.level' must be debug, info, warn, error, DEBUG, INFO, WARNING, ERROR or "
              "CRITICAL, not what '${LOGGER_LEVEL}' gives"}));

TEST(Aliases, WaitTimesMayHaveFractions) {
  const auto wait = [](const std::string& value) {
    return config_of(kBare, compose_with("CONSUMER_WAIT_TIME", value))
        .input.batch_wait.value()
        .count();
  };

  EXPECT_EQ(wait("0.5"), 500);
  EXPECT_EQ(wait("2"), 2000);
  EXPECT_EQ(wait(".25"), 250);
  EXPECT_EQ(wait("10."), 10'000);
  EXPECT_EQ(wait("0.0001"), 1) << "a wait is not rounded to none";
  EXPECT_EQ(wait("0"), 0);
  EXPECT_EQ(wait("0.0000"), 0);
}

TEST(Aliases, StartKnowsTheOldNames) {
  const auto start = [](const std::string& value) {
    return config_of(kBare, compose_with("CONSUMER_AUTO_OFFSET_RESET", value)).input.start;
  };

  EXPECT_EQ(start("latest"), Start::kLatest);
  EXPECT_EQ(start("largest"), Start::kLatest);
  EXPECT_EQ(start("end"), Start::kLatest);
  EXPECT_EQ(start("smallest"), Start::kEarliest);
  EXPECT_EQ(start("beginning"), Start::kEarliest);
}

TEST(Aliases, ASectionThatIsNoMapStaysTheUsersError) {
  EXPECT_THAT(problems_in(smallest_but("input", "input: []"), kCompose),
              ElementsAre("p.yaml:3:8: 'input' must be a map, not a list"));
  EXPECT_THAT(problems_in(kSmallest + "log: x\n", kCompose),
              ElementsAre("p.yaml:7:6: 'log' must be a map, not 'x'"));
}

}  // namespace
}  // namespace millrace::config
