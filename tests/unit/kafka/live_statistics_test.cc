// SPDX-License-Identifier: Apache-2.0
#include <string>

#include <gtest/gtest.h>

#include "engine/kafka/client_statistics.h"
#include "engine/kafka/producer.h"
#include "tests/unit/kafka/harness.h"
#include "tests/unit/kafka/transactions_harness.h"

namespace millrace::kafka {
namespace {

config::KafkaConfig with_statistics(const embedded::EmbeddedBroker& broker) {
  config::KafkaConfig kafka = broker.config();
  kafka.common.push_back(config::KafkaProperty{{"statistics.interval.ms", {}}, "50"});
  return kafka;
}

TEST(LiveStatistics, OfAConsumerCome) {
  const auto broker = start_broker("in", 2);
  write_numbers(broker->config(), "in", 0, 0, 10);
  auto consumer = Consumer::create(with_statistics(*broker), quick_options("in", "group"));
  ASSERT_TRUE(consumer.ok());
  EXPECT_FALSE(consumer.value()->statistics());
  RememberingListener listener;
  ASSERT_TRUE(consumer.value()->subscribe(listener).ok());

  EXPECT_TRUE(poll_until(
      *consumer.value(), [](const io::SourceEvent& /*event*/) {},
      [&] {
        const auto read = consumer.value()->statistics();
        return read && read->brokers_up > 0 && read->received_bytes > 0 && read->requests > 0;
      }));
  consumer.value()->close();
}

TEST(LiveStatistics, OfAProducerCome) {
  const auto broker = start_broker("out", 1);
  ProducerOptions options;
  options.topics = {{"out", {1, 1'048'588}}};
  auto producer = Producer::create(with_statistics(*broker), options, kLong, {});
  ASSERT_TRUE(producer.ok());

  Ledger ledger;
  const auto deadline = std::chrono::steady_clock::now() + kLong;
  bool came = false;
  while (!came && std::chrono::steady_clock::now() < deadline) {
    producer.value()->serve(std::chrono::milliseconds{100}, ledger);
    const auto read = producer.value()->statistics();
    came = read && read->brokers_up > 0 && read->sent_bytes > 0;
  }
  EXPECT_TRUE(came);
}

TEST(LiveStatistics, AreNotThereWhereNobodyWantsThem) {
  const auto broker = start_broker("in", 1);
  write_numbers(broker->config(), "in", 0, 0, 3);
  auto consumer = Consumer::create(broker->config(), quick_options("in", "group"));
  ASSERT_TRUE(consumer.ok());
  RememberingListener listener;
  ASSERT_TRUE(consumer.value()->subscribe(listener).ok());
  int records = 0;

  EXPECT_TRUE(poll_until(
      *consumer.value(),
      [&](const io::SourceEvent& event) {
        if (event.kind == io::SourceEvent::Kind::kRecord) ++records;
      },
      [&] { return records == 3; }));
  EXPECT_FALSE(consumer.value()->statistics());
  consumer.value()->close();
}

}  // namespace
}  // namespace millrace::kafka
