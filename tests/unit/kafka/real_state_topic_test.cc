// SPDX-License-Identifier: Apache-2.0
// Reading the topic of insights' state, and making it, against a real Apache Kafka.
#include <algorithm>
#include <atomic>
#include <cstring>
#include <map>
#include <thread>

#include <fmt/format.h>

#include "engine/kafka/current_consumer.h"
#include "engine/kafka/state_topic.h"
#include "engine/kafka/state_topic_setup.h"
#include "tests/unit/kafka/real_broker.h"

namespace millrace::kafka {
namespace {

using Clock = std::chrono::steady_clock;
using Read = std::vector<std::pair<std::string, std::optional<std::string>>>;

class RealStateTopic : public OnRealBroker {
 protected:
  std::unique_ptr<StateTopic> open(const std::string& topic, std::stop_token stop = {},
                                   StateTopic::Until until = StateTopic::Until::kEnd) {
    auto made = StateTopic::create(kafka_, topic, Patience::at_most(kLong, std::move(stop)), until);
    EXPECT_TRUE(made.ok()) << (made.ok() ? "" : made.message());
    return std::move(made.value());
  }

  static io::StateLog::OnRecord remember(Read& read) {
    return [&read](std::string_view key, std::optional<std::string_view> value) {
      read.emplace_back(key, value);
    };
  }

  void write(const std::string& topic, int32_t partition, const std::string& key,
             const std::optional<std::string>& value) {
    auto sender = RecordSender::create(kafka_, topic);
    ASSERT_TRUE(sender.ok());
    ASSERT_TRUE(
        sender.value()
            ->send(partition, record::Bytes::of(key), lend(value), {}, Patience::at_most(kLong))
            .ok());
    ASSERT_TRUE(sender.value()->flush(Patience::at_most(kLong)).ok());
  }

  static void wait_for_no_members(const Consumer& consumer, const std::string& group) {
    const auto deadline = Clock::now() + kLong;
    int members = 1;
    while (members > 0 && Clock::now() < deadline) {
      const struct rd_kafka_group_list* groups = nullptr;
      if (rd_kafka_list_groups(consumer.current().get().get(), group.c_str(), &groups, 1000) !=
          RD_KAFKA_RESP_ERR_NO_ERROR) {
        continue;
      }
      if (groups->group_cnt == 1) members = groups->groups[0].member_cnt;
      rd_kafka_group_list_destroy(groups);
    }
    EXPECT_EQ(members, 0);
  }

  // A read() that runs until it ends, or is ended.
  struct UnderWay {
    UnderWay(StateTopic& topic, std::vector<int32_t> partitions)
        : thread([this, &topic, partitions] {
            status = topic.read(
                partitions, [this](std::string_view key, std::optional<std::string_view> value) {
                  read.emplace_back(key, value);
                  ++count;
                });
            ended = true;
          }) {}

    void wait(size_t records) const {
      const auto deadline = Clock::now() + kLong;
      while (count < records && Clock::now() < deadline) std::this_thread::yield();
      EXPECT_EQ(count, records);
    }

