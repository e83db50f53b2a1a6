// SPDX-License-Identifier: Apache-2.0
// Outputs and offsets as one transaction: whatever fails, each record's output is seen once.
#include <atomic>
#include <numeric>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "tests/flow/flow_fixture.h"

namespace millrace::tests {
namespace {

std::vector<int64_t> up_to(int64_t count) {
  std::vector<int64_t> all(static_cast<size_t>(count));
  std::iota(all.begin(), all.end(), 0);
  return all;
}

config::PipelineConfig dead_letters_for_refused() {
  config::PipelineConfig config = small_pipeline();
  config.delivery.on_failure = config::OnFailure::kDeadLetter;
  return config;
}

// While a commit or a reset is held up nothing is handed over: what is waited for is the first
// record, not the fiftieth.
class ExactlyOnce : public ::testing::Test {
 protected:
  ExactlyOnce() { fixture_.exactly_once(); }

  void expect_each_once(int32_t partition, int64_t count) {
    EXPECT_EQ(fixture_.emitted(partition), up_to(count));
    EXPECT_EQ(fixture_.group.committed({"in", partition}).value, count);
    EXPECT_EQ(fixture_.broken(), "");
  }

  FlowFixture fixture_;
};

TEST_F(ExactlyOnce, CommitsOutputsAndOffsetsTogether) {
  fixture_.add(0, records(0, 500));
  fixture_.add(1, records(1, 300), 303);
  std::atomic<int> commits{0};
  fixture_.committer.on_commit = [&](auto) { ++commits; };

  EXPECT_EQ(fixture_.run().code, base::ExitCode::kClean);

  EXPECT_EQ(fixture_.emitted(0), up_to(500));
  EXPECT_EQ(fixture_.emitted(1), up_to(300));
  EXPECT_EQ(fixture_.group.committed({"in", 1}).value, 303);
  EXPECT_GT(commits, 0);
  EXPECT_EQ(fixture_.broken(), "");
}

TEST_F(ExactlyOnce, ARefusedCommitIsDoneAgainFromTheLastOne) {
  fixture_.committer.fail_next = 3;
  fixture_.add(0, records(0, 500));

  EXPECT_EQ(fixture_.run().code, base::ExitCode::kClean);

  EXPECT_EQ(fixture_.sink.resets(), 3);
  expect_each_once(0, 500);
}

TEST_F(ExactlyOnce, AProducerThatBreaksDownIsReplacedAndTheRunGoesOn) {
  fixture_.add(0, records(0, 500));
  fixture_.sink.cork();
  fixture_.start();
  fixture_.sink.wait_for_sent(1);
  fixture_.sink.break_down("fenced");
  fixture_.sink.uncork();

  EXPECT_EQ(fixture_.finish().code, base::ExitCode::kClean);
  EXPECT_GE(fixture_.sink.resets(), 1);
  expect_each_once(0, 500);
}

TEST_F(ExactlyOnce, AProducerThatCannotBeReplacedEndsTheRun) {
  fixture_.add(0, records(0, 500));
  fixture_.sink.cork();
  fixture_.start();
  fixture_.sink.wait_for_sent(1);
  fixture_.sink.die("fenced three times");

  const flow::Flow::Result& result = fixture_.finish();
  EXPECT_EQ(result.code, base::ExitCode::kFailed);
  EXPECT_EQ(result.ended_by, "fenced three times");
  EXPECT_TRUE(fixture_.emitted(0).empty());
  EXPECT_EQ(fixture_.broken(), "");
}

TEST_F(ExactlyOnce, ACommitThatCanNeverSucceedEndsTheRun) {
  fixture_.committer.fatal = true;
  fixture_.add(0, records(0, 100));

  EXPECT_EQ(fixture_.run().ended_by, "fenced");
  EXPECT_TRUE(fixture_.emitted(0).empty());
}

TEST_F(ExactlyOnce, ARefusedRecordIsTriedOnceMore) {
  fixture_.add(0, records(0, 300));
  fixture_.add(1, records(1, 300));
  fixture_.sink.fail_value("\"n\":150,\"device\":\"android\"", 1);

  EXPECT_EQ(fixture_.run().code, base::ExitCode::kClean);

  expect_each_once(0, 300);
  expect_each_once(1, 300);
}

TEST_F(ExactlyOnce, ARecordThatIsRefusedTwiceStopsItsPartitionAndOnlyThat) {
  fixture_.add(0, records(0, 300));
  fixture_.add(1, records(1, 300));
  fixture_.sink.fail_value("\"n\":150,\"device\":\"android\"", 1000);

  EXPECT_EQ(fixture_.run().code, base::ExitCode::kDataProtected);

  expect_each_once(1, 300);
  const int64_t committed = fixture_.group.committed({"in", 0}).value;
  EXPECT_LE(committed, 150);
  EXPECT_EQ(fixture_.emitted(0), up_to(std::max<int64_t>(committed, 0)));
}

TEST(ExactlyOnceDeadLetters, ARecordThatIsRefusedTwiceBecomesADeadLetter) {
  FlowFixture fixture(dead_letters_for_refused());
  fixture.exactly_once();
  fixture.options.refused_become_dead_letters = true;
  fixture.add(0, records(0, 300));
  fixture.sink.fail_value("\"n\":150,\"device\":\"android\"", 2);

  EXPECT_EQ(fixture.run().code, base::ExitCode::kClean);

  std::vector<int64_t> expected = up_to(300);
  expected.erase(expected.begin() + 150);
  EXPECT_EQ(fixture.emitted(0), expected);
  EXPECT_EQ(fixture.group.committed({"in", 0}).value, 300);
  EXPECT_EQ(fixture.report().partitions[0].dead_lettered, 1U);
  EXPECT_EQ(fixture.broken(), "");
}

TEST(ExactlyOnceDeadLetters, WhereEvenTheDeadLetterIsRefusedThePartitionStops) {
  FlowFixture fixture(dead_letters_for_refused());
  fixture.exactly_once();
  fixture.options.refused_become_dead_letters = true;
  fixture.add(0, records(0, 300));
  fixture.sink.fail_value("\"n\":150,\"device\":\"android\"", 1000);

  EXPECT_EQ(fixture.run().code, base::ExitCode::kDataProtected);
  EXPECT_NE(fixture.report().partitions[0].stopped.find("nor its dead letter"), std::string::npos);
}

TEST_F(ExactlyOnce, ARevokeCommitsWhatWasHandedOver) {
  fixture_.add(0, records(0, 2000));
  fixture_.start();
  fixture_.sink.wait_for_sent(100);
  fixture_.source.rebalance();
  fixture_.finish();

  EXPECT_EQ(fixture_.sink.resets(), 0);
  expect_each_once(0, 2000);
}

TEST_F(ExactlyOnce, ARevokeThatCannotCommitAbortsAtItsDeadline) {
  fixture_.options.cut_deadline = std::chrono::milliseconds(30);
  fixture_.options.until.reset();  // else all may be read, and the drain on, before it goes
  fixture_.source.add_partition("in", 0, records(0, 500));
  fixture_.sink.cork();
  fixture_.start();
  fixture_.sink.wait_for_sent(1);
  fixture_.source.rebalance();
  fixture_.sink.wait_for_resets(1);
  fixture_.sink.uncork();
  fixture_.sink.wait_for_delivered("\"n\":499,");
  fixture_.flow().stop("SIGINT");
  fixture_.finish();

  expect_each_once(0, 500);
}

TEST_F(ExactlyOnce, LostPartitionsAreAborted) {
  fixture_.options.until.reset();  // else all may be read, and the drain on, before it goes
  fixture_.source.add_partition("in", 0, records(0, 500));
  fixture_.sink.cork();
  fixture_.start();
  fixture_.sink.wait_for_sent(1);
  fixture_.source.rebalance(/*lost=*/true);
  fixture_.sink.wait_for_resets(1);
  fixture_.sink.uncork();
  fixture_.sink.wait_for_delivered("\"n\":499,");
  fixture_.flow().stop("SIGINT");
  fixture_.finish();

  expect_each_once(0, 500);
}

TEST_F(ExactlyOnce, AStopDuringAResetThatHangsEndsAtItsDeadline) {
  fixture_.options.until.reset();
  fixture_.options.stop_deadline = std::chrono::milliseconds(50);
  fixture_.committer.fail_next = 1;
  fixture_.sink.hold_resets();
  fixture_.source.add_partition("in", 0, records(0, 100));
  fixture_.start();
  fixture_.sink.wait_for_sent(1);
  fixture_.flow().stop("SIGINT");

  fixture_.finish();
  EXPECT_TRUE(fixture_.emitted(0).empty());
  EXPECT_EQ(fixture_.broken(), "");
}

TEST_F(ExactlyOnce, WhatWasReadDuringAResetThatHangsIsAccountedFor) {
  fixture_.options.until.reset();
  fixture_.options.stop_deadline = std::chrono::milliseconds(50);
  fixture_.committer.fail_next = 1;
  fixture_.sink.hold_resets();
  fixture_.source.add_partition("in", 0, records(0, 100));
  fixture_.start();
  fixture_.sink.wait_for_resets(1);
  fixture_.flow().stop("SIGINT");

  fixture_.finish();
  const report::PartitionAccount account = fixture_.report().partitions[0];
  EXPECT_GT(account.discarded, 0U);
  EXPECT_EQ(account.discarded, account.polled);
  EXPECT_EQ(fixture_.broken(), "");
}

TEST_F(ExactlyOnce, ACommitThatIsNeverAnsweredDoesNotHoldUpAStop) {
  fixture_.options.until.reset();
  fixture_.options.stop_deadline = std::chrono::milliseconds(50);
  fixture_.committer.mute = true;
  fixture_.source.add_partition("in", 0, records(0, 100));
  fixture_.start();
  fixture_.sink.wait_for_sent(1);
  fixture_.flow().stop("SIGINT");

  EXPECT_EQ(fixture_.finish().code, base::ExitCode::kFailed);
  EXPECT_EQ(fixture_.broken(), "");
}

// Where to read again from is not known until the commit is decided.
TEST_F(ExactlyOnce, ALeaseThatFailsDuringItsCommitIsReadAgainFromBehindIt) {
  fixture_.options.until.reset();
  fixture_.committer.mute = true;
  std::vector<FakeRecord> some = records(0, 100);
  some.erase(some.begin() + 3);
  fixture_.source.add_partition("in", 0, some);
  std::atomic<bool> asked{false};
  fixture_.committer.on_poll = [&] { asked = true; };
  fixture_.start();
  while (!asked || fixture_.source.records_given() < 99) std::this_thread::yield();
  fixture_.source.show_late(0, 3);
  asked = false;
  // The fake is asked again in each of the deliver thread's rounds: some later it has seen it.
  for (int rounds = 0; rounds < 10; asked = false, ++rounds)
    while (!asked) std::this_thread::yield();
  fixture_.committer.mute = false;
  fixture_.sink.wait_for_delivered("\"n\":99,");
  fixture_.flow().stop("SIGINT");
  fixture_.finish();

  std::vector<int64_t> expected = up_to(100);
  expected.erase(expected.begin() + 3);
  EXPECT_EQ(fixture_.emitted(0), expected);
  EXPECT_EQ(fixture_.broken(), "");
}

TEST_F(ExactlyOnce, ACommitThatIsNotAnsweredDoesNotHoldUpARevokeForEver) {
  fixture_.options.until.reset();
  fixture_.options.cut_deadline = std::chrono::milliseconds(30);
  fixture_.committer.mute = true;
  fixture_.source.add_partition("in", 0, records(0, 100));
  fixture_.start();
  fixture_.sink.wait_for_sent(1);
  fixture_.source.rebalance();
  fixture_.sink.uncork();
  while (fixture_.group.assignment < 2) std::this_thread::yield();
  fixture_.committer.mute = false;
  fixture_.sink.wait_for_delivered("\"n\":99,");
  fixture_.flow().stop("SIGINT");
  fixture_.finish();

  expect_each_once(0, 100);
}

TEST_F(ExactlyOnce, ASmallBudgetCommitsEarlierThanItsTime) {
  fixture_.options.commit_every = std::chrono::hours(1);
  fixture_.options.batch_memory = 100'000;
  fixture_.add(0, records(0, 3000));

  EXPECT_EQ(fixture_.run().code, base::ExitCode::kClean);
  expect_each_once(0, 3000);
}

// Else each commit frees a batch or two, and the next one follows at once.
TEST_F(ExactlyOnce, WhatStillWaitsForHandOverSpendsTheMemoryWithoutACommit) {
  fixture_.options.commit_every = std::chrono::hours(1);
  fixture_.options.batch_memory = 4'000'000;
  fixture_.options.batch_records_max = 10;
  std::vector<int64_t> committed;
  fixture_.committer.on_commit = [&](std::span<const io::PartitionCommit> offsets) {
    committed.push_back(offsets.front().next.value);
  };
  fixture_.add(0, records(0, 3000));
  fixture_.sink.cork();
  fixture_.start();
  while (!fixture_.flow().progress().budget_spent) std::this_thread::yield();
  fixture_.sink.uncork();

  EXPECT_EQ(fixture_.finish().code, base::ExitCode::kClean);
  expect_each_once(0, 3000);
  ASSERT_FALSE(committed.empty());
  // Half of the memory holds 16 batches of 300.
  EXPECT_GE(committed.front(), 100);
  EXPECT_LE(committed.size(), 30U);
}

TEST_F(ExactlyOnce, ARevokeIsServedWhileTheMemoryIsSpent) {
  fixture_.options.until.reset();
  fixture_.options.batch_memory = 100'000;
  fixture_.options.cut_deadline = std::chrono::milliseconds(30);
  fixture_.source.add_partition("in", 0, records(0, 3000));
  fixture_.sink.cork();
  fixture_.start();
  while (!fixture_.flow().progress().budget_spent) std::this_thread::yield();

  const auto began = std::chrono::steady_clock::now();
  fixture_.source.rebalance();
  while (fixture_.group.assignment < 2) std::this_thread::yield();
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(3));

