// SPDX-License-Identifier: Apache-2.0
// What only a real Apache Kafka shows: control records, transactions, topic settings, creation.
// Runs against MILLRACE_TEST_BOOTSTRAP (tests/lanes.sh starts a broker for it).
#include <cstdlib>
#include <map>
#include <random>
#include <thread>

#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>

#include "engine/kafka/client.h"
#include "engine/kafka/client_conf.h"
#include "engine/kafka/message.h"
#include "engine/kafka/producer.h"
#include "engine/kafka/topic_reader.h"
#include "tests/unit/kafka/harness.h"

namespace millrace::kafka {
namespace {

using Kind = io::SourceEvent::Kind;

class RealBroker : public ::testing::Test {
 protected:
  void SetUp() override {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): nobody changes the environment
    const char* bootstrap = std::getenv("MILLRACE_TEST_BOOTSTRAP");
    if (bootstrap == nullptr) GTEST_SKIP() << "MILLRACE_TEST_BOOTSTRAP is not set";
    kafka_ = plain_config(bootstrap);
  }

  // A name that no other run used.
  static std::string fresh(const std::string& what) {
    std::random_device random;
    return what + "-" + std::to_string(random()) + std::to_string(random());
  }

  std::string create(const std::string& what, int32_t partitions) {
    std::string name = fresh(what);
    auto admin = Admin::create(kafka_, Side::kInput);
    EXPECT_TRUE(admin.ok());
    auto created = admin.value()->create_topic({name, partitions, 1}, Patience::at_most(kLong));
    EXPECT_TRUE(created.ok()) << (created.ok() ? "" : created.message());
    return name;
  }

