// SPDX-License-Identifier: Apache-2.0
#include "engine/kafka/client_events.h"

#include <gtest/gtest.h>

namespace millrace::kafka {
namespace {

using ::testing::internal::CaptureStderr;
using ::testing::internal::GetCapturedStderr;

size_t count(const std::string& text, const std::string& part) {
  size_t found = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

TEST(ClientEvents, SaysOnceThatNoBrokerIsReachableUntilOneIs) {
  ClientEvents events("The consumer", "kafka:9092", false);
  CaptureStderr();

  for (int i = 0; i < 5; ++i) {
    events.on_error(RD_KAFKA_RESP_ERR__TRANSPORT,
                    "kafka:9092/bootstrap: Connect to ipv4#1.2.3.4:9092 failed: Connection refused "
                    "(after 0ms in state CONNECT)");
    events.on_error(RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, "1/1 brokers are down");
  }
  events.works();
  events.works();

  const std::string log = GetCapturedStderr();
  EXPECT_EQ(count(log, "No broker at kafka:9092 reachable yet; still trying"), 1U) << log;
  EXPECT_EQ(count(log, "Connection refused"), 1U) << log;
  EXPECT_EQ(count(log, "after 0ms"), 0U) << log;
  EXPECT_EQ(count(log, "The consumer reaches the brokers at kafka:9092."), 1U) << log;
}

TEST(ClientEvents, AnIdleDisconnectIsNotSaid) {
  ClientEvents events("The consumer", "kafka:9092", false);
  events.works();
  CaptureStderr();

  events.on_error(RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, "1/1 brokers are down");
  events.works();

  EXPECT_EQ(GetCapturedStderr(), "");
}

TEST(ClientEvents, AWrongPasswordIsFatalAtTheStartOnly) {
  ClientEvents fresh("The consumer", "kafka:9092", true);
  fresh.on_error(RD_KAFKA_RESP_ERR__AUTHENTICATION, "Invalid username or password");
  EXPECT_NE(fresh.fatal().find("authentication failed"), std::string::npos);

  ClientEvents worked("The consumer", "kafka:9092", true);
  worked.works();
  worked.on_error(RD_KAFKA_RESP_ERR__AUTHENTICATION, "Invalid username or password");
  EXPECT_EQ(worked.fatal(), "");
}

TEST(ClientEvents, ABrokerThatRestartsIsNoAuthenticationError) {
  ClientEvents plaintext("The consumer", "kafka:9092", false);
  plaintext.on_error(RD_KAFKA_RESP_ERR__AUTHENTICATION, "broker might require SASL authentication");
  EXPECT_EQ(plaintext.fatal(), "");
}

TEST(ClientEvents, ATlsAlertAboutOurCertificateIsFatal) {
  ClientEvents events("The producer", "kafka:9092", false);
  events.on_error(RD_KAFKA_RESP_ERR__TRANSPORT, "sslv3 alert bad certificate: SSL alert number 42");
  EXPECT_NE(events.fatal().find("client certificate"), std::string::npos);
}

struct Odd {
  const char* what;
  int code;
  const char* text;
};

// As librdkafka 2.0.2 says it at Apache Kafka 4.2.
constexpr Odd kOdd[] = {
    {"TLS", RD_KAFKA_RESP_ERR__TRANSPORT,
     "Disconnected while requesting ApiVersion: might be caused by incorrect security.protocol "
     "configuration (connecting to a SSL listener?) or broker version is < 0.10"},
    {"password", RD_KAFKA_RESP_ERR__TRANSPORT,
     "Disconnected: verify that security.protocol is correctly configured, broker might require "
     "SASL authentication (after 305ms in state UP)"},
    {"hang up on TLS", RD_KAFKA_RESP_ERR__SSL,
     "SSL handshake failed: error:0A000126:SSL routines::unexpected eof while reading"},
};

TEST(ClientEvents, AWrongProtocolIsFatalOnceItLasts) {
  for (const Odd& odd : kOdd) {
    ClientEvents lasting("The consumer", "kafka:9092", false, std::chrono::milliseconds{0});
    lasting.on_error(odd.code, odd.text);
    EXPECT_NE(lasting.fatal().find(odd.what), std::string::npos) << lasting.fatal();
    EXPECT_NE(lasting.fatal().find("security.protocol"), std::string::npos) << lasting.fatal();

    // A broker that starts does the same for a moment.
    ClientEvents starting("The consumer", "kafka:9092", false, std::chrono::hours{1});
    starting.on_error(odd.code, odd.text);
    EXPECT_EQ(starting.fatal(), "");

    // And then it is heard of otherwise, or works.
    ClientEvents started("The consumer", "kafka:9092", false, std::chrono::milliseconds{0});
    started.on_error(odd.code, odd.text);
    started.on_error(RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, "1/1 brokers are down");
    EXPECT_NE(started.fatal(), "");
    started.on_error(RD_KAFKA_RESP_ERR__TRANSPORT,
                     "kafka:9092/1: Connect to ipv4#1.2.3.4:9092 failed: Connection refused");
    EXPECT_EQ(started.fatal(), "");
    started.on_error(odd.code, odd.text);
    started.works();
    EXPECT_EQ(started.fatal(), "");

    ClientEvents worked("The consumer", "kafka:9092", false, std::chrono::milliseconds{0});
    worked.works();
    worked.on_error(odd.code, odd.text);
    EXPECT_EQ(worked.fatal(), "");
  }
}

TEST(ClientEvents, TellsWhileNoBrokerCanBeReached) {
  ClientEvents events("The consumer", "kafka:9092", false);
  EXPECT_EQ(events.away(), "");

  events.on_error(RD_KAFKA_RESP_ERR__TRANSPORT, "kafka:9092/1: Connect failed: Connection refused");
  events.on_error(RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, "1/1 brokers are down");
  EXPECT_NE(events.away().find("Connection refused"), std::string::npos) << events.away();
  events.works();

  EXPECT_EQ(events.away(), "");
}

TEST(ClientEvents, RepeatedLinesAreLeftOutAndOtherKindsAreNot) {
  ClientEvents events("The consumer", "kafka:9092", false);
  CaptureStderr();

  for (int i = 0; i < 100; ++i) events.on_error(RD_KAFKA_RESP_ERR_NOT_COORDINATOR, "not me");
  events.on_error(RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT, "slow");

  const std::string log = GetCapturedStderr();
  EXPECT_EQ(count(log, "not me"), 1U) << log;
  EXPECT_EQ(count(log, "slow"), 1U) << log;
}

TEST(ClientEvents, LibrdkafkasOwnConnectionLinesAreNotPassedOn) {
  ClientEvents events("The consumer", "kafka:9092", false);
  CaptureStderr();

  events.on_log(3, "FAIL", "[thrd:kafka:9092/bootstrap]: kafka:9092/bootstrap: Connect failed");
  events.on_log(5, "CONFWARN", "[thrd:app]: Configuration property linger.ms is a producer one");
  events.on_log(4, "SESSTMOUT", "[thrd:main]: Consumer group session timed out");

  const std::string log = GetCapturedStderr();
  EXPECT_EQ(count(log, "Connect failed"), 0U);
  EXPECT_EQ(count(log, "CONFWARN"), 0U);
  EXPECT_EQ(count(log, "The consumer: Consumer group session timed out (SESSTMOUT)."), 1U) << log;
}

TEST(ClientEvents, RemembersWhenTheGroupsCoordinatorWasOutOfReach) {
  // Lines of librdkafka 2.0.2.
  struct Line {
    const char* facility;
    const char* text;
    bool cut_off;
  };

  const std::vector<Line> lines = {
      {"FAIL", "[thrd:GroupCoordinator]: GroupCoordinator: 127.0.0.1:9092: Disconnected", true},
      {"REQTMOUT",
       "[thrd:GroupCoordinator]: GroupCoordinator/1: Timed out HeartbeatRequest in flight (after "
       "6006ms, timeout #0)",
       true},
      {"SESSTMOUT",
       "[thrd:main]: Consumer group session timed out (in join-state steady) after 6011 ms without "
       "a successful response from the group coordinator (broker 1, last error was Success): "
       "revoking assignment and rejoining group",
       true},
      {"SESSTMOUT",
       "[thrd:main]: Consumer group session timed out (in join-state steady) after 6002 ms without "
       "a successful response from the group coordinator (broker 1, last error was Broker: Static "
       "consumer fenced by other consumer with same group.instance.id): revoking assignment and "
       "rejoining group",
       false},
      {"FAIL", "[thrd:127.0.0.1:9092/1]: 127.0.0.1:9092/1: Disconnected", false},
      {"REQTMOUT", "[thrd:127.0.0.1:9092/1]: 127.0.0.1:9092/1: Timed out 1 in-flight", false},
      {"FATAL", "[thrd:main]: Fatal error: Broker: Static consumer fenced", false},
  };
  for (const Line& line : lines) {
    ClientEvents events("The consumer", "kafka:9092", false);
    EXPECT_FALSE(events.cut_off_at().has_value());
    const auto before = std::chrono::steady_clock::now();
    events.on_log(6, line.facility, line.text);
    ASSERT_EQ(events.cut_off_at().has_value(), line.cut_off) << line.text;
    if (line.cut_off) {
      EXPECT_GE(*events.cut_off_at(), before);
    }
  }
  ClientEvents events("The consumer", "kafka:9092", false);
  events.on_error(RD_KAFKA_RESP_ERR__TRANSPORT, "127.0.0.1:9092/bootstrap: Disconnected");
  EXPECT_FALSE(events.cut_off_at().has_value());
  events.on_error(RD_KAFKA_RESP_ERR__TIMED_OUT,
                  "GroupCoordinator: 127.0.0.1:9092: 1 request(s) timed out: disconnect");
  EXPECT_TRUE(events.cut_off_at().has_value());
}

}  // namespace
}  // namespace millrace::kafka
