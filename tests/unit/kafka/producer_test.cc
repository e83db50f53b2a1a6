// SPDX-License-Identifier: Apache-2.0
#include "engine/kafka/producer.h"

#include <map>

#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>

#include "engine/kafka/client_conf.h"
#include "engine/kafka/topic_reader.h"
#include "tests/unit/kafka/transactions_harness.h"

namespace millrace::kafka {
namespace {

using record::OutputRecord;

ProducerOptions two_topics() {
  ProducerOptions options;
  options.topics = {{"out", {2, 1'048'588}}, {"dead", {1, 1'048'588}}};
  return options;
}

std::unique_ptr<embedded::EmbeddedBroker> start() {
  auto broker = start_broker("out", 2);
  EXPECT_TRUE(broker->create_topic("dead", 1).ok());
  return broker;
}

std::unique_ptr<Producer> make(const embedded::EmbeddedBroker& broker,
                               const ProducerOptions& options) {
  auto producer = Producer::create(broker.config(), options, kLong, {});
  EXPECT_TRUE(producer.ok()) << (producer.ok() ? "" : producer.message());
  return std::move(producer.value());
}

bool serve_until(Producer& producer, Ledger& ledger, size_t total) {
  const auto deadline = std::chrono::steady_clock::now() + kLong;
  while (ledger.total < total && std::chrono::steady_clock::now() < deadline) {
    producer.serve(std::chrono::milliseconds{200}, ledger);
  }
  return ledger.total == total;
}

std::map<int32_t, std::vector<Owned>> read_topic(const embedded::EmbeddedBroker& broker,
                                                 const std::string& topic) {
  ReadOptions options;
  options.topic = topic;
  options.fetch_wait = std::chrono::milliseconds{10};
  auto reader = TopicReader::create(broker.config(), options);
  EXPECT_TRUE(reader.ok());
  std::map<int32_t, std::vector<Owned>> records;
  auto count = reader.value()->read(
      [&](int32_t partition, const record::InputRecord& record) {
        records[partition].push_back(own(record));
        return true;
      },
      Patience::at_most(kLong));
  EXPECT_TRUE(count.ok()) << (count.ok() ? "" : count.message());
  return records;
}

// Sends everything, serving reports where the producer has no room.
bool send_all(Producer& producer, Ledger& ledger, std::span<const OutputRecord> records,
              void* token) {
  const auto deadline = std::chrono::steady_clock::now() + kLong;
  for (size_t sent = 0; sent < records.size();) {
    const size_t taken = producer.send(records.subspan(sent), token);
    sent += taken;
    if (taken == 0) producer.serve(std::chrono::milliseconds{10}, ledger);
    if (std::chrono::steady_clock::now() > deadline) return false;
  }
  return true;
}

TEST(Producer, SendsTheFirstRecordOfAPartitionAloneUntilItIsAcknowledged) {
  auto broker = start();
  auto producer = make(*broker, two_topics());
  const std::string value = "v";
  std::vector<OutputRecord> records(10);
  for (OutputRecord& record : records) record.value = record::Bytes::of(value);
  records[1].partition = 1;
  int token = 0;
  Ledger ledger;

  EXPECT_EQ(producer->send(records, &token), 2U) << "one of each partition";
  EXPECT_EQ(producer->send(std::span(records).subspan(2), &token), 0U);
  ASSERT_TRUE(serve_until(*producer, ledger, 2));
  EXPECT_EQ(producer->send(std::span(records).subspan(2), &token), 8U);

  ASSERT_TRUE(serve_until(*producer, ledger, 10));
  EXPECT_TRUE(ledger.failed.empty());
}

TEST(Producer, AFirstRecordThatTheBrokerRefusesLeavesTheNextOneToBeTheFirst) {
  auto broker = start();
  auto producer = make(*broker, two_topics());
  const std::string value = "v";
  std::vector<OutputRecord> records(3);
  for (OutputRecord& record : records) record.value = record::Bytes::of(value);
  broker->fail_requests(0, {RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE});
  int token = 0;
  Ledger ledger;

  ASSERT_TRUE(send_all(*producer, ledger, records, &token));
  ASSERT_TRUE(serve_until(*producer, ledger, 3));

  ASSERT_EQ(ledger.failed.size(), 1U);
  EXPECT_EQ(ledger.failed[0].kind, io::FailureKind::kRefused);
  EXPECT_EQ(ledger.acknowledged[&token], 2U);
}

TEST(Producer, SendsRunsWithAndWithoutHeadersInOrderAndAsTheyAre) {
  auto broker = start();
  auto producer = make(*broker, two_topics());
  std::vector<Owned> wanted;
  for (int i = 0; i < 3000; ++i) {
    Owned record{"key" + std::to_string(i), "value" + std::to_string(i), {}};
    if (i % 7 == 0) record.headers = {{"n", std::to_string(i)}, {"null", std::nullopt}};
    if (i % 11 == 0) record.key = std::nullopt;
    if (i % 13 == 0) record.value = std::nullopt;
    if (i % 17 == 0) record.value = "";
    if (i % 19 == 0) record.key = "";
    wanted.push_back(record);
  }
  wanted[5].value = std::string(1'000'000, 'x');
  std::vector<std::vector<record::Header>> headers(wanted.size());
  std::vector<OutputRecord> records;
  for (size_t i = 0; i < wanted.size(); ++i) {
    for (const auto& [name, value] : wanted[i].headers) headers[i].push_back({name, lend(value)});
    OutputRecord record;
    record.key = lend(wanted[i].key);
    record.value = lend(wanted[i].value);
    record.headers = headers[i];
    record.partition = static_cast<int32_t>(i % 2);
    records.push_back(record);
  }
  int token = 0;
  Ledger ledger;

  ASSERT_TRUE(send_all(*producer, ledger, records, &token));
  ASSERT_TRUE(serve_until(*producer, ledger, records.size()));

  EXPECT_TRUE(ledger.failed.empty());
  EXPECT_EQ(ledger.acknowledged[&token], records.size());
  EXPECT_LT(ledger.calls, records.size() / 10) << "reports come in runs";
  auto read = read_topic(*broker, "out");
  for (size_t i = 0; i < wanted.size(); ++i) {
    ASSERT_EQ(read[static_cast<int32_t>(i % 2)].at(i / 2), wanted[i]) << i;
  }
}

TEST(Producer, KeepsTokensApartAndTopicsToo) {
  auto broker = start();
  auto producer = make(*broker, two_topics());
  const std::string value = "v";
  std::vector<OutputRecord> records(100);
  for (size_t i = 0; i < records.size(); ++i) {
    records[i].value = record::Bytes::of(value);
    records[i].topic = i % 10 == 0 ? 1 : 0;
  }
  int first = 0;
  int second = 0;
  Ledger ledger;

  ASSERT_TRUE(send_all(*producer, ledger, records, &first));
  ASSERT_TRUE(send_all(*producer, ledger, std::span(records).first(30), &second));
  ASSERT_TRUE(serve_until(*producer, ledger, 130));

  EXPECT_EQ(ledger.acknowledged[&first], 100U);
  EXPECT_EQ(ledger.acknowledged[&second], 30U);
  EXPECT_EQ(read_topic(*broker, "out")[0].size(), 117U);
  EXPECT_EQ(read_topic(*broker, "dead")[0].size(), 13U);
}

TEST(Producer, TakesWhatFitsItsQueueAndTheRestLaterInOrder) {
  auto broker = start();
  ProducerOptions options = two_topics();
  options.queue_bytes = 100 * 2 * 256;  // 100 records
  options.linger = std::chrono::milliseconds{1};
  auto producer = make(*broker, options);
  std::vector<std::string> values;
  values.reserve(1000);
  for (int i = 0; i < 1000; ++i) values.push_back(std::to_string(i));
  std::vector<OutputRecord> records(values.size());
  const record::Header header{"h", record::Bytes::of("x")};
  for (size_t i = 0; i < records.size(); ++i) {
    records[i].value = record::Bytes::of(values[i]);
    if (i >= 500) records[i].headers = std::span(&header, 1);
  }
  int token = 0;
  Ledger ledger;

  size_t sent = producer->send(records, &token);
  EXPECT_LE(sent, 100U);
  EXPECT_GT(sent, 0U);
  const auto deadline = std::chrono::steady_clock::now() + kLong;
  while (sent < records.size() && std::chrono::steady_clock::now() < deadline) {
    producer->serve(std::chrono::milliseconds{10}, ledger);
    sent += producer->send(std::span(records).subspan(sent), &token);
  }
  ASSERT_TRUE(serve_until(*producer, ledger, records.size()));

  auto read = read_topic(*broker, "out");
  ASSERT_EQ(read[0].size(), records.size());
  for (size_t i = 0; i < values.size(); ++i) EXPECT_EQ(read[0][i].value, values[i]);
}

TEST(Producer, ReportsWhatItRefusesAtOnceAndSendsTheOthers) {
  auto broker = start();
  ProducerOptions options = two_topics();
  options.topics[0].limits.message_bytes_max = 1'000'000;
  options.topics[1].limits.message_bytes_max = 1'000'000;
  auto producer = make(*broker, options);
  const std::string value = "v";
  const std::string large(2'000'000, 'x');
  const record::Header header{"h", record::Bytes::of("x")};
  std::vector<OutputRecord> records(6);
  for (OutputRecord& record : records) record.value = record::Bytes::of(value);
  records[1].value = record::Bytes::of(large);
  records[2].partition = 99;
  records[4].value = record::Bytes::of(large);
  records[4].headers = std::span(&header, 1);
  int token = 0;
  Ledger ledger;

  ASSERT_TRUE(send_all(*producer, ledger, records, &token));
  ASSERT_TRUE(serve_until(*producer, ledger, 6));

  EXPECT_EQ(ledger.acknowledged[&token], 3U);
  ASSERT_EQ(ledger.failed.size(), 3U);
  EXPECT_EQ(ledger.failed[0].value, large.data());
  EXPECT_NE(ledger.failed[0].reason.find("out-0"), std::string::npos);
  EXPECT_NE(ledger.failed[0].reason.find("max.message.bytes"), std::string::npos);
  EXPECT_NE(ledger.failed[1].reason.find("out-99"), std::string::npos);
  EXPECT_EQ(ledger.failed[2].value, large.data());
}

TEST(Producer, ReportsWhatTheBrokerRefusesWithTheRecordsAddress) {
  auto broker = start();
  auto producer = make(*broker, two_topics());
  const std::string value = "too large for the broker";
  std::vector<OutputRecord> records(1);
  records[0].value = record::Bytes::of(value);
  broker->fail_requests(0, {RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE});
  int token = 0;
  Ledger ledger;

  ASSERT_EQ(producer->send(records, &token), 1U);
  ASSERT_TRUE(serve_until(*producer, ledger, 1));

  ASSERT_EQ(ledger.failed.size(), 1U);
  EXPECT_EQ(ledger.failed[0].token, &token);
  EXPECT_EQ(ledger.failed[0].value, value.data());
  EXPECT_EQ(ledger.failed[0].reason.find(value), std::string::npos);
}

TEST(Producer, ABrokerThatGoesAwayDelaysAndLosesNothing) {
  auto broker = start();
  auto producer = make(*broker, two_topics());
  const std::string value = "v";
  std::vector<OutputRecord> records(50);
  for (OutputRecord& record : records) record.value = record::Bytes::of(value);
  int token = 0;
  Ledger ledger;

  ASSERT_TRUE(send_all(*producer, ledger, std::span(records).first(1), &token));
  ASSERT_TRUE(serve_until(*producer, ledger, 1));

  broker->set_down(true);
  ASSERT_EQ(producer->send(std::span(records).subspan(1), &token), 49U);
  producer->serve(std::chrono::milliseconds{300}, ledger);
  EXPECT_EQ(ledger.total, 1U);
  broker->set_down(false);

  ASSERT_TRUE(serve_until(*producer, ledger, 50));
  EXPECT_TRUE(ledger.failed.empty());
  EXPECT_EQ(read_topic(*broker, "out")[0].size(), 50U);
}

TEST(Producer, AWakeUpIsNotMissedEvenIfItComesBeforeTheWait) {
  auto broker = start();
  auto producer = make(*broker, two_topics());
  Ledger ledger;
  producer->serve(std::chrono::milliseconds{0}, ledger);

  const auto begin = std::chrono::steady_clock::now();
  producer->wake();
  producer->serve(std::chrono::seconds{20}, ledger);

  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds{10});
}

TEST(Producer, DestructionGivesUpWithinSeconds) {
  auto broker = start();
  auto producer = make(*broker, two_topics());
  const std::string value = "v";
  std::vector<OutputRecord> records(50);
  for (OutputRecord& record : records) record.value = record::Bytes::of(value);
  broker->set_down(true);
  producer->send(records, nullptr);

  const auto begin = std::chrono::steady_clock::now();
  producer.reset();

  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds{6});
}

