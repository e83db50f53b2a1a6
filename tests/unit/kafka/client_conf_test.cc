// SPDX-License-Identifier: Apache-2.0
#include "engine/kafka/client_conf.h"

#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>

#include "engine/kafka/admin.h"
#include "engine/kafka/client.h"

namespace millrace::kafka {
namespace {

config::KafkaProperty property(const std::string& name, const std::string& value, int line = 3) {
  return {{name, {"p.yaml", line, 5}}, value};
}

config::KafkaConfig with(const std::string& name, const std::string& value) {
  config::KafkaConfig kafka = plain_config("127.0.0.1:1");
  kafka.common.push_back(property(name, value));
  return kafka;
}

TEST(CheckProperties, AcceptsWhatLibrdkafkaKnows) {
  config::KafkaConfig kafka = with("client.id", "a");
  kafka.consumer.push_back(property("heartbeat.interval.ms", "2000"));
  kafka.producer.push_back(property("linger.ms", "10"));
  kafka.producer.push_back(property("compression.type", "lz4"));

  EXPECT_TRUE(check_properties(kafka).empty());
}

TEST(CheckProperties, NamesAnUnknownPropertyItsPlaceAndTheNearestKnownOne) {
  const auto problems = check_properties(with("linger.mss", "5"));

  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].place.line, 3);
  EXPECT_NE(problems[0].message.find("linger.mss"), std::string::npos);
  EXPECT_NE(problems[0].message.find("did you mean linger.ms?"), std::string::npos);
}

TEST(CheckProperties, NeverRepeatsAValue) {
  for (const char* name : {"linger.ms", "security.protocol", "enable.metrics.pussh", "acks"}) {
    const auto problems = check_properties(with(name, "s3cret"));

    ASSERT_EQ(problems.size(), 1U) << name;
    EXPECT_EQ(problems[0].message.find("s3cret"), std::string::npos) << problems[0].message;
    EXPECT_NE(problems[0].message.find(name), std::string::npos) << problems[0].message;
  }
}

TEST(CheckProperties, RefusesWhatWouldBreakAPromise) {
  for (const char* name : {"enable.auto.commit", "auto.offset.reset", "enable.idempotence",
                           "message.timeout.ms", "fetch.max.bytes", "message.max.bytes"}) {
    EXPECT_EQ(check_properties(with(name, "1")).size(), 1U) << name;
  }
}

TEST(CheckProperties, RefusesScramWhereTheLibraryCannotDoIt) {
  const auto problems = check_properties(with("sasl.mechanisms", "SCRAM-SHA-512"));

  if (rd_kafka_version() < 0x020601ff) {
    ASSERT_EQ(problems.size(), 1U);
    EXPECT_NE(problems[0].message.find("2.6.1"), std::string::npos);
  } else {
    EXPECT_TRUE(problems.empty());
  }
}

TEST(CheckProperties, PollingMayPauseForAsLongAsADeadMembersTransactionTakes) {
  const config::KafkaConfig kafka = with("max.poll.interval.ms", "60000");

  EXPECT_TRUE(check_properties(kafka, std::chrono::seconds{30}).empty());
  const auto problems = check_properties(kafka, std::chrono::seconds{60});

  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].place.line, 3);
  EXPECT_NE(problems[0].message.find("must be 80000 at least"), std::string::npos)
      << problems[0].message;
}

TEST(CheckProperties, RefusesAMechanismThatWouldWaitForAProgram) {
  config::KafkaConfig kafka = with("security.protocol", "sasl_plaintext");
  kafka.common.push_back(property("sasl.mechanisms", "OAUTHBEARER", 4));

  const auto problems = check_properties(kafka);

  ASSERT_EQ(problems.size(), 1U);
  EXPECT_NE(problems[0].message.find("sasl.oauthbearer.method"), std::string::npos);
}

TEST(CheckProperties, FindsWhatOnlyAClientShows) {
  config::KafkaConfig kafka = with("security.protocol", "ssl");
  kafka.consumer.push_back(property("ssl.ca.location", "/no/such.pem", 8));

  const auto problems = check_properties(kafka);

  ASSERT_FALSE(problems.empty());
  EXPECT_EQ(problems[0].place.line, 8);
  EXPECT_NE(problems[0].message.find("ssl.ca.location"), std::string::npos) << problems[0].message;
}

TEST(RoleOf, TheOutputIsTheProducersSide) {
  EXPECT_EQ(role_of(Side::kInput), Role::kConsumer);
  EXPECT_EQ(role_of(Side::kOutput), Role::kProducer);
}

TEST(MakeConf, LetsTheUserOverrideDefaultsButNotPromises) {
  config::KafkaConfig kafka = with("linger.ms", "7");
  kafka.producer.push_back(property("client.id", "mine"));
  const std::vector<Setting> defaults = {{"linger.ms", "2"}};
  const std::vector<Setting> fixed = {{"enable.idempotence", "true"}};

  auto conf = make_conf(kafka, Role::kProducer, defaults, fixed);

  ASSERT_TRUE(conf.ok());
  EXPECT_EQ(get(conf.value().get(), "linger.ms"), "7");
  EXPECT_EQ(get(conf.value().get(), "client.id"), "mine");
  EXPECT_EQ(get(conf.value().get(), "enable.idempotence"), "true");
}

TEST(MakeConf, IgnoresOptionalSettingsThatTheVersionDoesNotKnow) {
  const std::vector<Setting> fixed = {{"no.such.property", "1", true}};
  EXPECT_TRUE(make_conf(plain_config("a:1"), Role::kConsumer, {}, fixed).ok());

  const std::vector<Setting> needed = {{"no.such.property", "1"}};
  EXPECT_FALSE(make_conf(plain_config("a:1"), Role::kConsumer, {}, needed).ok());
}

// They would pile up on the queue of a client that is not polled.
TEST(MakeConf, GivesNoStatisticsUnlessTheyAreRead) {
  for (const Role role : {Role::kConsumer, Role::kProducer}) {
    const config::KafkaConfig kafka = with("statistics.interval.ms", "1000");
    auto quiet = make_conf(kafka, role, {}, {});
    auto read = make_conf(kafka, role, {}, {}, Statistics::kAsConfigured);

    ASSERT_TRUE(quiet.ok() && read.ok());
    EXPECT_EQ(get(quiet.value().get(), "statistics.interval.ms"), "0");
    EXPECT_EQ(get(read.value().get(), "statistics.interval.ms"), "1000");
  }
}

TEST(MakeConf, TurnsOffNagleAndNamesTheClient) {
  auto conf = make_conf(plain_config("a:1"), Role::kConsumer, {}, {});

  ASSERT_TRUE(conf.ok());
  EXPECT_EQ(get(conf.value().get(), "client.id"), "millrace");
  EXPECT_EQ(get(conf.value().get(), "socket.nagle.disable"), "true");
}

}  // namespace
}  // namespace millrace::kafka
