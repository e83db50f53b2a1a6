// SPDX-License-Identifier: Apache-2.0
// The errors of transactions, as the embedded broker can be told to answer them. It isolates
// nothing and keeps no offsets of transactions: what commits really do is in
// real_transactions_test.cc.
#include "engine/kafka/transactional_producer.h"

#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>

#include "engine/kafka/client_conf.h"
#include "engine/kafka/group_committer.h"
#include "engine/kafka/group_membership.h"
#include "engine/kafka/transaction_session.h"
#include "tests/unit/kafka/transactions_harness.h"

namespace millrace::kafka {
namespace {

using Kind = io::CommitResult::Kind;
using record::OutputRecord;

// Of Kafka's protocol.
constexpr int16_t kProduce = 0;
constexpr int16_t kInitProducerId = 22;
constexpr int16_t kAddPartitionsToTxn = 24;
constexpr int16_t kEndTxn = 26;
constexpr int16_t kTxnOffsetCommit = 28;
constexpr int kDisconnect = RD_KAFKA_RESP_ERR__TRANSPORT;

const TransactionOptions kOptions{.transactional_id = "id",
                                  .timeout = std::chrono::milliseconds{5000}};

ProducerOptions one_topic() {
  return {.topics = {{"out", {1, 1'048'588}}}};
}

class Transactions : public ::testing::Test {
 protected:
  Transactions()
      : broker_(start_broker("out", 1)),
        consumer_(std::move(Consumer::create(broker_->config(), quick_options("in", "g")).value())),
        records_(50) {
    EXPECT_TRUE(broker_->create_topic("in", 1).ok());
    for (OutputRecord& record : records_) record.value = record::Bytes::of(value_);
    // As if it had been assigned; the embedded broker takes 3 s for that.
    consumer_->membership()->begin(1, rd_kafka_consumer_group_metadata_new("g"));
  }

  std::unique_ptr<TransactionalProducer> make() {
    auto made = TransactionalProducer::create(broker_->config(), one_topic(), kOptions, kLong, {});
    EXPECT_TRUE(made.ok()) << (made.ok() ? "" : made.message());
    made.value()->attach(*consumer_);
    return std::move(made.value());
  }

  // Offsets only, with a look inside.
  std::unique_ptr<TransactionSession> make_session() {
    auto session =
        std::make_unique<TransactionSession>(broker_->config(), ProducerOptions(), kOptions, false);
    const base::Status status = session->open(Patience::at_most(kLong));
    EXPECT_TRUE(status.ok()) << (status.ok() ? "" : status.message());
    session->attach(*consumer_);
    return session;
  }

  // The group has this now, by whatever way.
  void have_committed(int64_t offset) {
    GroupCommitter committer(*consumer_);
    const io::CommitResult result = commit(committer, part("in", offset), 0);
    ASSERT_EQ(result.kind, Kind::kCommitted) << result.message;
  }

  static std::string client_of(TransactionSession& session) {
    return rd_kafka_name(session.producer().get()->handle());
  }

