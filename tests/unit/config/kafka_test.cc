// SPDX-License-Identifier: Apache-2.0
#include "engine/config/kafka_refused.h"
#include "tests/unit/config/loading.h"

namespace millrace::config {
namespace {

std::string with_kafka(const std::string& value) {
  return smallest_but("kafka", "kafka: " + value);
}

TEST(Kafka, PropertiesOfAnyNameArePassedOn) {
  const PipelineConfig config = config_of(
      with_kafka("{bootstrap.servers: 'h:1', client.id: x, socket.nagle.disable: true, consumer: "
                 "{fetch.wait.max.ms: 5}, producer: {linger.ms: 2, compression.codec: lz4}}"));

  ASSERT_EQ(config.kafka.common.size(), 3U);
  EXPECT_EQ(config.kafka.common[1].name.value, "client.id");
  EXPECT_EQ(config.kafka.common[1].name.place.column, 35);
  EXPECT_EQ(config.kafka.common[2].value, "true");
  ASSERT_EQ(config.kafka.consumer.size(), 1U);
  EXPECT_EQ(config.kafka.consumer[0].name.value, "fetch.wait.max.ms");
  EXPECT_EQ(config.kafka.consumer[0].value, "5");
  ASSERT_EQ(config.kafka.producer.size(), 2U);
}

class RefusedProperty : public ::testing::TestWithParam<std::string> {};

TEST_P(RefusedProperty, IsAnErrorWithTheReasonWhereverItStands) {
  EXPECT_THAT(problems_in(with_kafka("{bootstrap.servers: h, " + GetParam() + ": 1}")),
              ElementsAre(HasSubstr("p.yaml:2:31: 'kafka." + GetParam() + "' cannot be set: ")));
  EXPECT_THAT(
      problems_in(with_kafka("{bootstrap.servers: h, producer: {" + GetParam() + ": 1}}")),
      ElementsAre(HasSubstr("p.yaml:2:42: 'kafka.producer." + GetParam() + "' cannot be set: ")));
  EXPECT_THAT(problems_in(with_kafka("{bootstrap.servers: h, consumer: {" + GetParam() + ": }}")),
              ElementsAre(HasSubstr("'kafka.consumer." + GetParam() + "' cannot be set: ")));
}

INSTANTIATE_TEST_SUITE_P(
    Names, RefusedProperty,
    ::testing::Values("group.id", "group.instance.id", "session.timeout.ms", "enable.auto.commit",
                      "enable.auto.offset.store", "auto.commit.interval.ms", "auto.offset.reset",
                      "isolation.level", "enable.partition.eof", "check.crcs",
                      "partition.assignment.strategy", "enable.idempotence", "acks",
                      "request.required.acks", "transactional.id", "transaction.timeout.ms",
                      "max.in.flight", "max.in.flight.requests.per.connection", "retries",
                      "message.send.max.retries", "queuing.strategy", "message.timeout.ms",
                      "delivery.timeout.ms", "delivery.report.only.error", "dr_cb", "dr_msg_cb",
                      "rebalance_cb", "partitioner", "metadata.broker.list", "group.protocol",
                      "queued.max.messages.kbytes"));

TEST(Kafka, ReasonsAreSentences) {
  EXPECT_EQ(why_refused("group.id"), "the group is set by 'input.group'");
  EXPECT_EQ(why_refused("transactional.id"), "it is made of 'pipeline' and 'instance'");
  EXPECT_EQ(why_refused("transaction.timeout.ms"), "it is set by 'delivery.transaction_timeout'");
  EXPECT_EQ(why_refused("group.instance.id"), "it is set by 'instance'");
  EXPECT_EQ(why_refused("session.timeout.ms"), "it is set by 'session_timeout'");
  EXPECT_EQ(why_refused("client.id"), std::nullopt);
  // How often librdkafka tries again, and how soon, is the user's.
  EXPECT_EQ(why_refused("retry.backoff.ms"), std::nullopt);
  EXPECT_EQ(why_refused("reconnect.backoff.max.ms"), std::nullopt);
}

TEST(Kafka, BrokersAreRequired) {
  const std::string sentence =
      "no brokers are given; write 'kafka: {bootstrap.servers: HOST:PORT}', or set the environment "
      "variable BOOTSTRAP_SERVERS";
  EXPECT_THAT(problems_in(with_kafka("{client.id: x}")), ElementsAre("p.yaml:2:1: " + sentence));
  EXPECT_THAT(problems_in(with_kafka("{client.id: x}"), {{"BOOTSTRAP_SERVERS", ""}}),
              ElementsAre("p.yaml:2:1: " + sentence));
  EXPECT_THAT(problems_in(smallest_but("kafka", "")), ElementsAre("p.yaml:1:1: " + sentence));
}

TEST(Kafka, TheEnvironmentFillsBrokersOnlyWhereTheFileLeavesThemOut) {
  const std::map<std::string, std::string> variables = {{"BOOTSTRAP_SERVERS", "e:9"}};

  const PipelineConfig without = config_of(smallest_but("kafka", ""), variables);
  ASSERT_EQ(without.kafka.common.size(), 1U);
  EXPECT_EQ(without.kafka.common[0].name.value, "bootstrap.servers");
  EXPECT_EQ(without.kafka.common[0].value, "e:9");

  const PipelineConfig with = config_of(kSmallest, variables);
  ASSERT_EQ(with.kafka.common.size(), 1U);
  EXPECT_EQ(with.kafka.common[0].value, "h:1");
}

TEST(Kafka, BrokersStandDirectlyUnderKafka) {
  EXPECT_THAT(
      problems_in(with_kafka("{bootstrap.servers: h, consumer: {bootstrap.servers: i}}")),
      ElementsAre("p.yaml:2:42: 'kafka.consumer.bootstrap.servers' cannot be set: consumer and "
                  "producer use the same brokers; write it directly under 'kafka'"));
}

TEST(Kafka, ASecretIsReadFromAFileBesideThePipeline) {
  const TemporaryFolder folder;
  folder.write("password", "s3cret\n");
  const std::string path =
      folder.write("p.yaml", with_kafka("{bootstrap.servers: h, sasl.password: {file: password}}"));

  const Loaded loaded = load_file(path, environment({}));

  EXPECT_THAT(lines_of(loaded), IsEmpty());
  ASSERT_EQ(loaded.config.kafka.common.size(), 2U);
  EXPECT_EQ(loaded.config.kafka.common[1].value, "s3cret");
}

TEST(Kafka, ASecretLosesOneLineEndOnly) {
  const TemporaryFolder folder;
  const std::string secret = folder.write("s", " a\n\r\n");

  const PipelineConfig config =
      config_of(with_kafka("{bootstrap.servers: h, sasl.password: {file: " + secret + "}}"));

  EXPECT_EQ(config.kafka.common.at(1).value, " a\n");
}

TEST(Kafka, ASecretThatCannotBeReadIsAnError) {
  const TemporaryFolder folder;
  const std::string empty = folder.write("empty", "\n");
  const auto problems_of = [](const std::string& value) {
    return problems_in(with_kafka("{bootstrap.servers: h, sasl.password: " + value + "}"));
  };

  EXPECT_THAT(problems_of("{file: /nowhere/s}"),
              ElementsAre("p.yaml:2:53: 'kafka.sasl.password.file' names the file '/nowhere/s': "
                          "cannot open the file: No such file or directory"));
  EXPECT_THAT(problems_of("{file: /tmp}"), ElementsAre(HasSubstr("this is a directory")));
  EXPECT_THAT(problems_of("{file: " + empty + "}"), ElementsAre(HasSubstr("which is empty")));
  EXPECT_THAT(problems_of("{path: x}"),
              ElementsAre("p.yaml:2:31: the key 'file' is missing in 'kafka.sasl.password'; a map "
                          "as value is {file: PATH}",
                          "p.yaml:2:47: unknown key 'path' in 'kafka.sasl.password'; known here: "
                          "file"));
}

TEST(Kafka, AValueMustBeAScalar) {
  EXPECT_THAT(problems_in(with_kafka("{bootstrap.servers: [a, b]}")),
              ElementsAre("p.yaml:2:28: 'kafka.bootstrap.servers' must be a text, a number, true, "
                          "false, or {file: PATH}, not a list"));
  EXPECT_THAT(problems_in(with_kafka("{bootstrap.servers: }")),
              ElementsAre(HasSubstr("'kafka.bootstrap.servers' has no value")));
  EXPECT_THAT(problems_in(with_kafka("{bootstrap.servers: ''}")),
              ElementsAre(HasSubstr("'kafka.bootstrap.servers' is empty")));
  EXPECT_THAT(problems_in(with_kafka("{bootstrap.servers: h, sasl.password: \"a\\0b\"}")),
              ElementsAre("p.yaml:2:46: 'kafka.sasl.password' holds a NUL character"));
}

TEST(Kafka, WrongShapesAreNamed) {
  EXPECT_THAT(problems_in(with_kafka("localhost")),
              ElementsAre("p.yaml:2:8: 'kafka' must be a map of Kafka properties, not "
                          "'localhost'"));
  EXPECT_THAT(problems_in(with_kafka("{bootstrap.servers: h, consumer: 3}")),
              ElementsAre(HasSubstr("'kafka.consumer' must be a map of Kafka properties")));
  EXPECT_THAT(problems_in(with_kafka("{bootstrap.servers: h, 'a b': 3}")),
              ElementsAre("p.yaml:2:31: 'a b' is not the name of a Kafka property"));
}

}  // namespace
}  // namespace millrace::config
