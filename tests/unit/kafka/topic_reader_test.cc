// SPDX-License-Identifier: Apache-2.0
#include "engine/kafka/topic_reader.h"

#include <map>
#include <thread>

#include <gtest/gtest.h>

#include "tests/unit/kafka/harness.h"

namespace millrace::kafka {
namespace {

std::map<int32_t, std::vector<int64_t>> read(const embedded::EmbeddedBroker& broker,
                                             ReadOptions options) {
  options.fetch_wait = std::chrono::milliseconds{10};
  auto reader = TopicReader::create(broker.config(), options);
  EXPECT_TRUE(reader.ok());
  std::map<int32_t, std::vector<int64_t>> offsets;
  auto count = reader.value()->read(
      [&](int32_t partition, const record::InputRecord& record) {
        offsets[partition].push_back(record.offset.value);
        return true;
      },
      Patience::at_most(kLong));
  EXPECT_TRUE(count.ok()) << (count.ok() ? "" : count.message());
  return offsets;
}

TEST(TopicReader, EndsAtTheEndsAsTheyWere) {
  auto broker = start_broker("in", 3);
  write_numbers(broker->config(), "in", 0, 0, 100);
  write_numbers(broker->config(), "in", 2, 0, 5);

  auto offsets = read(*broker, {.topic = "in"});

  EXPECT_EQ(offsets[0].size(), 100U);
  EXPECT_EQ(offsets[0].front(), 0);
  EXPECT_EQ(offsets[0].back(), 99);
  EXPECT_TRUE(offsets[1].empty());
  EXPECT_EQ(offsets[2].size(), 5U);
}

TEST(TopicReader, StartsAtAnOffsetAndStopsAtACount) {
  auto broker = start_broker("in", 1);
  write_numbers(broker->config(), "in", 0, 0, 100);

  auto offsets =
      read(*broker, {.topic = "in", .from = ReadOptions::From::kOffset, .offset = 40, .count = 3});

  EXPECT_EQ(offsets[0], (std::vector<int64_t>{40, 41, 42}));
}

TEST(TopicReader, ReadsARangeOfEveryPartition) {
  auto broker = start_broker("in", 3);
  write_numbers(broker->config(), "in", 0, 0, 100);
  write_numbers(broker->config(), "in", 2, 0, 42);

  auto offsets = read(
      *broker, {.topic = "in", .from = ReadOptions::From::kOffset, .offset = 40, .offset_end = 43});

  EXPECT_EQ(offsets[0], (std::vector<int64_t>{40, 41, 42}));
  EXPECT_TRUE(offsets[1].empty());
  EXPECT_EQ(offsets[2], (std::vector<int64_t>{40, 41}));
}

TEST(TopicReader, ReadsOnePartition) {
  auto broker = start_broker("in", 2);
  write_numbers(broker->config(), "in", 0, 0, 5);
  write_numbers(broker->config(), "in", 1, 0, 5);

  auto offsets = read(*broker, {.topic = "in", .partition = 1, .offset_end = 2});

  EXPECT_TRUE(offsets[0].empty());
  EXPECT_EQ(offsets[1], (std::vector<int64_t>{0, 1}));
}

TEST(TopicReader, APartitionThatIsNotThereIsAnError) {
  auto broker = start_broker("in", 2);
  auto reader = TopicReader::create(broker->config(), {.topic = "in", .partition = 2});
  ASSERT_TRUE(reader.ok());

  const auto count = reader.value()->read([](int32_t, const record::InputRecord&) { return true; },
                                          Patience::at_most(kLong));

  ASSERT_FALSE(count.ok());
  EXPECT_EQ(count.message(), "topic in has no partition 2; it has 2");
}

TEST(TopicReader, LatestWithoutFollowingReadsNothing) {
  auto broker = start_broker("in", 1);
  write_numbers(broker->config(), "in", 0, 0, 10);

  EXPECT_TRUE(read(*broker, {.topic = "in", .from = ReadOptions::From::kLatest}).empty());
}

TEST(TopicReader, FollowsUntilToldToStop) {
  auto broker = start_broker("in", 1);
  write_numbers(broker->config(), "in", 0, 0, 3);
  auto reader = TopicReader::create(
      broker->config(),
      {.topic = "in", .follow = true, .fetch_wait = std::chrono::milliseconds{10}});
  ASSERT_TRUE(reader.ok());
  std::stop_source stop;
  int seen = 0;
  std::jthread writer;

  auto count = reader.value()->read(
      [&](int32_t, const record::InputRecord&) {
        if (++seen == 3) {
          writer = std::jthread([&] { write_numbers(broker->config(), "in", 0, 3, 6); });
        }
        if (seen == 6) stop.request_stop();
        return true;
      },
      Patience::at_most(kLong, stop.get_token()));

  ASSERT_TRUE(count.ok());
  EXPECT_EQ(count.value(), 6U);
}

}  // namespace
}  // namespace millrace::kafka