  fixture_.sink.uncork();
  fixture_.sink.wait_for_delivered("\"n\":2999,");
  fixture_.flow().stop("SIGINT");
  EXPECT_EQ(fixture_.finish().code, base::ExitCode::kClean);
  expect_each_once(0, 3000);
}

// Else it would be given up and handed over again, as large as before, for ever.
TEST_F(ExactlyOnce, AnIntervalThatIsTooMuchForTheBrokerIsFollowedBySmallerOnes) {
  fixture_.options.commit_every = std::chrono::hours(1);
  fixture_.sink.transaction_max = 40;
  fixture_.add(0, records(0, 1000));

  EXPECT_EQ(fixture_.run().code, base::ExitCode::kClean);
  EXPECT_GT(fixture_.sink.resets(), 0);
  expect_each_once(0, 1000);
}

TEST_F(ExactlyOnce, LostOffsetsAreAGapWhereTheFileSaysSo) {
  std::vector<FakeRecord> some = records(0, 500);
  std::erase_if(some, [](const FakeRecord& record) { return record.offset < 200; });
  fixture_.add(0, some);
  fixture_.source.move_partition(0, 200);

  fixture_.run();

  EXPECT_EQ(fixture_.emitted(0).size(), 300U);
  EXPECT_EQ(fixture_.report().partitions[0].gaps, 200U);
  EXPECT_EQ(fixture_.broken(), "");
}

TEST_F(ExactlyOnce, ATopicMadeAnewIsReadFromItsNewStart) {
  fixture_.options.until.reset();
  fixture_.group.commit({"in", 0}, base::Offset{700});
  fixture_.source.add_partition("in", 0, records(0, 100));
  fixture_.source.move_partition(0, 0);
  fixture_.start();
  fixture_.sink.wait_for_delivered("\"n\":99,");
  fixture_.flow().stop("SIGINT");
  fixture_.finish();

  expect_each_once(0, 100);
}

TEST_F(ExactlyOnce, TooManyDeadLettersStopTheRunBeforeTheyAreCommitted) {
  fixture_.options.commit_every = std::chrono::hours(1);
  fixture_.options.stop_above = config::StopAbove{0.5, 100};
  std::vector<FakeRecord> poisoned = records(0, 400);
  for (FakeRecord& record : poisoned)
    if (record.offset >= 200) record.value = "{}";
  fixture_.add(0, poisoned);

  const flow::Flow::Result& result = fixture_.run();

  EXPECT_EQ(result.code, base::ExitCode::kDataProtected);
  EXPECT_NE(result.ended_by.find("schema:/required"), std::string::npos) << result.ended_by;
  EXPECT_FALSE(fixture_.group.committed({"in", 0}).valid());
  EXPECT_TRUE(fixture_.sink.delivered().empty());
  EXPECT_EQ(fixture_.broken(), "");
}

// Everything at once, in an order that a seed decides.
TEST(ExactlyOnceUnderFaults, EachRecordIsSeenOnceInOrder) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  constexpr int64_t kCount = 3000;
  for (int round = 0; round < 8; ++round) {
    FlowFixture fixture;
    fixture.exactly_once();
    fixture.options.cut_deadline = std::chrono::milliseconds(random() % 20);
    fixture.options.commit_every = std::chrono::milliseconds(1 + random() % 10);
    fixture.options.workers = 1 + random() % 4;
    fixture.sink.capacity = 20 + random() % 500;
    for (int32_t partition = 0; partition < 3; ++partition)
      fixture.add(partition, records(partition, kCount));
    fixture.start();
    size_t sent = 0;
    for (int fault = 0; fault < 15; ++fault) {
      sent += 50 + random() % 500;
      fixture.sink.wait_for_sent(sent);
      switch (random() % 5) {
        case 0:
          fixture.committer.fail_next = 1 + static_cast<int>(random() % 2);
          break;
        case 1:
          fixture.source.rebalance(random() % 2 == 0);
          break;
        case 2:
          fixture.sink.break_down("a fault");
          break;
        case 3:
          fixture.sink.fail_value("\"n\":" + std::to_string(random() % kCount) + ",", 1);
          break;
        default:
          fixture.source.rebalance_slowly();
      }
    }
    const flow::Flow::Result& result = fixture.finish();
    ASSERT_EQ(result.code, base::ExitCode::kClean) << result.ended_by;
    for (int32_t partition = 0; partition < 3; ++partition) {
      ASSERT_EQ(fixture.emitted(partition), up_to(kCount)) << "round " << round;
      ASSERT_EQ(fixture.group.committed({"in", partition}).value, kCount);
    }
    ASSERT_EQ(fixture.broken(), "");
  }
}

}  // namespace
}  // namespace millrace::tests
