// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/config/loading.h"

namespace millrace::config {
namespace {

using ::testing::Not;

std::string with_kafka(const std::string& members, const std::string& lines = "") {
  return smallest_but("kafka", "kafka: {bootstrap.servers: h, " + members + "}") + lines;
}

TEST(Timeouts, AHeartbeatComesWithinTheSession) {
  EXPECT_THAT(problems_in(with_kafka("heartbeat.interval.ms: 9999")), IsEmpty());
  EXPECT_THAT(problems_in(with_kafka("heartbeat.interval.ms: 10000")),
              ElementsAre("p.yaml:2:31: 'kafka.heartbeat.interval.ms' must be below 10000: "
                          "'session_timeout' would be over before the next heartbeat"));
  EXPECT_THAT(problems_in(with_kafka("heartbeat.interval.ms: 10000", "session_timeout: 11s\n")),
              IsEmpty());
}

TEST(Timeouts, APollMayTakeAsLongAsASession) {
  const std::string lines = "session_timeout: 5m\nstate: {durable: false}\n";

  EXPECT_THAT(problems_in(with_kafka("max.poll.interval.ms: 300000", lines)), IsEmpty());
  EXPECT_THAT(problems_in(with_kafka("max.poll.interval.ms: 299999", lines)),
              ElementsAre("p.yaml:2:31: 'kafka.max.poll.interval.ms' must be at least 300000, the "
                          "'session_timeout'"));
}

TEST(Timeouts, ARequestDoesNotOutlastItsTransaction) {
  EXPECT_THAT(problems_in(with_kafka("socket.timeout.ms: 10000")), IsEmpty());
  EXPECT_THAT(problems_in(with_kafka("producer: {socket.timeout.ms: 10001}")),
              ElementsAre("p.yaml:2:42: 'kafka.producer.socket.timeout.ms' must be at most 10000, "
                          "the 'delivery.transaction_timeout': a request must not outlast its "
                          "transaction"));
  EXPECT_THAT(problems_in(with_kafka("consumer: {socket.timeout.ms: 60000}")), IsEmpty());
  EXPECT_THAT(problems_in(with_kafka("socket.timeout.ms: 60000", "state: {durable: false}\n")),
              IsEmpty());
}

TEST(Timeouts, WhatAClientHasOfItsOwnCounts) {
  EXPECT_THAT(problems_in(with_kafka("max.poll.interval.ms: 1, consumer: {max.poll.interval.ms: "
                                     "300000}, producer: {heartbeat.interval.ms: 90000}")),
              IsEmpty());
  EXPECT_THAT(
      problems_in(with_kafka("max.poll.interval.ms: 1, consumer: {max.poll.interval.ms: soon}")),
      IsEmpty());
}

// What is no number is librdkafka's to refuse; and a value may be a secret in a wrong place.
TEST(Timeouts, OtherValuesAreLeftAlone) {
  for (const char* value : {"soon", "-1", "''", "99999999999999999999", "18446744073709551615"}) {
    EXPECT_THAT(problems_in(with_kafka(std::string("max.poll.interval.ms: ") + value)), IsEmpty())
        << value;
  }
  EXPECT_THAT(problems_in(with_kafka("max.poll.interval.ms: '${SECRET}'"), {{"SECRET", "777"}}),
              ElementsAre(Not(HasSubstr("777"))));
}

}  // namespace
}  // namespace millrace::config