  config::KafkaConfig kafka_;
};

// Writes 10 records in a transaction that commits, or not.
void transact(const config::KafkaConfig& kafka, const std::string& topic, bool commit) {
  const std::vector<Setting> fixed = {{"transactional.id", topic}};
  auto conf = make_conf(kafka, Role::kProducer, {}, fixed);
  ASSERT_TRUE(conf.ok());
  ClientEvents events("The test", "", false);
  auto client = make_client(std::move(conf.value()), Role::kProducer, events);
  ASSERT_TRUE(client.ok());
  rd_kafka_t* rk = client.value().get();
  ASSERT_EQ(rd_kafka_init_transactions(rk, 20'000), nullptr);
  ASSERT_EQ(rd_kafka_begin_transaction(rk), nullptr);
  const rd::Topic handle(rd_kafka_topic_new(rk, topic.c_str(), nullptr));
  for (int i = 0; i < 10; ++i) {
    ASSERT_EQ(produce(rk, {.topic = handle.get(), .flags = RD_KAFKA_MSG_F_COPY}),
              RD_KAFKA_RESP_ERR_NO_ERROR);
  }
  rd_kafka_flush(rk, 10'000);
  const rd::Error error(commit ? rd_kafka_commit_transaction(rk, -1)
                               : rd_kafka_abort_transaction(rk, -1));
  ASSERT_EQ(error, nullptr);
}

TEST_F(RealBroker, TheEndIsPastControlRecordsAndAbortedOnesAreNotSeen) {
  const std::string topic = create("txn", 1);
  transact(kafka_, topic, true);   // 0..9, marker 10
  transact(kafka_, topic, false);  // 11..20, marker 21
  auto admin = Admin::create(kafka_, Side::kInput);
  const std::vector<std::string> topics = {topic};
  // The answer to an abort comes before its marker is in the log.
  const auto deadline = std::chrono::steady_clock::now() + kLong;
  int64_t found = 0;
  while (found < 22 && std::chrono::steady_clock::now() < deadline) {
    auto ends = admin.value()->end_offsets(topics, Patience::at_most(kLong));
    ASSERT_TRUE(ends.ok());
    found = ends.value()[0].next.value;
  }
  EXPECT_EQ(found, 22);

  auto consumer = Consumer::create(kafka_, quick_options(topic, fresh("g")));
  ASSERT_TRUE(consumer.ok());
  RememberingListener listener;
  ASSERT_TRUE(consumer.value()->subscribe(listener).ok());
  std::vector<int64_t> offsets;
  int64_t end = -1;
  const auto on_event = [&](const io::SourceEvent& event) {
    if (event.kind == Kind::kRecord) offsets.push_back(event.record.offset.value);
    if (event.kind == Kind::kEnd) end = event.end.value;
  };
  ASSERT_TRUE(poll_until(*consumer.value(), on_event, [&] { return end >= 0; }));
  EXPECT_EQ(offsets.size(), 10U);
  EXPECT_EQ(offsets.back(), 9);
  EXPECT_EQ(end, 22);

  // Also when reading begins among the control records.
  end = -1;
  offsets.clear();
  ASSERT_TRUE(consumer.value()->rewind(0, base::Offset{15}).ok());
  ASSERT_TRUE(poll_until(*consumer.value(), on_event, [&] { return end >= 0; }));
  EXPECT_TRUE(offsets.empty());
  EXPECT_EQ(end, 22);

  for (const bool committed : {true, false}) {
    auto reader = TopicReader::create(kafka_, {.topic = topic, .committed_only = committed});
    auto count =
        reader.value()->read([](auto, const auto&) { return true; }, Patience::at_most(kLong));
    ASSERT_TRUE(count.ok());
    EXPECT_EQ(count.value(), committed ? 10U : 20U);
  }
}

TEST_F(RealBroker, RewindsUnderAHotPrefetchHitTheOffsetExactly) {
  const std::string topic = create("rewind", 2);
  write_numbers(kafka_, topic, 0, 0, 50'000);
  write_numbers(kafka_, topic, 1, 0, 50'000);
  auto consumer = Consumer::create(kafka_, quick_options(topic, fresh("g")));
  ASSERT_TRUE(consumer.ok());
  RememberingListener listener;
  ASSERT_TRUE(consumer.value()->subscribe(listener).ok());
  std::mt19937_64 random(1);
  std::map<uint32_t, int64_t> next;
  int rewinds = 0;
  int64_t wrong = 0;
  ASSERT_TRUE(poll_until(
      *consumer.value(),
      [&](const io::SourceEvent& event) {
        if (event.kind != Kind::kRecord) return;
        if (event.record.offset.value != next[event.slot]) ++wrong;
        next[event.slot] = event.record.offset.value + 1;
        if (random() % 500 == 0) {
          const auto slot = static_cast<uint32_t>(random() % 2);
          next[slot] = static_cast<int64_t>(random() % 40'000);
          ASSERT_TRUE(consumer.value()->rewind(slot, base::Offset{next[slot]}).ok());
          ++rewinds;
        }
      },
      [&] { return rewinds >= 300; }));
  EXPECT_EQ(wrong, 0);
}

TEST_F(RealBroker, LimitsAreReadAndAnOutputTopicIsCreated) {
  const std::string topic = fresh("made");
  auto admin = Admin::create(kafka_, Side::kOutput);
  ASSERT_TRUE(admin.ok());
  EXPECT_EQ(admin.value()->partition_count(topic, Patience::at_most(kLong)).value(), 0);
  auto limits = admin.value()->output_limits(topic, Patience::at_most(kLong));
  ASSERT_TRUE(limits.ok()) << limits.message();
  EXPECT_GE(limits.value().partitions, 1);
  EXPECT_EQ(limits.value().message_bytes_max, base::limits::kMessageBytesDefault);

  EXPECT_FALSE(admin.value()->create_topic({topic, 2, 1}, Patience::at_most(kLong)).value());
}

TEST_F(RealBroker, ATopicThatAppearsLaterIsNoticed) {
  const std::string topic = fresh("late");
  auto consumer = Consumer::create(kafka_, quick_options(topic, fresh("g")));
  ASSERT_TRUE(consumer.ok());
  RememberingListener listener;
  ASSERT_TRUE(consumer.value()->subscribe(listener).ok());
  io::SourceEvent event;
  for (int i = 0; i < 20; ++i) {
    consumer.value()->poll(std::chrono::milliseconds{100}, event);
    ASSERT_EQ(event.kind, Kind::kNone) << event.message;
  }
  EXPECT_EQ(listener.assignments, 0);

  auto admin = Admin::create(kafka_, Side::kInput);
  EXPECT_TRUE(admin.value()->create_topic({topic, 3, 1}, Patience::at_most(kLong)).value());
  const auto begin = std::chrono::steady_clock::now();
  ASSERT_TRUE(poll_until(
      *consumer.value(), [](const auto&) {}, [&] { return listener.assigned.size() == 3; }));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds{10});
}

TEST_F(RealBroker, SmallRecordsOverATopicsSmallLimitGoInSmallBatches) {
  const std::string topic = fresh("small");
  auto admin = Admin::create(kafka_, Side::kOutput);
  ASSERT_TRUE(admin.ok());
  ASSERT_TRUE(
      admin.value()
          ->create_topic({topic, 1, 1, {{"max.message.bytes", "20000"}}}, Patience::at_most(kLong))
          .ok());
  auto limits = admin.value()->output_limits(topic, Patience::at_most(kLong));
  ASSERT_TRUE(limits.ok());
  ASSERT_EQ(limits.value().message_bytes_max, 20'000U);
  auto producer =
      Producer::create(kafka_, {.topics = {{topic, limits.value()}}}, kLong, std::stop_token());
  ASSERT_TRUE(producer.ok());

  struct Count final : io::AckListener {
    void on_acknowledged(void*, size_t count) override { acknowledged += count; }

    void on_failed(void*, const char*, io::FailureKind, const std::string& reason) override {
      failed = reason;
    }

    size_t acknowledged = 0;
    std::string failed;
  } ledger;

  const std::string value(1000, 'x');
  std::vector<record::OutputRecord> records(5000);
  for (record::OutputRecord& record : records) record.value = record::Bytes::of(value);
  size_t sent = 0;
  const auto deadline = std::chrono::steady_clock::now() + kLong;
  while (ledger.acknowledged < records.size() && ledger.failed.empty() &&
         std::chrono::steady_clock::now() < deadline) {
    sent += producer.value()->send(std::span(records).subspan(sent), nullptr);
    producer.value()->serve(std::chrono::milliseconds{20}, ledger);
  }
  EXPECT_EQ(ledger.acknowledged, records.size()) << ledger.failed;
}

TEST_F(RealBroker, TwoMembersShareAndTheOneThatStaysGetsAllBack) {
  const std::string topic = create("group", 4);
  const std::string group = fresh("g");
  auto first = Consumer::create(kafka_, quick_options(topic, group));
  RememberingListener one;
  ASSERT_TRUE(first.value()->subscribe(one).ok());
  ASSERT_TRUE(poll_until(
      *first.value(), [](const auto&) {}, [&] { return one.assigned.size() == 4; }));

  auto second = Consumer::create(kafka_, quick_options(topic, group));
  RememberingListener two;
  ASSERT_TRUE(second.value()->subscribe(two).ok());
  std::atomic<bool> leave{false};
  std::jthread other([&] {
    io::SourceEvent event;
    while (!leave) second.value()->poll(std::chrono::milliseconds{50}, event);
    second.value()->close();
  });
  ASSERT_TRUE(poll_until(
      *first.value(), [](const auto&) {},
      [&] { return one.assignments == 2 && one.assigned.size() == 2; }));
  EXPECT_EQ(one.revocations, 1);
  EXPECT_FALSE(one.last_lost);

  leave = true;
  ASSERT_TRUE(poll_until(
      *first.value(), [](const auto&) {},
      [&] { return one.assignments >= 3 && one.assigned.size() == 4; }));
}

}  // namespace
}  // namespace millrace::kafka
