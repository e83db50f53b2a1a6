// SPDX-License-Identifier: Apache-2.0
// Transactions of outputs and offsets against a real Apache Kafka: the embedded broker keeps
// neither apart. Runs against MILLRACE_TEST_BOOTSTRAP.
#include <algorithm>
#include <cstdlib>
#include <random>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>

#include "engine/kafka/client_conf.h"
#include "engine/kafka/current_consumer.h"
#include "engine/kafka/group_membership.h"
#include "engine/kafka/offset_transactions.h"
#include "engine/kafka/topic_reader.h"
#include "engine/kafka/transactional_producer.h"
#include "tests/unit/kafka/transactions_harness.h"

namespace millrace::kafka {
namespace {

using Kind = io::CommitResult::Kind;
using record::OutputRecord;

class RealTransactions : public ::testing::Test {
 protected:
  void SetUp() override {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): nobody changes the environment
    const char* bootstrap = std::getenv("MILLRACE_TEST_BOOTSTRAP");
    if (bootstrap == nullptr) GTEST_SKIP() << "MILLRACE_TEST_BOOTSTRAP is not set";
    kafka_ = plain_config(bootstrap);
    in_ = create("in");
    out_ = create("out");
    id_ = fresh("id");
    group_ = fresh("g");
    values_.resize(100, "v");
    for (const std::string& value : values_) {
      OutputRecord record;
      record.value = record::Bytes::of(value);
      records_.push_back(record);
    }
  }

  static std::string fresh(const std::string& what) {
    std::random_device random;
    return what + "-" + std::to_string(random()) + std::to_string(random());
  }

  std::string create(const std::string& what) {
    std::string name = fresh(what);
    auto admin = Admin::create(kafka_, Side::kInput);
    EXPECT_TRUE(admin.ok());
    auto created = admin.value()->create_topic({name, 1, 1}, Patience::at_most(kLong));
    EXPECT_TRUE(created.ok()) << (created.ok() ? "" : created.message());
    return name;
  }

  [[nodiscard]] std::unique_ptr<TransactionalProducer> make() const {
    auto made = TransactionalProducer::create(kafka_, {.topics = {{out_, {1, 1'048'588}}}},
                                              {.transactional_id = id_}, kLong, {});
    EXPECT_TRUE(made.ok()) << (made.ok() ? "" : made.message());
    return std::move(made.value());
  }

  // Records of the output that a reader of committed ones sees.
  uint64_t visible(bool committed_only = true) {
    auto reader = TopicReader::create(kafka_, {.topic = out_, .committed_only = committed_only});
    EXPECT_TRUE(reader.ok());
    auto count =
        reader.value()->read([](auto, const auto&) { return true; }, Patience::at_most(kLong));
    EXPECT_TRUE(count.ok()) << (count.ok() ? "" : count.message());
    return count.ok() ? count.value() : 0;
  }