    Read read;
    base::Status status;
    std::atomic<size_t> count{0};
    std::atomic<bool> ended{false};
    std::thread thread;  // last: it uses the others
  };
};

TEST_F(RealStateTopic, CommittedRecordsOfThePartitionsComeInOrderAndNoOthers) {
  const std::string topic = create("state", 3, {{"cleanup.policy", "compact"}});
  auto log = open(topic);
  EXPECT_EQ(log->partition_count(), 3);
  write(topic, 0, "a", "plain");
  {
    OpenTransaction one(kafka_, topic);
    one.write(0, "b", "1");
    one.write(2, "c", "other");
    one.write(0, "b", std::nullopt);
    one.write(0, "e", "");
    one.commit();
    OpenTransaction two(kafka_, topic);
    two.write(0, "b", "aborted");
    two.write(1, "b", "aborted");
    two.abort();
  }
  const Read expected = {{"a", "plain"}, {"b", "1"}, {"b", std::nullopt}, {"e", ""}};
  // As often as one likes.
  for (int i = 0; i < 2; ++i) {
    Read read;
    const std::vector<int32_t> partitions = {0, 1};
    const auto begin = Clock::now();
    const base::Status status = log->read(partitions, remember(read));
    const std::chrono::duration<double, std::milli> took = Clock::now() - begin;
    EXPECT_TRUE(status.ok()) << (status.ok() ? "" : status.message());
    EXPECT_EQ(read, expected);
    fmt::print("a small log was read in {:.0f} ms\n", took.count());
  }
  Read none;
  EXPECT_TRUE(log->read({}, remember(none)).ok());
  const std::vector<int32_t> absent = {3};
  const base::Status status = log->read(absent, remember(none));
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.message(), "topic " + topic + " has no partition 3; it has 3");
  EXPECT_TRUE(none.empty());
}

TEST_F(RealStateTopic, AnOpenTransactionIsWaitedForAndItsRecordsAreThere) {
  const std::string topic = create("state", 2);
  auto log = open(topic);
  write(topic, 0, "a", "1");
  write(topic, 1, "z", "1");
  OpenTransaction open(kafka_, topic);
  open.write(0, "a", "2");
  UnderWay read(*log, {0, 1});
  read.wait(2);
  // The ends were asked for before these.
  write(topic, 1, "z", "late");
  open.write(0, "b", "late");
  EXPECT_FALSE(read.ended);

  open.commit();
  read.thread.join();

  EXPECT_TRUE(read.status.ok());
  std::sort(read.read.begin(), read.read.end());
  EXPECT_EQ(read.read, (Read{{"a", "1"}, {"a", "2"}, {"z", "1"}}));
}

// Who looks on gets all of a transaction or nothing, and waits for none.
TEST_F(RealStateTopic, WhatIsDecidedIsReadWithoutWaiting) {
  const std::string topic = create("state", 1, {{"cleanup.policy", "compact"}});
  write(topic, 0, "a", "before");
  auto log = open(topic, {}, StateTopic::Until::kDecided);
  OpenTransaction open_one(kafka_, topic);
  open_one.write(0, "chunk", "1");
  const std::vector<int32_t> all = {0};
  Read meanwhile;
  EXPECT_TRUE(log->read(all, remember(meanwhile)).ok());
  EXPECT_EQ(meanwhile, (Read{{"a", "before"}}));

  open_one.write(0, "manifest", "1");
  open_one.commit();
  Read behind;
  EXPECT_TRUE(log->read(all, remember(behind)).ok());
  EXPECT_EQ(behind, (Read{{"a", "before"}, {"chunk", "1"}, {"manifest", "1"}}));
}

TEST_F(RealStateTopic, AnOpenTransactionThatIsAbortedLeavesNothing) {
  const std::string topic = create("state");
  auto log = open(topic);
  write(topic, 0, "a", "1");
  OpenTransaction open(kafka_, topic);
  open.write(0, "a", "2");
  UnderWay read(*log, {0});
  read.wait(1);
  // The record that comes next is behind the end that counts.
  write(topic, 0, "a", "late");
  EXPECT_FALSE(read.ended);

  open.abort();
  read.thread.join();

  EXPECT_TRUE(read.status.ok());
  EXPECT_EQ(read.read, (Read{{"a", "1"}}));
}

TEST_F(RealStateTopic, ATransactionThatNobodyEndsIsWaitedForUntilItsTimeout) {
  const std::string topic = create("state");
  auto log = open(topic);
  write(topic, 0, "a", "1");
  OpenTransaction hanging(kafka_, topic, 3000);
  hanging.write(0, "a", "2");
  Read read;
  const std::vector<int32_t> partitions = {0};
  const auto begin = Clock::now();

  const base::Status status = log->read(partitions, remember(read));

  EXPECT_TRUE(status.ok()) << (status.ok() ? "" : status.message());
  EXPECT_GE(Clock::now() - begin, std::chrono::seconds{1});
  EXPECT_EQ(read, (Read{{"a", "1"}}));
}

TEST_F(RealStateTopic, AWaitForATransactionEndsAtOnceWhenItIsCancelledOrStopped) {
  const std::string topic = create("state");
  write(topic, 0, "a", "1");
  OpenTransaction open(kafka_, topic);
  open.write(0, "a", "2");
  for (const bool stopped : {false, true}) {
    std::stop_source stop;
    auto log = this->open(topic, stop.get_token());
    UnderWay read(*log, {0});
    read.wait(1);
    const auto begin = Clock::now();
    if (stopped) {
      stop.request_stop();
    } else {
      log->cancel();
    }
    read.thread.join();
    EXPECT_LT(Clock::now() - begin, std::chrono::seconds{1});
    ASSERT_FALSE(read.status.ok());
    EXPECT_EQ(read.status.message(), "stopped before topic " + topic + " was read");
    const std::vector<int32_t> partitions = {0};
    Read again;
    EXPECT_FALSE(log->read(partitions, remember(again)).ok()) << "and it stays so";
  }
}

TEST_F(RealStateTopic, ACompactedLogWithHolesIsReadToItsEnd) {
  const std::string topic = create("state", 1,
                                   {{"cleanup.policy", "compact"},
                                    {"segment.ms", "1000"},
                                    {"min.cleanable.dirty.ratio", "0.01"},
                                    {"delete.retention.ms", "0"}});
  for (int round = 0; round < 5; ++round) {
    OpenTransaction open(kafka_, topic);
    for (int key = 0; key < 20; ++key) {
      open.write(0, std::to_string(key), fmt::format("{}", round));
    }
    if (round == 3) {
      open.abort();
    } else {
      open.commit();
    }
  }
  // Until the first segments were compacted; each attempt appends, which is what rolls segments.
  const auto deadline = Clock::now() + std::chrono::seconds{60};
  size_t seen = 80;
  int attempts = 0;
  while (seen > 60 && Clock::now() < deadline) {
    write(topic, 0, "last", std::to_string(++attempts));
    seen = read(topic).size();
  }
  ASSERT_LE(seen, 60U) << "the broker compacted nothing";

  Read read;
  const std::vector<int32_t> partitions = {0};
  const base::Status status = open(topic)->read(partitions, remember(read));

  EXPECT_TRUE(status.ok()) << (status.ok() ? "" : status.message());
  std::map<std::string, std::string> newest;
  for (const auto& [key, value] : read) newest[key] = value.value_or("");
  EXPECT_EQ(newest.size(), 21U);
  for (int key = 0; key < 20; ++key) EXPECT_EQ(newest[std::to_string(key)], "4");
  EXPECT_EQ(newest["last"], std::to_string(attempts));
}

TEST_F(RealStateTopic, ALogOfChunksIsReadFast) {
  constexpr size_t kChunks = 400;
  const std::string topic = create("state", 4);
  {
    auto sender = RecordSender::create(kafka_, topic);
    ASSERT_TRUE(sender.ok());
    std::mt19937_64 random(7);
    std::string value(256 << 10, ' ');
    for (size_t i = 0; i < kChunks; ++i) {
      for (size_t at = 0; at < value.size(); at += 8) {
        const uint64_t word = random();
        std::memcpy(&value[at], &word, 8);
      }
      ASSERT_TRUE(sender.value()
                      ->send(static_cast<int32_t>(i % 4), record::Bytes::of(std::to_string(i)),
                             record::Bytes::of(value), {}, Patience::at_most(kLong))
                      .ok());
    }
    ASSERT_TRUE(sender.value()->flush(Patience::at_most(kLong)).ok());
  }
  auto log = open(topic);
  size_t count = 0;
  size_t bytes = 0;
  const std::vector<int32_t> partitions = {0, 1, 2, 3};
  const auto begin = Clock::now();
  const base::Status status =
      log->read(partitions, [&](std::string_view /*key*/, std::optional<std::string_view> value) {
        ++count;
        bytes += value->size();
      });
  const std::chrono::duration<double> took = Clock::now() - begin;
  EXPECT_TRUE(status.ok()) << (status.ok() ? "" : status.message());
  EXPECT_EQ(count, kChunks);
  fmt::print("{} MiB in {:.2f} s: {:.0f} MiB/s\n", bytes >> 20, took.count(),
             static_cast<double>(bytes >> 20) / took.count());
}

TEST_F(RealStateTopic, IsMadeCompactedAndFoundAgain) {
  for (const auto& [inputs, partitions] : {std::pair{3, 3}, {30, 8}, {0, 1}}) {
    const std::string topic = fresh("state");
    for (int i = 0; i < 2; ++i) {
      // The second time as if the input had been repartitioned meanwhile.
      const auto made = ensure_state_topic(kafka_, topic, inputs + i, Patience::at_most(kLong));
      ASSERT_TRUE(made.ok()) << made.message();
      EXPECT_EQ(made.value().partitions, partitions);
      EXPECT_EQ(made.value().message_bytes_max, 1'048'588U);
    }
    auto settings = admin_->topic_settings(topic, kLong);
    ASSERT_TRUE(settings.ok());
    EXPECT_EQ(settings.value()["cleanup.policy"], "compact");
    EXPECT_EQ(settings.value()["segment.bytes"], "67108864");
    EXPECT_EQ(settings.value()["min.cleanable.dirty.ratio"], "0.1");
  }
}

TEST_F(RealStateTopic, SettingsThatWouldLoseStateAreAnErrorThatSaysWhatToDo) {
  const auto message = [&](const Settings& settings) {
    const std::string topic = create("state", 1, settings);
    const auto found = ensure_state_topic(kafka_, topic, 1, Patience::at_most(kLong));
    std::string text = found.ok() ? "" : found.message();
    for (size_t at = 0; (at = text.find(topic)) != std::string::npos;)
      text.replace(at, topic.size(), "T");
    return text;
  };
  EXPECT_EQ(message({{"cleanup.policy", "compact"}}), "");
  EXPECT_EQ(message({{"cleanup.policy", "delete"}}),
            "topic T, for the state of insights, has cleanup.policy=delete, so that the brokers "
            "would delete state that is still needed: set cleanup.policy=compact (kafka-configs "
            "--alter --entity-type topics --entity-name T --add-config ...), or name another topic "
            "in 'state: {topic: ...}'");
  EXPECT_NE(message({{"cleanup.policy", "compact,delete"}, {"retention.ms", "3600000"}})
                .find("has cleanup.policy=compact,delete, so that"),
            std::string::npos);
  EXPECT_EQ(message({{"cleanup.policy", "compact,delete"},
                     {"retention.ms", "-1"},
                     {"retention.bytes", "-1"}}),
            "");
  EXPECT_NE(message({{"cleanup.policy", "compact"}, {"max.message.bytes", "100000"}})
                .find("has max.message.bytes=100000"),
            std::string::npos);
}

TEST_F(RealStateTopic, ATopicThatIsNotThereIsAnErrorWhenPatienceEnds) {
  const std::string topic = fresh("absent");
  const auto made =
      StateTopic::create(kafka_, topic, Patience::at_most(std::chrono::milliseconds{1}));
  ASSERT_FALSE(made.ok());
  EXPECT_NE(made.message().find(topic), std::string::npos) << made.message();
}

// librdkafka does not say so before the assignment has begun.
TEST_F(RealStateTopic, AMemberThatIsThrownOutWhileItChoosesItsStartsJoinsAgain) {
  const std::string topic = create("in");
  write_numbers(kafka_, topic, 0, 0, 5);
  ConsumerOptions options = quick_options(topic, fresh("g"));
  options.session_timeout = std::chrono::milliseconds{1000};
  config::KafkaConfig kafka = kafka_;
  kafka.consumer.push_back({{"max.poll.interval.ms", {}}, "1500"});
  auto consumer = Consumer::create(kafka, options);
  ASSERT_TRUE(consumer.ok());
  RememberingListener listener;
  int choices = 0;
  listener.during_choice = [&](std::span<io::AssignedPartition> /*partitions*/) {
    // The second time it is quick.
    if (++choices == 1) wait_for_no_members(*consumer.value(), options.group);
  };
  ASSERT_TRUE(consumer.value()->subscribe(listener).ok());

  size_t records = 0;
  ASSERT_TRUE(poll_until(
      *consumer.value(),
      [&](const io::SourceEvent& event) {
        EXPECT_NE(event.kind, io::SourceEvent::Kind::kFatal) << event.message;
        if (event.kind == io::SourceEvent::Kind::kRecord && choices == 2) ++records;
      },
      [&] { return records == 5; }));

  EXPECT_EQ(choices, 2);
  EXPECT_EQ(listener.assignments, 1 + listener.revocations);
  EXPECT_TRUE(listener.revocations == 0 || listener.last_lost);
}

}  // namespace
}  // namespace millrace::kafka
