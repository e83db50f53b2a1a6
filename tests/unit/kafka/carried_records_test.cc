// SPDX-License-Identifier: Apache-2.0
// What becomes of the records that commits carry, at the embedded broker: it shows them whether or
// not their transaction was committed. That is in real_carried_test.cc.
#include <map>
#include <optional>
#include <thread>

#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include "engine/kafka/client_conf.h"
#include "engine/kafka/group_committer.h"
#include "engine/kafka/group_membership.h"
#include "engine/kafka/offset_transactions.h"
#include "engine/kafka/topic_reader.h"
#include "engine/kafka/transaction_session.h"
#include "tests/unit/kafka/transactions_harness.h"

namespace millrace::kafka {
namespace {

using Kind = io::CommitResult::Kind;
using record::OutputRecord;

// Of Kafka's protocol.
constexpr int16_t kProduce = 0;
constexpr int16_t kAddPartitionsToTxn = 24;
constexpr int16_t kEndTxn = 26;

const TransactionOptions kOptions{.transactional_id = "id",
                                  .timeout = std::chrono::milliseconds{5000}};

class CarriedBySession : public ::testing::Test {
 protected:
  CarriedBySession()
      : broker_(start_broker("state", 7)),
        consumer_(
            std::move(Consumer::create(broker_->config(), quick_options("in", "g")).value())) {
    EXPECT_TRUE(broker_->create_topic("in", 1).ok());
    EXPECT_TRUE(broker_->create_topic("out", 1).ok());
    // As if it had been assigned; the embedded broker takes 3 s for that.
    consumer_->membership()->begin(1, rd_kafka_consumer_group_metadata_new("g"));
  }

  // Of offsets only.
  std::unique_ptr<TransactionSession> make_session() {
    auto session =
        std::make_unique<TransactionSession>(broker_->config(), ProducerOptions(), kOptions, false);
    const base::Status status = session->open(Patience::at_most(kLong));
    EXPECT_TRUE(status.ok()) << (status.ok() ? "" : status.message());
    session->attach(*consumer_);
    return session;
  }

  std::unique_ptr<embedded::EmbeddedBroker> broker_;
  std::unique_ptr<Consumer> consumer_;
};

// Both committers that carry.
class Carried : public CarriedBySession, public ::testing::WithParamInterface<bool> {
 protected:
  void make() {
    const config::KafkaConfig kafka = broker_->config();
    if (!GetParam()) {
      auto made = OffsetTransactions::create(kafka, kOptions, kLong, {});
      ASSERT_TRUE(made.ok()) << made.message();
      made.value()->attach(*consumer_);
      offsets_ = std::move(made.value());
      return;
    }
    auto made = TransactionalProducer::create(
        kafka, {.topics = {{"out", {1, 1'048'588}}}, .queue_bytes = kQueueBytes}, kOptions, kLong,
        {});
    ASSERT_TRUE(made.ok()) << made.message();
    made.value()->attach(*consumer_);
    producer_ = std::move(made.value());
    settler_.emplace(*producer_);
  }

  io::CommitResult commit_with(const std::vector<io::CarriedRecord>& carried) {
    const io::CommitResult result = commit(committer(), part("in", ++next_), 1, carried);
    // Offsets alone need no reset.
    if (GetParam() && result.kind == Kind::kRefused) {
      const base::Status status = reset(*producer_);
      EXPECT_TRUE(status.ok()) << (status.ok() ? "" : status.message());
    }
    return result;
  }

  // All that the topic has, by partition.
  std::map<int32_t, std::vector<Owned>> read() {
    std::map<int32_t, std::vector<Owned>> found;
    auto reader = TopicReader::create(broker_->config(), {.topic = "state"});
    auto count = reader.value()->read(
        [&](int32_t partition, const record::InputRecord& record) {
          found[partition].push_back(own(record));
          return true;
        },
        Patience::at_most(kLong));
    EXPECT_TRUE(count.ok()) << (count.ok() ? "" : count.message());
    return found;
  }

  // Room for 19 records.
  static constexpr size_t kQueueBytes = 10'000;

  [[nodiscard]] io::Committer& committer() const {
    return GetParam() ? static_cast<io::Committer&>(*producer_) : *offsets_;
  }