  const std::string value_ = "v";
  std::unique_ptr<embedded::EmbeddedBroker> broker_;
  std::unique_ptr<Consumer> consumer_;
  std::vector<OutputRecord> records_;
};

TEST_F(Transactions, CommitsAreRetriedWhereTheBrokerAsksForIt) {
  auto session = make_session();
  const std::string client = client_of(*session);
  broker_->fail_requests(kTxnOffsetCommit, {RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS,
                                            RD_KAFKA_RESP_ERR_NOT_COORDINATOR});
  const std::vector<io::PartitionCommit> offsets = {part("in", 5)};

  const io::CommitResult result = session->commit(offsets, 1, {});

  EXPECT_EQ(result.kind, Kind::kCommitted) << result.message;
  EXPECT_EQ(client_of(*session), client);
  session->abandon();
}

// A request to end the transaction that came twice could end the next one (KAFKA-17754).
TEST_F(Transactions, AnEndThatWasAskedForTwiceLeavesNoProducerForTheNextTransaction) {
  auto session = make_session();
  std::string client = client_of(*session);
  const std::vector<io::PartitionCommit> offsets = {part("in", 5)};
  ASSERT_EQ(session->commit(offsets, 1, {}).kind, Kind::kCommitted);
  EXPECT_EQ(client_of(*session), client) << "once is once";

  broker_->fail_requests(kEndTxn, {kDisconnect});
  const io::CommitResult result = session->commit(offsets, 1, {});
  EXPECT_EQ(result.kind, Kind::kCommitted) << result.message;
  EXPECT_NE(client_of(*session), client);

  client = client_of(*session);
  ASSERT_EQ(session->commit(offsets, 1, {}).kind, Kind::kCommitted);
  EXPECT_EQ(client_of(*session), client);
  session->abandon();
}

TEST_F(Transactions, AnUnknownOutcomeIsWhatTheGroupSays) {
  for (const auto& [has, kind] : {std::pair<int64_t, Kind>{-1, Kind::kRefused},
                                  {3, Kind::kRefused},
                                  {5, Kind::kCommitted},
                                  {9, Kind::kRefused}}) {
    auto session = make_session();
    const std::string client = client_of(*session);
    const std::vector<io::PartitionCommit> offsets = {part("in", 5, 3)};
    if (has >= 0) have_committed(has);
    broker_->fail_requests(kEndTxn, {RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH});

    const io::CommitResult result = session->commit(offsets, 1, {});

    EXPECT_EQ(result.kind, kind) << has << ": " << result.message;
    EXPECT_NE(client_of(*session), client) << "the old transaction was ended by a new producer";
    EXPECT_EQ(session->fatal_error(), "");
    session->abandon();
  }
}

TEST_F(Transactions, AMemberThatIsNotOneAnyMoreIsRefusedAndGoesOnAfterAReset) {
  auto producer = make();
  Settler settler(*producer);
  ASSERT_TRUE(send_through(*producer, records_, nullptr));
  ASSERT_TRUE(settler.wait(50));
  broker_->fail_requests(kTxnOffsetCommit, {RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION});

  EXPECT_EQ(commit(*producer, part("in", 5), 1).kind, Kind::kRefused);
  EXPECT_NE(producer->fatal_error(), "");
  EXPECT_EQ(producer->send(records_, nullptr), 0U);
  const base::Status status = reset(*producer);
  ASSERT_TRUE(status.ok()) << status.message();

  EXPECT_EQ(producer->fatal_error(), "");
  ASSERT_TRUE(send_through(*producer, records_, nullptr));
  ASSERT_TRUE(settler.wait(100));
  EXPECT_EQ(commit(*producer, part("in", 5), 1).kind, Kind::kCommitted);
  EXPECT_EQ(commit(*producer, part("in", 6, 5), 2).kind, Kind::kRefused) << "no such assignment";
}

TEST_F(Transactions, AMissingPermissionIsOneSentenceAndTheEnd) {
  auto producer = make();
  Settler settler(*producer);
  broker_->fail_requests(kTxnOffsetCommit, {RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED});

  const io::CommitResult result = commit(*producer, part("in", 5), 1);

  EXPECT_EQ(result.kind, Kind::kFatal);
  EXPECT_NE(result.message.find("not permitted by the broker's ACLs"), std::string::npos)
      << result.message;
}

TEST_F(Transactions, ATopicThatMayNotBeWrittenIsNoticedAndToldByTheReset) {
  auto producer = make();
  Settler settler(*producer);
  broker_->fail_requests(kAddPartitionsToTxn, {RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED});
  const auto deadline = std::chrono::steady_clock::now() + kLong;
  while (producer->fatal_error().empty() && std::chrono::steady_clock::now() < deadline) {
    producer->send(std::span(records_).first(1), nullptr);
    std::this_thread::yield();
    if (settler.ledger().total > 0) break;
  }

  const base::Status status = reset(*producer);

  ASSERT_FALSE(status.ok());
  EXPECT_NE(status.message().find("not permitted by the broker's ACLs"), std::string::npos)
      << status.message();
  EXPECT_EQ(producer->fatal_error(), status.message());
}

TEST_F(Transactions, ARecordThatTheBrokerRefusesIsBlamedAndTheOthersAreNot) {
  auto producer = make();
  Settler settler(*producer);
  ASSERT_TRUE(send_through(*producer, std::span(records_).first(1), nullptr));
  ASSERT_TRUE(settler.wait(1));
  broker_->fail_requests(kProduce, {RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE});
  ASSERT_EQ(producer->send(std::span(records_).first(1), nullptr), 1U);
  ASSERT_TRUE(settler.wait(2));
  ASSERT_EQ(settler.ledger().failed.size(), 1U);
  EXPECT_EQ(settler.ledger().failed[0].kind, io::FailureKind::kRefused);

  EXPECT_EQ(producer->send(records_, nullptr), 0U) << "the transaction has failed";
  EXPECT_NE(producer->fatal_error().find("max.message.bytes"), std::string::npos)
      << producer->fatal_error();
  const base::Status status = reset(*producer);
  ASSERT_TRUE(status.ok()) << status.message();
  ASSERT_TRUE(send_through(*producer, records_, nullptr));
  ASSERT_TRUE(settler.wait(52));
  EXPECT_EQ(settler.ledger().failed.size(), 1U) << settler.ledger().failed.back().reason;
  const io::CommitResult result = commit(*producer, part("in", 5), 1);
  EXPECT_EQ(result.kind, Kind::kCommitted) << result.message;
}

TEST_F(Transactions, AFenceWhileSendingReplacesTheProducer) {
  auto producer = make();
  Settler settler(*producer);
  broker_->fail_requests(kAddPartitionsToTxn, {RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH});
  ASSERT_EQ(producer->send(std::span(records_).first(1), nullptr), 1U);
  const auto deadline = std::chrono::steady_clock::now() + kLong;
  while (producer->fatal_error().empty() && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::yield();
  }

  const base::Status status = reset(*producer);

  ASSERT_TRUE(status.ok()) << status.message();
  ASSERT_TRUE(settler.wait(1)) << "given up, and reported";
  EXPECT_EQ(settler.ledger().failed[0].kind, io::FailureKind::kGivenUp);
  ASSERT_TRUE(send_through(*producer, records_, nullptr));
  ASSERT_TRUE(settler.wait(51));
  EXPECT_EQ(commit(*producer, part("in", 5), 1).kind, Kind::kCommitted);
}

TEST_F(Transactions, AnIdThatMayNotBeUsedIsOneSentenceAtTheStart) {
  broker_->fail_requests(kInitProducerId,
                         {RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED});
  auto made = TransactionalProducer::create(broker_->config(), one_topic(), kOptions, kLong, {});
  ASSERT_FALSE(made.ok());
  EXPECT_EQ(made.message(),
            "transactional id id: not permitted by the broker's ACLs (Write and Describe on the "
            "transactional id)");
}

TEST_F(Transactions, TheStartWaitsForACoordinatorThatLoads) {
  broker_->fail_requests(kInitProducerId, {RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS,
                                           RD_KAFKA_RESP_ERR_CONCURRENT_TRANSACTIONS});
  EXPECT_NE(make(), nullptr);
}

TEST_F(Transactions, ACommitThatNeedsNothingAsksNobody) {
  auto producer = make();
  broker_->set_down(true);
  producer->begin_commit({}, 1, {});
  const auto result = producer->poll_commit(kLong);
  ASSERT_TRUE(result.has_value());
  EXPECT_EQ(result->kind, Kind::kCommitted);
}

TEST_F(Transactions, DestructionEndsWithinSecondsThoughTheBrokerIsAway) {
  auto producer = make();
  ASSERT_GT(producer->send(records_, nullptr), 0U);
  broker_->set_down(true);

  const auto begin = std::chrono::steady_clock::now();
  producer.reset();

  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds{6});
}

TEST_F(Transactions, ACommitOutlivesABrokerThatIsAwayForAWhile) {
  auto session = make_session();
  broker_->set_down(true);
  const std::vector<io::PartitionCommit> offsets = {part("in", 5)};
  io::CommitResult result;
  std::thread other([&] { result = session->commit(offsets, 1, {}); });
  // Longer than the transaction timeout: the offsets were not sent, so that is certain.
  other.join();
  EXPECT_EQ(result.kind, Kind::kRefused) << result.message;
  broker_->set_down(false);
  const base::Status status = session->reset();
  EXPECT_TRUE(status.ok()) << (status.ok() ? "" : status.message());
  EXPECT_EQ(session->commit(offsets, 1, {}).kind, Kind::kCommitted);
  session->abandon();
}

TEST(TransactionalProducer, WaitsNoLongerThanToldAndNamesTheBrokers) {
  auto made = TransactionalProducer::create(plain_config("127.0.0.1:1"), {}, kOptions,
                                            std::chrono::milliseconds{1}, {});
  ASSERT_FALSE(made.ok());
  EXPECT_NE(made.message().find("127.0.0.1:1"), std::string::npos) << made.message();
}

}  // namespace
}  // namespace millrace::kafka