  config::KafkaConfig kafka_;
  std::string in_;
  std::string out_;
  std::string id_;
  std::string group_;
  std::vector<std::string> values_;
  std::vector<OutputRecord> records_;
};

TEST_F(RealTransactions, ACommitMakesRecordsAndOffsetsOneFact) {
  auto producer = make();
  Member member(kafka_, quick_options(in_, group_));
  producer->attach(member.consumer());
  Settler settler(*producer);
  const uint64_t assignment = member.wait(1);
  ASSERT_NE(assignment, 0U);

  ASSERT_TRUE(send_through(*producer, records_, nullptr));
  ASSERT_TRUE(settler.wait(100));
  EXPECT_EQ(visible(), 0U) << "nothing is seen before the commit";
  EXPECT_EQ(visible(false), 100U);
  EXPECT_EQ(committed_offset(*producer, in_), -1);

  const io::CommitResult result = commit(*producer, part(in_, 7), assignment);
  EXPECT_EQ(result.kind, Kind::kCommitted) << result.message;

  EXPECT_EQ(committed_offset(*producer, in_), 7);
  EXPECT_EQ(visible(), 100U);
  EXPECT_TRUE(settler.ledger().failed.empty());
}

TEST_F(RealTransactions, AResetMakesWhatWasSentVoidAndReportsEachRecordOnce) {
  auto producer = make();
  Member member(kafka_, quick_options(in_, group_));
  producer->attach(member.consumer());
  const uint64_t assignment = member.wait(1);
  ASSERT_NE(assignment, 0U);
  const std::vector<OutputRecord> many(20'000, records_[0]);
  size_t reported = 0;
  {
    Settler settler(*producer);
    for (int round = 0; round < 3; ++round) {
      ASSERT_TRUE(send_through(*producer, many, nullptr)) << producer->fatal_error();
      const base::Status status = reset(*producer);
      ASSERT_TRUE(status.ok()) << status.message();
      reported += many.size();
      ASSERT_TRUE(settler.wait(reported)) << "all are reported when the reset is over";
    }
    for (const Ledger::Failure& failure : settler.ledger().failed) {
      ASSERT_EQ(failure.kind, io::FailureKind::kGivenUp) << failure.reason;
    }
    ASSERT_TRUE(send_through(*producer, records_, nullptr)) << producer->fatal_error();
    ASSERT_TRUE(settler.wait(reported + 100));
    EXPECT_EQ(commit(*producer, part(in_, 1), assignment).kind, Kind::kCommitted);
  }
  EXPECT_EQ(visible(), 100U);
}

TEST_F(RealTransactions, OffsetsAloneAreCommittedToo) {
  auto producer = make();
  Member member(kafka_, quick_options(in_, group_));
  producer->attach(member.consumer());
  Settler settler(*producer);
  const uint64_t assignment = member.wait(1);

  EXPECT_EQ(commit(*producer, part(in_, 5), assignment).kind, Kind::kCommitted);
  EXPECT_EQ(committed_offset(*producer, in_), 5);
}

TEST_F(RealTransactions, ACommitOfAnAssignmentThatIsOverIsRefused) {
  auto producer = make();
  Member member(kafka_, quick_options(in_, group_));
  producer->attach(member.consumer());
  Settler settler(*producer);
  const uint64_t first = member.wait(1);
  ASSERT_EQ(commit(*producer, part(in_, 3), first).kind, Kind::kCommitted);

  uint64_t second = 0;
  {
    const Member other(kafka_, quick_options(in_, group_));
    // Whoever of the two gets the one partition, a new assignment begins.
    second = member.wait(1, first);
  }
  if (second == 0) second = member.wait(1, first);
  ASSERT_NE(second, 0U);
  ASSERT_TRUE(send_through(*producer, records_, nullptr));
  ASSERT_TRUE(settler.wait(100));

  const io::CommitResult result = commit(*producer, part(in_, 9, 3), first);

  EXPECT_EQ(result.kind, Kind::kRefused);
  EXPECT_EQ(result.message, "the assignment of the partitions is over");
  ASSERT_TRUE(reset(*producer).ok());
  EXPECT_EQ(visible(), 0U);
  EXPECT_EQ(committed_offset(*producer, in_), 3);
}

// The coordinator's own fence, for a member that does not know yet.
TEST_F(RealTransactions, TheBrokerRefusesAnOldGenerationAndTheNextCommitWorks) {
  auto producer = make();
  Member member(kafka_, quick_options(in_, group_));
  producer->attach(member.consumer());
  Settler settler(*producer);
  const uint64_t assignment = member.wait(1);
  rd_kafka_consumer_group_metadata_t* now =
      rd_kafka_consumer_group_metadata(member.consumer().current().get().get());
  member.consumer().membership()->begin(
      assignment + 1, rd_kafka_consumer_group_metadata_new_with_genid(group_.c_str(), 77, "", ""));
  ASSERT_TRUE(send_through(*producer, records_, nullptr));
  ASSERT_TRUE(settler.wait(100));

  const io::CommitResult result = commit(*producer, part(in_, 9), assignment + 1);
  EXPECT_EQ(result.kind, Kind::kRefused) << result.message;
  EXPECT_EQ(committed_offset(*producer, in_), -1) << "pending offsets would make this wait";
  const base::Status status = reset(*producer);
  ASSERT_TRUE(status.ok()) << status.message();

  member.consumer().membership()->begin(assignment + 2, now);
  ASSERT_TRUE(send_through(*producer, records_, nullptr)) << producer->fatal_error();
  ASSERT_TRUE(settler.wait(200));
  EXPECT_EQ(commit(*producer, part(in_, 9), assignment + 2).kind, Kind::kCommitted);
  EXPECT_EQ(visible(), 100U);
}

TEST_F(RealTransactions, AFencedProducerIsReplacedAndThreeFencesInARowEndIt) {
  auto producer = make();
  Member member(kafka_, quick_options(in_, group_));
  producer->attach(member.consumer());
  Settler settler(*producer);
  const uint64_t assignment = member.wait(1);
  ASSERT_TRUE(send_through(*producer, records_, nullptr));
  ASSERT_TRUE(settler.wait(100));
  size_t reported = 100;

  // Fences with commits in between are survived however many they are.
  for (int round = 0; round < 4; ++round) {
    make().reset();
    const io::CommitResult result = commit(*producer, part(in_, 50 + round), assignment);
    ASSERT_EQ(result.kind, Kind::kRefused) << result.message;
    const base::Status status = reset(*producer);
    ASSERT_TRUE(status.ok()) << status.message();
    EXPECT_EQ(producer->fatal_error(), "");
    ASSERT_TRUE(send_through(*producer, records_, nullptr));
    ASSERT_TRUE(settler.wait(reported += 100));
    ASSERT_EQ(commit(*producer, part(in_, 10 + round), assignment).kind, Kind::kCommitted);
    EXPECT_EQ(committed_offset(*producer, in_), 10 + round);
    ASSERT_TRUE(send_through(*producer, records_, nullptr));
    ASSERT_TRUE(settler.wait(reported += 100));
  }

  std::string last;
  int fences = 0;
  while (last.empty() && fences < 10) {
    make().reset();
    ++fences;
    const io::CommitResult result = commit(*producer, part(in_, 99), assignment);
    ASSERT_NE(result.kind, Kind::kCommitted);
    if (result.kind == Kind::kFatal) last = result.message;
    if (const base::Status status = reset(*producer); !status.ok()) last = status.message();
    if (!last.empty()) break;
    ASSERT_TRUE(send_through(*producer, records_, nullptr));
    ASSERT_TRUE(settler.wait(reported += 100));
  }
  EXPECT_EQ(fences, 3);
  EXPECT_NE(last.find(id_), std::string::npos) << last;
  EXPECT_NE(last.find("another copy runs with the same name"), std::string::npos) << last;
  EXPECT_EQ(producer->fatal_error(), last);
  EXPECT_EQ(visible(), 400U) << "what was fenced is never seen";
}

TEST_F(RealTransactions, ATransactionThatTheBrokerEndedIsRefusedAndTheProducerRecovers) {
  auto made = TransactionalProducer::create(
      kafka_, {.topics = {{out_, {1, 1'048'588}}}},
      {.transactional_id = id_, .timeout = std::chrono::milliseconds{1000}}, kLong, {});
  ASSERT_TRUE(made.ok()) << made.message();
  TransactionalProducer& producer = *made.value();
  Member member(kafka_, quick_options(in_, group_));
  producer.attach(member.consumer());
  Settler settler(producer);
  const uint64_t assignment = member.wait(1);
  ASSERT_TRUE(send_through(producer, records_, nullptr));
  ASSERT_TRUE(settler.wait(100));
  // The broker aborts it at its next look: readers then pass it, though nothing was committed.
  const auto deadline = std::chrono::steady_clock::now() + kLong;
  auto admin = Admin::create(kafka_, Side::kInput);
  const std::vector<std::string> topics = {out_};
  int64_t end = 0;
  while (end < 101 && std::chrono::steady_clock::now() < deadline) {
    end = admin.value()->end_offsets(topics, Patience::at_most(kLong)).value()[0].next.value;
  }
  ASSERT_EQ(end, 101);

  const io::CommitResult result = commit(producer, part(in_, 9), assignment);
  EXPECT_EQ(result.kind, Kind::kRefused) << result.message;
  const base::Status status = reset(producer);
  ASSERT_TRUE(status.ok()) << status.message();
  ASSERT_TRUE(send_through(producer, records_, nullptr)) << producer.fatal_error();
  ASSERT_TRUE(settler.wait(200));
  EXPECT_EQ(commit(producer, part(in_, 9), assignment).kind, Kind::kCommitted);
  EXPECT_EQ(visible(), 100U);
}

// After a refusal the sequence numbers of librdkafka and of the broker differ; aborting does not
// mend that, and the records behind it would be refused next.
TEST_F(RealTransactions, ARecordOverTheTopicsLimitIsBlamedAndTheNextTransactionWorks) {
  out_ = fresh("small");
  auto admin = Admin::create(kafka_, Side::kInput);
  ASSERT_TRUE(
      admin.value()
          ->create_topic({out_, 1, 1, {{"max.message.bytes", "20000"}}}, Patience::at_most(kLong))
          .ok());
  auto producer = make();
  Member member(kafka_, quick_options(in_, group_));
  producer->attach(member.consumer());
  Settler settler(*producer);
  const uint64_t assignment = member.wait(1);
  ASSERT_TRUE(send_through(*producer, records_, nullptr));
  ASSERT_TRUE(settler.wait(100));
  const std::string large(50'000, 'x');
  OutputRecord record;
  record.value = record::Bytes::of(large);
  ASSERT_EQ(producer->send(std::span(&record, 1), nullptr), 1U);
  ASSERT_TRUE(settler.wait(101));
  ASSERT_EQ(settler.ledger().failed.size(), 1U);
  EXPECT_EQ(settler.ledger().failed[0].kind, io::FailureKind::kRefused);
  EXPECT_EQ(settler.ledger().failed[0].value, large.data());

  const base::Status status = reset(*producer);
  ASSERT_TRUE(status.ok()) << status.message();
  ASSERT_TRUE(send_through(*producer, records_, nullptr)) << producer->fatal_error();
  ASSERT_TRUE(settler.wait(201));

  EXPECT_EQ(settler.ledger().failed.size(), 1U) << settler.ledger().failed.back().reason;
  const io::CommitResult result = commit(*producer, part(in_, 1), assignment);
  EXPECT_EQ(result.kind, Kind::kCommitted) << result.message;
  EXPECT_EQ(visible(), 100U);
}

TEST_F(RealTransactions, DestructionWithAnOpenTransactionLetsReadersPass) {
  {
    auto producer = make();
    Settler settler(*producer);
    ASSERT_TRUE(send_through(*producer, records_, nullptr));
    ASSERT_TRUE(settler.wait(100));
  }
  auto admin = Admin::create(kafka_, Side::kInput);
  const std::vector<std::string> topics = {out_};
  EXPECT_EQ(admin.value()->end_offsets(topics, Patience::at_most(kLong)).value()[0].next.value,
            101);
}

TEST_F(RealTransactions, OffsetTransactionsCommitFencedOffsets) {
  auto made = OffsetTransactions::create(kafka_, {.transactional_id = id_}, kLong, {});
  ASSERT_TRUE(made.ok()) << made.message();
  OffsetTransactions& offsets = *made.value();
  Member member(kafka_, quick_options(in_, group_));
  offsets.attach(member.consumer());
  const uint64_t assignment = member.wait(1);

  EXPECT_EQ(commit(offsets, part(in_, 4), assignment).kind, Kind::kCommitted);
  EXPECT_EQ(committed_offset(offsets, in_), 4);
  EXPECT_EQ(commit(offsets, part(in_, 8, 4), assignment + 1).kind, Kind::kRefused);

  rd_kafka_consumer_group_metadata_t* now =
      rd_kafka_consumer_group_metadata(member.consumer().current().get().get());
  member.consumer().membership()->begin(
      assignment + 1, rd_kafka_consumer_group_metadata_new_with_genid(group_.c_str(), 77, "", ""));
  EXPECT_EQ(commit(offsets, part(in_, 8, 4), assignment + 1).kind, Kind::kRefused);
  EXPECT_EQ(committed_offset(offsets, in_), 4);

  // The next one makes up for it, also after a fence.
  member.consumer().membership()->begin(assignment + 2, now);
  EXPECT_EQ(commit(offsets, part(in_, 8, 4), assignment + 2).kind, Kind::kCommitted);
  OffsetTransactions::create(kafka_, {.transactional_id = id_}, kLong, {}).value().reset();
  EXPECT_EQ(commit(offsets, part(in_, 9, 8), assignment + 2).kind, Kind::kRefused);
  EXPECT_EQ(commit(offsets, part(in_, 9, 8), assignment + 2).kind, Kind::kCommitted);
  EXPECT_EQ(committed_offset(offsets, in_), 9);
}

TEST_F(RealTransactions, ManyInARow) {
  constexpr int kTransactions = 200;
  auto producer = make();
  Member member(kafka_, quick_options(in_, group_));
  producer->attach(member.consumer());
  Settler settler(*producer);
  const uint64_t assignment = member.wait(1);
  std::vector<double> commits;
  const auto start = std::chrono::steady_clock::now();
  for (int i = 1; i <= kTransactions; ++i) {
    ASSERT_TRUE(send_through(*producer, records_, nullptr)) << producer->fatal_error();
    ASSERT_TRUE(settler.wait(static_cast<size_t>(i) * 100));
    const auto begin = std::chrono::steady_clock::now();
    const io::CommitResult result = commit(*producer, part(in_, i, i - 1), assignment);
    ASSERT_EQ(result.kind, Kind::kCommitted) << i << ": " << result.message;
    commits.push_back(
        std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin)
            .count());
  }
  const std::chrono::duration<double> all = std::chrono::steady_clock::now() - start;
  std::sort(commits.begin(), commits.end());
  fmt::print("commit p50 {:.1f} ms, p99 {:.1f} ms, max {:.1f} ms; {:.1f} ms a transaction\n",
             commits[commits.size() / 2], commits[commits.size() * 99 / 100], commits.back(),
             all.count() * 1000 / kTransactions);
  EXPECT_EQ(committed_offset(*producer, in_), kTransactions);
  EXPECT_EQ(visible(), static_cast<uint64_t>(kTransactions) * 100);
}

}  // namespace
}  // namespace millrace::kafka