  std::unique_ptr<OffsetTransactions> offsets_;
  std::unique_ptr<TransactionalProducer> producer_;
  std::optional<Settler> settler_;  // goes before the producer
  int64_t next_ = 0;
};

INSTANTIATE_TEST_SUITE_P(WithOffsetsAndWithOutputs, Carried, ::testing::Bool(),
                         [](const auto& one) { return one.param ? "Outputs" : "Offsets"; });

TEST_P(Carried, RecordsGoWhereTheySayInOrderAndNobodyElseHearsOfThem) {
  make();

  const io::CommitResult result = commit_with({{"state", 3, "a", "1"},
                                               {"state", 3, "b", ""},
                                               {"state", 3, "a", std::nullopt},
                                               {"state", 5, "", "2"}});

  EXPECT_EQ(result.kind, Kind::kCommitted) << result.message;
  const std::map<int32_t, std::vector<Owned>> expected = {
      {3, {{"a", "1", {}}, {"b", "", {}}, {"a", std::nullopt, {}}}}, {5, {{"", "2", {}}}}};
  EXPECT_EQ(read(), expected);
  if (settler_) {
    EXPECT_EQ(settler_->ledger().total, 0U);
  }
}

// From UtilsTest.testMurmur2 of Apache Kafka.
TEST_P(Carried, WithoutAPartitionTheyGoByTheKeyAsJavaDoes) {
  make();
  const std::map<std::string, int32_t> known = {
      {"21", -973932308}, {"foobar", -790332482}, {"abc", 479470107}};
  std::vector<io::CarriedRecord> carried = {{"state", std::nullopt, "", "v"}};
  std::map<int32_t, std::vector<Owned>> expected;
  // As Java does with a key that is there and empty: librdkafka's own choice would be random.
  expected[(275646681 & 0x7fffffff) % 7].push_back({"", "v", {}});
  for (const auto& [key, hash] : known) {
    carried.push_back({"state", std::nullopt, key, "v"});
    expected[(hash & 0x7fffffff) % 7].push_back({key, "v", {}});
  }

  ASSERT_EQ(commit_with(carried).kind, Kind::kCommitted);

  EXPECT_EQ(read(), expected);
}

TEST_P(Carried, MoreThanTheQueueHoldsGoOutToo) {
  make();
  std::vector<io::CarriedRecord> carried;
  for (int i = 0; i < 2000; ++i) {
    carried.push_back({"state", i % 7, std::to_string(i), std::string(100, 'x')});
  }

  const io::CommitResult result = commit_with(carried);

  EXPECT_EQ(result.kind, Kind::kCommitted) << result.message;
  const auto found = read();
  ASSERT_EQ(found.size(), 7U);
  for (const auto& [partition, records] : found) {
    int32_t next = partition;
    for (const Owned& record : records) {
      EXPECT_EQ(record.key, std::to_string(next));
      next += 7;
    }
    EXPECT_GE(next, 2000);
  }
}

TEST_P(Carried, OneThatTheBrokerRefusesMakesTheCommitRefusedAndIsNamed) {
  make();
  ASSERT_EQ(commit_with({{"state", 0, "k", "v"}}).kind, Kind::kCommitted);
  for (int i = 0; i < 3; ++i) {
    // The second of them is the first of its partition.
    broker_->fail_requests(kProduce, {RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE});
    const io::CommitResult result = commit_with({{"state", i % 2, "k", "v"}});
    EXPECT_EQ(result.kind, Kind::kRefused);
    EXPECT_EQ(result.message,
              "writing to state-" + std::to_string(i % 2) +
                  ": the record is larger than the topic accepts (max.message.bytes)");

    const io::CommitResult next = commit_with({{"state", i % 2, "k", "v"}});
    EXPECT_EQ(next.kind, Kind::kCommitted) << next.message;
  }
}

TEST_P(Carried, TheFirstOfAPartitionGoesAloneUntilItIsAcknowledged) {
  make();
  broker_->fail_requests(kProduce,
                         {RD_KAFKA_RESP_ERR_NO_ERROR, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE});

  EXPECT_EQ(commit_with({{"state", 0, "a", "v"}, {"state", 0, "b", "v"}}).kind, Kind::kRefused);

  const std::map<int32_t, std::vector<Owned>> expected = {{0, {{"a", "v", {}}}}};
  EXPECT_EQ(read(), expected) << "or they went in one request";
}

TEST_P(Carried, OneThatIsTooLargeForUsIsRefusedToo) {
  make();

  const io::CommitResult result =
      commit_with({{"state", 0, "k", "v"}, {"state", 1, "k", std::string(2'000'000, 'x')}});

  EXPECT_EQ(result.kind, Kind::kRefused);
  EXPECT_EQ(result.message,
            "writing to state-1: the record is larger than the topic accepts (max.message.bytes)");
  EXPECT_EQ(commit_with({{"state", 1, "k", "v"}}).kind, Kind::kCommitted);
}

TEST_P(Carried, APartitionThatIsNotThereIsARefusalThatNamesIt) {
  make();
  const io::CommitResult result = commit_with({{"state", 7, "k", "v"}});
  EXPECT_EQ(result.kind, Kind::kRefused);
  EXPECT_EQ(result.message, "writing to state-7: the partition does not exist");
  EXPECT_EQ(commit_with({{"state", 6, "k", "v"}}).kind, Kind::kCommitted);
}

TEST_P(Carried, ATopicThatIsNotThereIsWaitedForAndThenARefusalThatNamesIt) {
  make();
  rd_kafka_mock_topic_set_error(broker_->cluster(), "state",
                                RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
  const auto begin = std::chrono::steady_clock::now();

  const io::CommitResult result = commit_with({{"state", 0, "k", "v"}});

  const auto took = std::chrono::steady_clock::now() - begin;
  EXPECT_EQ(result.kind, Kind::kRefused);
  EXPECT_EQ(result.message, "writing to state: the topic or partition does not exist");
  EXPECT_GE(took, kOptions.timeout / 2);
  EXPECT_LT(took, kOptions.timeout);
  rd_kafka_mock_topic_set_error(broker_->cluster(), "state", RD_KAFKA_RESP_ERR_NO_ERROR);
  EXPECT_EQ(commit_with({{"state", 0, "k", "v"}}).kind, Kind::kCommitted);
}

TEST_P(Carried, ATopicThatMayNotBeWrittenIsTheEndAndNamed) {
  make();
  broker_->fail_requests(kAddPartitionsToTxn, {RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED});

  const io::CommitResult result = commit_with({{"state", 0, "k", "v"}});

  EXPECT_EQ(result.kind, Kind::kFatal);
  EXPECT_NE(result.message.find("state: not permitted by the broker's ACLs"), std::string::npos)
      << result.message;
}

TEST_P(Carried, AFenceReplacesTheProducerAndTheNextCommitWorks) {
  make();
  ASSERT_EQ(commit_with({{"state", 0, "k", "v"}}).kind, Kind::kCommitted);
  broker_->fail_requests(kAddPartitionsToTxn, {RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH});
  EXPECT_EQ(commit_with({{"state", 0, "k", "v"}, {"state", 1, "k", "v"}}).kind, Kind::kRefused);
  const io::CommitResult next = commit_with({{"state", 0, "k", "v"}, {"state", 1, "k", "v"}});
  EXPECT_EQ(next.kind, Kind::kCommitted) << next.message;
}

// For as long as it likes: that is no failure of the producer.
TEST_F(CarriedBySession, ABrokerThatIsAwayIsARefusalAndNothingElse) {
  auto session = make_session();
  const std::vector<io::PartitionCommit> offsets = {part("in", 5)};
  const std::vector<io::CarriedRecord> carried = {{"state", 0, "k", "v"}};
  ASSERT_EQ(session->commit(offsets, 1, carried).kind, Kind::kCommitted);
  broker_->set_down(true);

  const io::CommitResult result = session->commit(offsets, 1, carried);

  EXPECT_EQ(result.kind, Kind::kRefused) << result.message;
  broker_->set_down(false);
  const base::Status status = session->reset();
  EXPECT_TRUE(status.ok()) << (status.ok() ? "" : status.message());
  const io::CommitResult next = session->commit(offsets, 1, carried);
  EXPECT_EQ(next.kind, Kind::kCommitted) << next.message;
  session->abandon();
}

TEST_P(Carried, DestructionDuringACommitEndsWithinSecondsThoughTheBrokerIsAway) {
  make();
  ASSERT_EQ(commit_with({{"state", 0, "k", "v"}}).kind, Kind::kCommitted);
  broker_->set_down(true);
  const io::PartitionCommit offset = part("in", 9);
  const std::vector<io::CarriedRecord> carried = {{"state", 0, "k", "v"}};
  committer().begin_commit(std::span(&offset, 1), 1, carried);
  EXPECT_FALSE(committer().poll_commit(std::chrono::milliseconds{200}).has_value());

  const auto begin = std::chrono::steady_clock::now();
  settler_.reset();
  producer_.reset();
  offsets_.reset();

  EXPECT_LT(std::chrono::steady_clock::now() - begin, kOptions.timeout + std::chrono::seconds{5});
}

// By the metadata, which no two commits share; also where no offset moves.
TEST_F(CarriedBySession, AnUnknownOutcomeIsToldByTheMetadata) {
  struct Case {
    int64_t has;
    std::string metadata;
    int64_t next;
    Kind kind;
  };

  const std::vector<Case> cases = {{5, "m-1", 5, Kind::kCommitted}, {5, "m-0", 5, Kind::kRefused},
                                   {5, "", 5, Kind::kRefused},      {3, "m-1", 5, Kind::kRefused},
                                   {3, "m-1", 3, Kind::kCommitted}, {3, "m-0", 3, Kind::kRefused}};
  for (const Case& one : cases) {
    auto session = make_session();
    GroupCommitter group(*consumer_);
    ASSERT_EQ(commit(group, part("in", one.has, 0, one.metadata), 0).kind, Kind::kCommitted);
    broker_->fail_requests(kEndTxn, {RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH});
    const std::vector<io::PartitionCommit> offsets = {part("in", one.next, 3, "m-1")};
    const std::vector<io::CarriedRecord> carried = {{"state", 0, "k", "v"}};

    const io::CommitResult result = session->commit(offsets, 1, carried);

    EXPECT_EQ(result.kind, one.kind) << one.has << one.metadata << one.next << result.message;
    session->abandon();
  }
}

TEST_P(Carried, WithoutOffsetsThereIsNothingToCarry) {
  make();
  const std::vector<io::CarriedRecord> carried = {{"state", 0, "k", "v"}};
  committer().begin_commit({}, 1, carried);
  const auto result = committer().poll_commit(kLong);
  ASSERT_TRUE(result.has_value());
  EXPECT_EQ(result->kind, Kind::kRefused);
}

}  // namespace
}  // namespace millrace::kafka
