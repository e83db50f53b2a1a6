// SPDX-License-Identifier: Apache-2.0
#include "engine/kafka/offset_transactions.h"

#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>

#include "engine/kafka/client_conf.h"
#include "engine/kafka/group_membership.h"
#include "tests/unit/kafka/transactions_harness.h"

namespace millrace::kafka {
namespace {

using Kind = io::CommitResult::Kind;

constexpr int16_t kEndTxn = 26;
constexpr int16_t kTxnOffsetCommit = 28;

const TransactionOptions kOptions{.transactional_id = "id-offsets",
                                  .timeout = std::chrono::milliseconds{5000}};

class Offsets : public ::testing::Test {
 protected:
  Offsets()
      : broker_(start_broker("in", 1)),
        consumer_(
            std::move(Consumer::create(broker_->config(), quick_options("in", "g")).value())) {
    consumer_->membership()->begin(1, rd_kafka_consumer_group_metadata_new("g"));
  }

  std::unique_ptr<OffsetTransactions> make(const config::KafkaConfig& kafka) {
    auto made = OffsetTransactions::create(kafka, kOptions, kLong, {});
    EXPECT_TRUE(made.ok()) << (made.ok() ? "" : made.message());
    made.value()->attach(*consumer_);
    return std::move(made.value());
  }

  std::unique_ptr<embedded::EmbeddedBroker> broker_;
  std::unique_ptr<Consumer> consumer_;
};

TEST_F(Offsets, ARefusedCommitNeedsNoResetByTheCaller) {
  auto offsets = make(broker_->config());
  for (const int16_t kind : {kTxnOffsetCommit, kEndTxn}) {
    broker_->fail_requests(kind, {kind == kEndTxn ? RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH
                                                  : RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION});
    EXPECT_EQ(commit(*offsets, part("in", 5), 1).kind, Kind::kRefused) << kind;
    const io::CommitResult next = commit(*offsets, part("in", 5), 1);
    EXPECT_EQ(next.kind, Kind::kCommitted) << kind << ": " << next.message;
  }
}

TEST_F(Offsets, ACommitOfAnAssignmentThatIsOverIsRefused) {
  auto offsets = make(broker_->config());
  EXPECT_EQ(commit(*offsets, part("in", 5), 2).kind, Kind::kRefused);
  consumer_->membership()->end();
  EXPECT_EQ(commit(*offsets, part("in", 5), 1).kind, Kind::kRefused);
}

TEST_F(Offsets, ThePropertiesOfTheInputCount) {
  config::KafkaConfig kafka = broker_->config();
  kafka.consumer = kafka.common;
  kafka.common.clear();
  kafka.producer = plain_config("127.0.0.1:1").common;
  auto offsets = make(kafka);
  EXPECT_EQ(commit(*offsets, part("in", 5), 1).kind, Kind::kCommitted);
}

TEST_F(Offsets, DestructionEndsWithinSecondsThoughTheBrokerIsAway) {
  auto offsets = make(broker_->config());
  broker_->set_down(true);
  const auto begin = std::chrono::steady_clock::now();
  offsets.reset();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds{4});
}

}  // namespace
}  // namespace millrace::kafka
