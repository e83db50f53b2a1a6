// SPDX-License-Identifier: Apache-2.0
#include "engine/kafka/client_statistics.h"

#include <gtest/gtest.h>

namespace millrace::kafka {
namespace {

// What librdkafka 2.0.2 says, with most members left out.
constexpr const char* kConsumer =
    R"({"name":"millrace#consumer-1","type":"consumer","ts":1,"msg_cnt":0,"msg_size":0,)"
    R"("tx":40,"tx_bytes":4000,"rx":39,"rx_bytes":90000,)"
    R"("brokers":{"localhost:9092/bootstrap":{"nodeid":-1,"source":"configured","state":"UP",)"
    R"("txerrs":1,"rxerrs":0,"req_timeouts":0,"rtt":{"min":1,"avg":900},"throttle":{"avg":0}},)"
    R"("localhost:9092/1":{"nodeid":1,"source":"learned","state":"UP","txerrs":2,"rxerrs":3,)"
    R"("req_timeouts":4,"rtt":{"min":100,"avg":1500,"max":9000},"throttle":{"avg":250}},)"
    R"("localhost:9093/2":{"nodeid":2,"source":"learned","state":"INIT","rtt":{"avg":0}},)"
    R"("GroupCoordinator":{"nodeid":1,"source":"logical","state":"UP","req_timeouts":5,)"
    R"("rtt":{"avg":1200},"throttle":{"avg":0}}},)"
    R"("topics":{"in":{"partitions":{"0":{"fetchq_cnt":7,"fetchq_size":700},)"
    R"("1":{"fetchq_cnt":3,"fetchq_size":300},"-1":{"fetchq_cnt":0,"fetchq_size":0}}}}})";

TEST(ClientStatistics, OfAConsumer) {
  const auto read = read_statistics(kConsumer);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->brokers, 2U);
  EXPECT_EQ(read->brokers_up, 1U);
  EXPECT_EQ(read->queued_messages, 10U);
  EXPECT_EQ(read->queued_bytes, 1000U);
  EXPECT_EQ(read->sent_bytes, 4000U);
  EXPECT_EQ(read->received_bytes, 90'000U);
  EXPECT_EQ(read->requests, 40U);
  EXPECT_EQ(read->request_timeouts, 9U);
  EXPECT_EQ(read->request_errors, 6U);
  EXPECT_DOUBLE_EQ(read->round_trip_seconds, 0.0015);
  EXPECT_DOUBLE_EQ(read->throttle_seconds, 0.25);
}

TEST(ClientStatistics, OfAProducerHaveItsOwnQueue) {
  const auto read = read_statistics(
      R"({"type":"producer","msg_cnt":12,"msg_size":3456,"brokers":{},)"
      R"("topics":{"out":{"partitions":{"0":{"fetchq_cnt":7,"fetchq_size":700}}}}})");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->queued_messages, 12U);
  EXPECT_EQ(read->queued_bytes, 3456U);
}

TEST(ClientStatistics, WithoutMembersAreZero) {
  const auto read = read_statistics("{}");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->brokers, 0U);
  EXPECT_EQ(read->queued_bytes, 0U);
}

TEST(ClientStatistics, ThatAreNoneAreNothing) {
  EXPECT_FALSE(read_statistics(""));
  EXPECT_FALSE(read_statistics("{\"type\":"));
  EXPECT_FALSE(read_statistics("[1]"));
}

}  // namespace
}  // namespace millrace::kafka
