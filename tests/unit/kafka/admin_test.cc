// SPDX-License-Identifier: Apache-2.0
#include "engine/kafka/admin.h"

#include <gtest/gtest.h>

#include "engine/kafka/client_conf.h"
#include "tests/unit/kafka/harness.h"

namespace millrace::kafka {
namespace {

std::unique_ptr<Admin> make(const config::KafkaConfig& kafka) {
  auto admin = Admin::create(kafka, Side::kInput);
  EXPECT_TRUE(admin.ok());
  return std::move(admin.value());
}

TEST(Admin, CountsPartitionsAndFindsTopicsByNameAndByPattern) {
  auto broker = start_broker("in-a", 3);
  ASSERT_TRUE(broker->create_topic("in-b", 1).ok());
  ASSERT_TRUE(broker->create_topic("other", 1).ok());
  auto admin = make(broker->config());
  const Patience patience = Patience::at_most(kLong);

  EXPECT_EQ(admin->partition_count("in-a", patience).value(), 3);
  const std::vector<std::string> pattern = {"^in-.*"};
  EXPECT_EQ(admin->matching(pattern, patience).value(), (std::vector<std::string>{"in-a", "in-b"}));
  const std::vector<std::string> names = {"other", "absent"};
  EXPECT_EQ(admin->matching(names, patience).value(), (std::vector<std::string>{"other"}));
  const std::vector<std::string> broken = {"^in-(a"};
  EXPECT_FALSE(admin->matching(broken, patience).ok());
}

TEST(Admin, TellsTheEndsOfAllPartitions) {
  auto broker = start_broker("in", 2);
  write_numbers(broker->config(), "in", 1, 0, 12);
  auto admin = make(broker->config());
  const std::vector<std::string> topics = {"in"};

  auto ends = admin->end_offsets(topics, Patience::at_most(kLong));

  ASSERT_TRUE(ends.ok());
  ASSERT_EQ(ends.value().size(), 2U);
  EXPECT_EQ(ends.value()[0].next.value, 0);
  EXPECT_EQ(ends.value()[1].next.value, 12);
}

TEST(Admin, TakesTheDefaultLimitWhereTheBrokerDoesNotSayAndMakesTheTopicAppear) {
  auto broker = start_broker("in", 1);
  auto admin = make(broker->config());

  auto limits =
      admin->output_limits("new", Patience::at_most(kLong), std::chrono::milliseconds{300});

  ASSERT_TRUE(limits.ok()) << limits.message();
  EXPECT_EQ(limits.value().partitions, 4);
  EXPECT_EQ(limits.value().message_bytes_max, base::limits::kMessageBytesDefault);
}

TEST(Admin, TellsBothEndsOfEachPartitionAndWhyThereAreNone) {
  auto broker = start_broker("in", 2);
  write_numbers(broker->config(), "in", 1, 0, 12);
  auto admin = make(broker->config());
  const std::vector<base::TopicPartition> partitions = {{"in", 1}, {"in", 7}};

  const std::vector<LogEnds> ends = admin->log_ends(partitions, kLong);

  ASSERT_EQ(ends.size(), 2U);
  EXPECT_EQ(ends[0].id, partitions[0]);
  EXPECT_EQ(ends[0].end.value, 12);
  EXPECT_EQ(ends[0].stable.value, 12);
  EXPECT_EQ(ends[0].error, "");
  EXPECT_EQ(ends[1].error, "in-7: the partition does not exist");
  EXPECT_FALSE(ends[1].end.valid());
}

TEST(Admin, EndsOfLogsAreAskedForNoLongerThanTheWait) {
  auto admin = make(plain_config("127.0.0.1:1"));
  const std::vector<base::TopicPartition> partitions = {{"in", 0}, {"in", 1}, {"in", 2}};
  const auto begin = std::chrono::steady_clock::now();

  const std::vector<LogEnds> ends = admin->log_ends(partitions, std::chrono::milliseconds{500});

  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds{3});
  for (const LogEnds& one : ends) EXPECT_NE(one.error, "");
}

TEST(Admin, TellsClustersApart) {
  auto one = start_broker("in", 1);
  auto admin = make(one->config());

  const auto first = admin->cluster_id(Patience::at_most(kLong));

  ASSERT_TRUE(first.ok()) << first.message();
  EXPECT_EQ(make(one->config())->cluster_id(Patience::at_most(kLong)).value(), first.value());
  EXPECT_NE(first.value(), "");
}

TEST(Admin, WaitingForABrokerEndsWithItsPatienceAndNamesTheAddress) {
  auto admin = make(plain_config("127.0.0.1:1"));

  const base::Status status = admin->wait_for_broker(Patience::at_most(std::chrono::seconds{2}));

  ASSERT_FALSE(status.ok());
  EXPECT_NE(status.message().find("127.0.0.1:1"), std::string::npos) << status.message();
}

TEST(Admin, AStopRequestEndsAWaitWithinASecondOrSo) {
  auto admin = make(plain_config("127.0.0.1:1"));
  std::stop_source stop;
  stop.request_stop();
  const auto begin = std::chrono::steady_clock::now();

  EXPECT_FALSE(admin->wait_for_broker({.stop = stop.get_token()}).ok());

  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds{3});
}

}  // namespace
}  // namespace millrace::kafka