TEST(Producer, AResetReportsWhatWasUnderWayOnceAndLeavesAProducerThatWorks) {
  auto broker = start();
  auto producer = make(*broker, two_topics());
  const std::string value = "v";
  std::vector<OutputRecord> records(50);
  for (OutputRecord& record : records) record.value = record::Bytes::of(value);
  records[10].partition = 99;
  Settler settler(*producer);
  ASSERT_TRUE(send_through(*producer, std::span(records).first(1), nullptr));
  ASSERT_TRUE(settler.wait(1));
  broker->set_down(true);
  ASSERT_EQ(producer->send(std::span(records).subspan(1), nullptr), 49U);

  producer->begin_reset();
  ASSERT_TRUE(settler.wait(50)) << "though the broker is away";
  EXPECT_FALSE(producer->poll_reset(std::chrono::milliseconds{0}).has_value())
      << "a new producer needs the broker";
  producer->wake();
  broker->set_down(false);
  const auto status = producer->poll_reset(kLong);
  ASSERT_TRUE(status.has_value());
  ASSERT_TRUE(status->ok()) << status->message();

  const Ledger ledger = settler.ledger();
  ASSERT_EQ(ledger.failed.size(), 49U);
  size_t refused = 0;
  for (const Ledger::Failure& failure : ledger.failed) {
    if (failure.kind == io::FailureKind::kRefused) ++refused;
  }
  EXPECT_EQ(refused, 1U) << "only the one without a partition";
  ASSERT_TRUE(send_through(*producer, std::span(records).first(10), nullptr));
  ASSERT_TRUE(settler.wait(60));
  EXPECT_EQ(settler.ledger().failed.size(), 49U);
}

