// SPDX-License-Identifier: Apache-2.0
// Commits that carry records and metadata, against a real Apache Kafka.
#include <algorithm>
#include <atomic>

#include <fmt/format.h>

#include "engine/kafka/committed_offsets.h"
#include "engine/kafka/group_committer.h"
#include "engine/kafka/group_membership.h"
#include "engine/kafka/offset_transactions.h"
#include "engine/kafka/transaction_session.h"
#include "engine/kafka/transactional_producer.h"
#include "tests/unit/kafka/real_broker.h"
#include "tests/unit/kafka/transactions_harness.h"

namespace millrace::kafka {
namespace {

using Kind = io::CommitResult::Kind;
using record::OutputRecord;

// Both committers that carry.
class RealCarried : public OnRealBroker, public ::testing::WithParamInterface<bool> {
 protected:
  void SetUp() override {
    OnRealBroker::SetUp();
    if (IsSkipped()) return;
    in_ = create("in");
    out_ = create("out");
    state_ = create("state", 2, {{"cleanup.policy", "compact"}});
    group_ = fresh("g");
    make();
  }

  void TearDown() override { settler_.reset(); }

  void make() {
    const TransactionOptions options{.transactional_id = fresh("id")};
    member_ = std::make_unique<Member>(kafka_, quick_options(in_, group_));
    if (GetParam()) {
      auto made = TransactionalProducer::create(kafka_, {.topics = {{out_, {1, 1'048'588}}}},
                                                options, kLong, {});
      ASSERT_TRUE(made.ok()) << made.message();
      producer_ = std::move(made.value());
      producer_->attach(member_->consumer());
      settler_.emplace(*producer_);
    } else {
      auto made = OffsetTransactions::create(kafka_, options, kLong, {});
      ASSERT_TRUE(made.ok()) << made.message();
      offsets_ = std::move(made.value());
      offsets_->attach(member_->consumer());
    }
    assignment_ = member_->wait(1);
    ASSERT_NE(assignment_, 0U);
  }

  [[nodiscard]] io::Committer& committer() const {
    return GetParam() ? static_cast<io::Committer&>(*producer_) : *offsets_;
  }

  io::CommitResult commit_with(const io::PartitionCommit& offset,
                               const std::vector<io::CarriedRecord>& carried) {
    const io::CommitResult result = commit(committer(), offset, assignment_, carried);
    if (GetParam() && result.kind == Kind::kRefused) {
      const base::Status status = reset(*producer_);
      EXPECT_TRUE(status.ok()) << (status.ok() ? "" : status.message());
    }
    return result;
  }

  Committed committed() {
    const base::TopicPartition id{in_, 0};
    auto found = committed_offsets(member_->consumer().current(), std::span(&id, 1),
                                   Patience::at_most(kLong));
    EXPECT_TRUE(found.ok());
    return found.ok() ? found.value()[0] : Committed();
  }

