// SPDX-License-Identifier: Apache-2.0
// What only a real Apache Kafka shows of a consumer's partitions: open transactions, deleted
// records, members that take over. Runs against MILLRACE_TEST_BOOTSTRAP.
#include <cstdlib>
#include <random>

#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>

#include "engine/kafka/client.h"
#include "engine/kafka/client_conf.h"
#include "engine/kafka/group_membership.h"
#include "engine/kafka/message.h"
#include "tests/unit/kafka/harness.h"

namespace millrace::kafka {
namespace {

using Kind = io::SourceEvent::Kind;

class WatchRealBroker : public ::testing::Test {
 protected:
  void SetUp() override {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): nobody changes the environment
    const char* bootstrap = std::getenv("MILLRACE_TEST_BOOTSTRAP");
    if (bootstrap == nullptr) GTEST_SKIP() << "MILLRACE_TEST_BOOTSTRAP is not set";
    kafka_ = plain_config(bootstrap);
    std::random_device random;
    topic_ = "watch-" + std::to_string(random()) + std::to_string(random());
    auto admin = Admin::create(kafka_, Side::kInput);
    ASSERT_TRUE(admin.ok());
    admin_ = std::move(admin.value());
    auto created = admin_->create_topic({topic_, 1, 1}, Patience::at_most(kLong));
    ASSERT_TRUE(created.ok()) << created.message();
  }

  std::unique_ptr<Consumer> subscribed(RememberingListener& listener,
                                       const ConsumerOptions& options) {
    auto made = Consumer::create(kafka_, options);
    EXPECT_TRUE(made.ok());
    EXPECT_TRUE(made.value()->subscribe(listener).ok());
    return std::move(made.value());
  }