TEST(Producer, AResetReplacesAProducerThatFailedForGood) {
  auto broker = start();
  auto producer = make(*broker, two_topics());
  const std::string value = "v";
  std::vector<OutputRecord> records(20);
  for (OutputRecord& record : records) record.value = record::Bytes::of(value);
  Settler settler(*producer);
  ASSERT_TRUE(send_through(*producer, std::span(records).first(1), nullptr));
  ASSERT_TRUE(settler.wait(1));
  broker->fail_requests(0, {RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER});
  ASSERT_EQ(producer->send(std::span(records).subspan(1), nullptr), 19U);
  ASSERT_TRUE(settler.wait(20));
  ASSERT_NE(producer->fatal_error(), "");
  EXPECT_EQ(producer->send(records, nullptr), 0U);
  EXPECT_EQ(settler.ledger().failed[0].kind, io::FailureKind::kGivenUp);

  const base::Status status = reset(*producer);

  ASSERT_TRUE(status.ok()) << status.message();
  EXPECT_EQ(producer->fatal_error(), "");
  ASSERT_TRUE(send_through(*producer, records, nullptr));
  ASSERT_TRUE(settler.wait(40));
}

TEST(Producer, WaitsNoLongerThanToldForTopicsToBeKnown) {
  auto producer =
      Producer::create(plain_config("127.0.0.1:1"), two_topics(), std::chrono::milliseconds{1}, {});
  EXPECT_FALSE(producer.ok());
}

}  // namespace
}  // namespace millrace::kafka