  std::string in_;
  std::string out_;
  std::string state_;
  std::string group_;
  std::unique_ptr<Member> member_;
  std::unique_ptr<OffsetTransactions> offsets_;
  std::unique_ptr<TransactionalProducer> producer_;
  std::optional<Settler> settler_;  // goes before the producer
  uint64_t assignment_ = 0;
};

INSTANTIATE_TEST_SUITE_P(WithOffsetsAndWithOutputs, RealCarried, ::testing::Bool(),
                         [](const auto& one) { return one.param ? "Outputs" : "Offsets"; });

TEST_P(RealCarried, RecordsAreThereIfAndOnlyIfTheOffsetsAre) {
  // What the broker refuses: the records go out before it does.
  member_->consumer().membership()->begin(
      assignment_ + 1, rd_kafka_consumer_group_metadata_new_with_genid(group_.c_str(), 77, "", ""));
  const uint64_t now = std::exchange(assignment_, assignment_ + 1);
  const io::CommitResult refused = commit_with(
      part(in_, 5, 0, "m-1"), {{state_, 0, "k", "refused"}, {state_, 1, "k", "refused"}});
  EXPECT_EQ(refused.kind, Kind::kRefused) << refused.message;
  EXPECT_EQ(committed().next.value, -1);
  EXPECT_TRUE(read(state_).empty());
  EXPECT_FALSE(read(state_, false).empty()) << "or nothing was tried here";

  member_->consumer().membership()->begin(
      now, rd_kafka_consumer_group_metadata(member_->consumer().current().get().get()));
  assignment_ = now;
  const io::CommitResult done =
      commit_with(part(in_, 5, 0, "m-2"),
                  {{state_, 0, "k", "1"}, {state_, 0, "k", std::nullopt}, {state_, 0, "l", "2"}});

  EXPECT_EQ(done.kind, Kind::kCommitted) << done.message;
  EXPECT_EQ(committed().next.value, 5);
  EXPECT_EQ(committed().metadata, "m-2");
  const std::vector<Owned> expected = {{"k", "1", {}}, {"k", std::nullopt, {}}, {"l", "2", {}}};
  EXPECT_EQ(read(state_), expected);
}

TEST_P(RealCarried, OutputsAndWhatIsCarriedAreOneFact) {
  if (!GetParam()) GTEST_SKIP() << "nothing is sent";
  OutputRecord output;
  output.value = record::Bytes::of("v");
  ASSERT_TRUE(send_through(*producer_, std::span(&output, 1), nullptr));
  ASSERT_TRUE(settler_->wait(1));
  ASSERT_EQ(commit_with(part(in_, 1), {{state_, 0, "k", std::string(2'000'000, 'x')}}).kind,
            Kind::kRefused);
  EXPECT_TRUE(read(out_).empty());
  EXPECT_TRUE(read(state_).empty());

  ASSERT_TRUE(send_through(*producer_, std::span(&output, 1), nullptr));
  ASSERT_TRUE(settler_->wait(2));
  ASSERT_EQ(commit_with(part(in_, 1), {{state_, 0, "k", "v"}, {out_, std::nullopt, "k", "w"}}).kind,
            Kind::kCommitted);
  EXPECT_EQ(read(out_).size(), 2U) << "an output's topic may be carried to";
  EXPECT_EQ(read(state_).size(), 1U);
  EXPECT_EQ(settler_->ledger().total, 2U) << "the listener hears of outputs only";
}

TEST_P(RealCarried, MetadataGoesWithTheOffsetAndComesWithTheAssignment) {
  const std::string longest(io::kMetadataBytesMax, 'm');
  ASSERT_EQ(commit_with(part(in_, 7, 0, longest), {}).kind, Kind::kCommitted);
  EXPECT_EQ(committed().metadata, longest);
  // No offset moves.
  ASSERT_EQ(commit_with(part(in_, 7, 7, "m-2"), {{state_, 0, "k", "v"}}).kind, Kind::kCommitted);
  ASSERT_EQ(commit_with(part(in_, 7, 7, "m-3"), {}).kind, Kind::kCommitted);
  EXPECT_EQ(committed().next.value, 7);
  EXPECT_EQ(committed().metadata, "m-3");

  settler_.reset();
  producer_.reset();
  offsets_.reset();
  member_.reset();
  RememberingListener listener;
  auto next = Consumer::create(kafka_, quick_options(in_, group_));
  ASSERT_TRUE(next.ok());
  ASSERT_TRUE(next.value()->subscribe(listener).ok());
  ASSERT_TRUE(poll_until(
      *next.value(), [](const auto&) {}, [&] { return listener.assignments == 1; }));
  EXPECT_EQ(listener.assigned.at(0).resume.value, 7);
  EXPECT_EQ(listener.assigned.at(0).metadata, "m-3");
  // A plain commit has it, too.
  GroupCommitter plain(*next.value());
  ASSERT_EQ(commit(plain, part(in_, 8, 7, "m-4"), 1).kind, Kind::kCommitted);
  const base::TopicPartition id{in_, 0};
  EXPECT_EQ(committed_offsets(next.value()->current(), std::span(&id, 1), Patience::at_most(kLong))
                .value()[0]
                .metadata,
            "m-4");
}

TEST_P(RealCarried, ARecordOverTheTopicsLimitIsNamedAndTheNextCommitWorks) {
  const std::string small = create("small", 1, {{"max.message.bytes", "20000"}});
  for (int i = 0; i < 3; ++i) {
    const io::CommitResult refused = commit_with(
        part(in_, 5), {{state_, 0, "k", "v"}, {small, 0, "k", std::string(50'000, 'x')}});
    EXPECT_EQ(refused.kind, Kind::kRefused);
    EXPECT_EQ(refused.message,
              "writing to " + small +
                  "-0: the record is larger than the topic accepts (max.message.bytes)");
    const io::CommitResult done =
        commit_with(part(in_, 5 + i), {{state_, 0, "k", "v"}, {small, 0, "k", "v"}});
    EXPECT_EQ(done.kind, Kind::kCommitted) << done.message;
  }
  EXPECT_EQ(read(state_).size(), 3U);
  EXPECT_EQ(read(small).size(), 3U);
}

TEST_P(RealCarried, MoreThanAQueueAtOnceAndManyInARow) {
  std::vector<io::CarriedRecord> large;
  for (int i = 0; i < 240; ++i) {
    large.push_back({state_, i % 2, std::to_string(i), std::string(256 << 10, 'x')});
  }
  const auto begin = std::chrono::steady_clock::now();
  const io::CommitResult first = commit_with(part(in_, 1), large);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  ASSERT_EQ(first.kind, Kind::kCommitted) << first.message;
  fmt::print("60 MiB carried in {:.2f} s\n", took.count());
  EXPECT_EQ(read(state_).size(), 240U);

  for (const size_t records : {size_t{0}, size_t{1}, size_t{20}}) {
    const std::vector<io::CarriedRecord> few(records, {state_, 0, "k", std::string(1000, 'x')});
    std::vector<double> times;
    for (int i = 0; i < 30; ++i) {
      const auto start = std::chrono::steady_clock::now();
      const io::CommitResult result = commit_with(part(in_, i + 2), few);
      ASSERT_EQ(result.kind, Kind::kCommitted) << result.message;
      times.push_back(
          std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start)
              .count());
    }
    std::sort(times.begin(), times.end());
    fmt::print("commit with {} records carried: p50 {:.1f} ms, p95 {:.1f} ms\n", records,
               times.at(15), times.at(28));
  }
  EXPECT_EQ(read(state_).size(), 240U + 30 + 600);
}

// The answer to a commit that is lost: the broker ended the transaction while its last report was
// not served yet, so that the request to end it comes too late.
class RealOutcome : public OnRealBroker {
 protected:
  // What the group has when the question comes, and what the commit wanted.
  struct Case {
    int64_t has;
    const char* metadata;
    int64_t next;
    Kind kind;
  };

  void run(const Case& one) {
    const std::string in = create("in");
    const std::string state = create("state");
    const TransactionOptions options{.transactional_id = fresh("id")};
    Member member(kafka_, quick_options(in, fresh("g")));
    const uint64_t assignment = member.wait(1);
    ASSERT_NE(assignment, 0U);
    TransactionSession session(kafka_, {}, options, true);
    ASSERT_TRUE(session.open(Patience::at_most(kLong)).ok());
    session.attach(member.consumer());
    std::atomic<bool> serves{true};
    std::atomic<bool> end{false};
    std::thread server([&] {
      Nobody nobody;
      while (!end) {
        if (serves) session.producer().serve(std::chrono::milliseconds{5}, nobody);
        std::this_thread::yield();
      }
    });
    const std::vector<io::CarriedRecord> carried = {{state, 0, "k", "v"}};
    const std::vector<io::PartitionCommit> before = {part(in, 3, 0, "m-0")};
    ASSERT_EQ(session.commit(before, assignment, carried).kind, Kind::kCommitted);

    serves = false;
    io::CommitResult result;
    std::thread deliver([&] {
      const std::vector<io::PartitionCommit> offsets = {part(in, one.next, 3, "m-1")};
      result = session.commit(offsets, assignment, carried);
    });
    wait_for_pending(member, in);
    auto fence = OffsetTransactions::create(kafka_, options, kLong, {});
    EXPECT_TRUE(fence.ok());
    GroupCommitter plain(member.consumer());
    EXPECT_EQ(commit(plain, part(in, one.has, 0, one.metadata), assignment).kind, Kind::kCommitted);
    serves = true;
    deliver.join();

    EXPECT_EQ(result.kind, one.kind) << one.has << one.metadata << one.next << result.message;
    EXPECT_EQ(session.fatal_error(), "") << "a new producer";
    EXPECT_EQ(read(state).size(), 1U);
    end = true;
    server.join();
    session.abandon();
  }

  // Until the group's offset waits for the end of a transaction: an answer takes milliseconds.
  void wait_for_pending(const Member& member, const std::string& topic) {
    const auto deadline = std::chrono::steady_clock::now() + kLong;
    const base::TopicPartition id{topic, 0};
    while (committed_offsets(member.consumer().current(), std::span(&id, 1),
                             Patience::at_most(std::chrono::milliseconds{1000}))
               .ok()) {
      ASSERT_LT(std::chrono::steady_clock::now(), deadline);
    }
  }
};

TEST_F(RealOutcome, IsToldByTheMetadataWhereTheAnswerIsLost) {
  run({5, "m-1", 5, Kind::kCommitted});
  run({5, "m-0", 5, Kind::kRefused});
  run({3, "m-1", 3, Kind::kCommitted});
  run({3, "m-0", 3, Kind::kRefused});
}

}  // namespace
}  // namespace millrace::kafka