  void delete_records_before(int64_t offset) {
    ClientEvents events("The test", "", false);
    auto conf = make_conf(kafka_, Role::kProducer, {}, {});
    ASSERT_TRUE(conf.ok());
    auto client = make_client(std::move(conf.value()), Role::kProducer, events);
    ASSERT_TRUE(client.ok());
    rd_kafka_t* rk = client.value().get();
    const rd::Partitions before = rd::make_partitions(1);
    rd_kafka_topic_partition_list_add(before.get(), topic_.c_str(), 0)->offset = offset;
    rd_kafka_DeleteRecords_t* request = rd_kafka_DeleteRecords_new(before.get());
    {
      const rd::Queue queue(rd_kafka_queue_new(rk));
      rd_kafka_DeleteRecords(rk, &request, 1, nullptr, queue.get());
      const rd::Event event(rd_kafka_queue_poll(queue.get(), 20'000));
      ASSERT_NE(event, nullptr);
      ASSERT_EQ(rd_kafka_event_error(event.get()), RD_KAFKA_RESP_ERR_NO_ERROR);
    }
    rd_kafka_DeleteRecords_destroy(request);
  }

  config::KafkaConfig kafka_;
  std::string topic_;
  std::unique_ptr<Admin> admin_;
};

TEST_F(WatchRealBroker, AnotherProducersOpenTransactionIsTold) {
  write_numbers(kafka_, topic_, 0, 0, 5);
  const std::vector<Setting> fixed = {{"transactional.id", topic_}};
  auto conf = make_conf(kafka_, Role::kProducer, {}, fixed);
  ASSERT_TRUE(conf.ok());
  ClientEvents events("The test", "", false);
  auto client = make_client(std::move(conf.value()), Role::kProducer, events);
  ASSERT_TRUE(client.ok());
  rd_kafka_t* rk = client.value().get();
  ASSERT_EQ(rd_kafka_init_transactions(rk, 20'000), nullptr);
  ASSERT_EQ(rd_kafka_begin_transaction(rk), nullptr);
  const rd::Topic handle(rd_kafka_topic_new(rk, topic_.c_str(), nullptr));
  for (int i = 0; i < 10; ++i) {
    ASSERT_EQ(produce(rk, {.topic = handle.get(), .flags = RD_KAFKA_MSG_F_COPY}),
              RD_KAFKA_RESP_ERR_NO_ERROR);
  }
  ASSERT_EQ(rd_kafka_flush(rk, 20'000), RD_KAFKA_RESP_ERR_NO_ERROR);
  RememberingListener listener;
  auto consumer = subscribed(listener, quick_options(topic_, topic_));

  const auto ignore = [](const io::SourceEvent&) {};
  ASSERT_TRUE(poll_until(*consumer, ignore, [&] {
    const PartitionWatch::View view = consumer->watch().look();
    return view.partitions.size() == 1 && view.partitions[0].stable_end.valid();
  }));
  const PartitionWatch::View view = consumer->watch().look();
  EXPECT_EQ(view.partitions[0].stable_end.value, 5);
  EXPECT_EQ(view.partitions[0].log_end.value, 15);
  const std::vector<base::TopicPartition> ids = {{topic_, 0}};
  std::vector<LogEnds> ends = admin_->log_ends(ids, kLong);
  EXPECT_EQ(ends.at(0).error, "");
  EXPECT_EQ(ends.at(0).stable.value, 5);
  EXPECT_EQ(ends.at(0).end.value, 15);

  ASSERT_EQ(rd_kafka_commit_transaction(rk, 20'000), nullptr);

  int records = 0;
  ASSERT_TRUE(poll_until(
      *consumer, [&](const io::SourceEvent& event) { records += event.kind == Kind::kRecord; },
      [&] {
        const PartitionWatch::Partition now = consumer->watch().look().partitions.at(0);
        return records == 10 && now.stable_end.valid();
      }));
  // The end behind the control record.
  EXPECT_EQ(consumer->watch().look().partitions.at(0).stable_end.value, 16);
  ends = admin_->log_ends(ids, kLong);
  EXPECT_EQ(ends.at(0).stable, ends.at(0).end);
}

TEST_F(WatchRealBroker, DeletedRecordsStopThePartitionOrAreSkippedAsThePipelineSays) {
  write_numbers(kafka_, topic_, 0, 0, 50);
  delete_records_before(30);
  for (const auto policy : {config::OnLostOffsets::kStop, config::OnLostOffsets::kEarliest}) {
    ConsumerOptions options = quick_options(
        topic_, topic_ + (policy == config::OnLostOffsets::kStop ? "-stop" : "-earliest"));
    options.on_lost_offsets = policy;
    RememberingListener listener;
    auto consumer = subscribed(listener, options);
    const auto ignore = [](const io::SourceEvent&) {};
    ASSERT_TRUE(poll_until(*consumer, ignore, [&] { return listener.assignments == 1; }));
    ASSERT_TRUE(consumer->rewind(0, base::Offset{12}).ok());

    io::SourceEvent found;
    ASSERT_TRUE(poll_until(
        *consumer,
        [&](const io::SourceEvent& event) {
          if (event.kind == Kind::kPartitionError || event.kind == Kind::kMoved) found = event;
        },
        [&] { return found.kind != Kind::kNone; }));

    if (policy == config::OnLostOffsets::kStop) {
      EXPECT_EQ(found.kind, Kind::kPartitionError);
      EXPECT_NE(found.message.find("-0: offset 12, the next to read, is not in the log, which has "
                                   "offsets 30 to 49: deleted by retention"),
                std::string::npos)
          << found.message;
      continue;
    }
    EXPECT_EQ(found.kind, Kind::kMoved);
    EXPECT_EQ(found.end.value, 30);
    ASSERT_TRUE(consumer->rewind(0, found.end).ok());
    int64_t next = 30;
    ASSERT_TRUE(poll_until(
        *consumer,
        [&](const io::SourceEvent& event) {
          if (event.kind == Kind::kRecord) {
            EXPECT_EQ(event.record.offset.value, next++);
          }
        },
        [&] { return next == 50; }));
  }
}

TEST_F(WatchRealBroker, TheSecondCopyWithAnInstanceNameEndsTheFirst) {
  ConsumerOptions options = quick_options(topic_, topic_);
  options.instance = "mill-1";
  RememberingListener first_listener;
  RememberingListener second_listener;
  auto first = subscribed(first_listener, options);
  const auto ignore = [](const io::SourceEvent&) {};
  ASSERT_TRUE(poll_until(*first, ignore, [&] { return first_listener.assignments == 1; }));
  auto second = subscribed(second_listener, options);

  std::string message;
  const auto deadline = std::chrono::steady_clock::now() + kLong;
  io::SourceEvent event;
  while (message.empty() && std::chrono::steady_clock::now() < deadline) {
    second->poll(std::chrono::milliseconds{50}, event);
    EXPECT_NE(event.kind, Kind::kFatal) << event.message;
    first->poll(std::chrono::milliseconds{50}, event);
    if (event.kind == Kind::kFatal) message = event.message;
  }

  EXPECT_NE(message.find("another copy runs with the instance name 'mill-1'"), std::string::npos)
      << message;
  EXPECT_TRUE(poll_until(*second, ignore, [&] { return second_listener.assignments > 0; }));
  EXPECT_EQ(first_listener.assignments, 1) << "at once: nothing had cut it off";
}

TEST_F(WatchRealBroker, EachAssignmentHasItsOwnNumberAndMembership) {
  RememberingListener first_listener;
  RememberingListener second_listener;
  auto first = subscribed(first_listener, quick_options(topic_, topic_));
  const auto ignore = [](const io::SourceEvent&) {};
  ASSERT_TRUE(poll_until(*first, ignore, [&] { return first_listener.assignments == 1; }));
  const std::shared_ptr<GroupMembership> membership = first->membership();
  EXPECT_NE(membership->of(1), nullptr);
  EXPECT_FALSE(first->watch().look().rebalancing);
  auto second = subscribed(second_listener, quick_options(topic_, topic_));

  const auto deadline = std::chrono::steady_clock::now() + kLong;
  io::SourceEvent event;
  while (first_listener.assignments + second_listener.assignments < 3 &&
         std::chrono::steady_clock::now() < deadline) {
    second->poll(std::chrono::milliseconds{50}, event);
    first->poll(std::chrono::milliseconds{50}, event);
  }

  EXPECT_EQ(first_listener.revocations, 1);
  EXPECT_EQ(first_listener.assignments, 2);
  EXPECT_EQ(membership->of(1), nullptr);
  EXPECT_NE(membership->of(2), nullptr);
  first->close();
  EXPECT_EQ(membership->of(2), nullptr);
}

}  // namespace
}  // namespace millrace::kafka
