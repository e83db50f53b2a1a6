// SPDX-License-Identifier: Apache-2.0
#include "engine/report/health_watch.h"

#include <functional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace millrace::report {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

// A partition of `in` with a lag of 100, read as far as a broker lets it.
PartitionSample lagging(int32_t partition, int64_t position) {
  PartitionSample sample;
  sample.id = {"in", partition};
  sample.position = base::Offset{position};
  sample.log_end = base::Offset{position + 100};
  sample.stable_end = sample.log_end;
  return sample;
}

// A made-up run, a sample a second, and what was said of it ("12: sentence").
class HealthWatchTest : public ::testing::Test {
 protected:
  HealthWatchTest() { sample_.partitions = {lagging(0, 1000)}; }

  void observe() {
    time_ += seconds{1};
    ++second_;
    for (const auto& transition : watch_.observe(sample_, time_)) {
      said_.push_back(std::to_string(second_) + ": " + transition.sentence);
      to_.push_back(transition.to);
    }
  }

  // `change` is called before each sample.
  void run(
      int count, const std::function<void()>& change = [] {}) {
    for (int i = 0; i < count; ++i) {
      change();
      observe();
    }
  }

  PartitionSample& one() { return sample_.partitions.at(0); }

  void move() {
    ++one().position.value;
    ++one().log_end.value;
    ++one().stable_end.value;
  }

  // The reason after it stood still for long enough.
  std::string reason_after_a_stall() {
    run(31);
    return watch_.health().partitions.empty() ? "healthy" : watch_.health().partitions[0].reason;
  }

  HealthWatch watch_{seconds{30}};
  InstanceSample sample_;
  HealthWatch::Time time_;
  int second_ = 0;
  std::vector<std::string> said_;
  std::vector<Status> to_;
};

TEST_F(HealthWatchTest, APartitionThatMovesIsHealthyHoweverFarBehind) {
  one().log_end = base::Offset{1'000'000};
  run(100, [this] { ++one().position.value; });
  EXPECT_EQ(watch_.health().status, Status::kHealthy);
  // One record each 30 s is just enough.
  for (int i = 0; i < 5; ++i) {
    run(29);
    run(1, [this] { ++one().position.value; });
  }
  EXPECT_THAT(said_, IsEmpty());
}

TEST_F(HealthWatchTest, OneWithoutLagIsHealthyHoweverLongItStandsStill) {
  one().log_end = one().position;
  run(100);
  EXPECT_THAT(said_, IsEmpty());
  // The time counts from when there was something to read.
  one().log_end.value += 5;
  run(29);
  EXPECT_THAT(said_, IsEmpty());
  one().position = one().log_end;
  run(100);
  EXPECT_THAT(said_, IsEmpty());
}

TEST_F(HealthWatchTest, StandingStillWithLagIsSaidOnceAndSoIsItsEnd) {
  run(5, [this] { move(); });
  run(60);
  ASSERT_EQ(watch_.health().partitions.size(), 1U);
  const PartitionHealth& partition = watch_.health().partitions[0];
  EXPECT_EQ(watch_.health().status, Status::kUnhealthy);
  EXPECT_EQ(watch_.health().unhealthy_partitions(), 1U);
  EXPECT_EQ(partition.status, Status::kUnhealthy);
  EXPECT_EQ(partition.still_for, seconds{60});
  EXPECT_EQ(partition.lag, 100U);
  EXPECT_EQ(partition.position, base::Offset{1005});
  run(1, [this] { move(); });
  EXPECT_EQ(watch_.health().status, Status::kHealthy);
  EXPECT_THAT(watch_.health().partitions, IsEmpty());

  EXPECT_THAT(
      said_,
      ElementsAre("35: in/0 is unhealthy: not moved from offset 1005 for 30 s, 100 offsets behind: "
                  "no reason is known; neither reading nor sending reports an error",
                  "66: in/0 is healthy again, at offset 1006"));
  EXPECT_THAT(to_, ElementsAre(Status::kUnhealthy, Status::kHealthy));
}

TEST_F(HealthWatchTest, EndsWithTheLagToo) {
  run(40);
  one().position = one().log_end;
  run(1);
  EXPECT_EQ(watch_.health().status, Status::kHealthy);
}

TEST_F(HealthWatchTest, AStopIsSaidAtOnceAndStandsAboveAllElse) {
  one().stopped = "offset out of range";
  one().error = "some error";
  one().log_end = one().stable_end = one().position;
  sample_.reset = seconds{100};
  run(1);
  EXPECT_THAT(said_, ElementsAre("1: in/0 is unhealthy: it was stopped: offset out of range"));
}

TEST_F(HealthWatchTest, AnOpenTransactionOfAnotherIsWaitingAndNotIll) {
  one().stable_end = one().position;
  EXPECT_EQ(reason_after_a_stall(),
            "the transaction of another producer is open from offset 1000 on, and what lies behind "
            "cannot be read before it ends");
  EXPECT_EQ(watch_.health().status, Status::kWaiting);
  EXPECT_EQ(watch_.health().unhealthy_partitions(), 0U);
  EXPECT_EQ(to_, std::vector{Status::kWaiting});
  // It ended, and now nothing moves all the same.
  one().stable_end = one().log_end;
  run(1);
  EXPECT_EQ(watch_.health().status, Status::kUnhealthy);
  EXPECT_EQ(to_, (std::vector{Status::kWaiting, Status::kUnhealthy}));
}

TEST_F(HealthWatchTest, WaitingForATransactionIsTheReasonWhateverTheInstanceDoes) {
  one().stable_end = one().position;
  sample_.rebalance = sample_.commit = sample_.reset = seconds{50};
  sample_.budget_spent = true;
  run(31);
  EXPECT_EQ(watch_.health().status, Status::kWaiting);
  // What fails may fail for longer than the transaction is open.
  one().error = "no broker leads the partition";
  run(1);
  EXPECT_EQ(watch_.health().status, Status::kUnhealthy);
}

TEST_F(HealthWatchTest, WhatWasReadBeforeTheTransactionStillHasToSettle) {
  one().stable_end = one().position;
  one().unsettled = 1;
  one().oldest_unsettled = seconds{7};
  EXPECT_EQ(reason_after_a_stall(),
            "waiting for the output: 1 batch is not acknowledged and committed, the oldest was "
            "handed over 7 s ago");
}

TEST_F(HealthWatchTest, NamesTheFirstReasonThatFits) {
  sample_.budget_spent = true;
  EXPECT_THAT(reason_after_a_stall(), StartsWith("the memory budget is spent"));
  const auto reason = [this] {
    run(1);
    return watch_.health().partitions.at(0).reason;
  };
  one().error = "no broker leads the partition";
  EXPECT_EQ(reason(), "it cannot be read: no broker leads the partition");
  one().unsettled = 1200;
  one().oldest_unsettled = milliseconds{31'900};
  EXPECT_EQ(reason(),
            "waiting for the output: 1,200 batches are not acknowledged and committed, the oldest "
            "was handed over 31 s ago");
  sample_.commit = seconds{12};
  EXPECT_EQ(reason(), "a commit has been under way for 12 s");
  sample_.reset = seconds{3};
  EXPECT_EQ(reason(),
            "the producer has been made anew for 3 s: the brokers of the output do not answer");
  sample_.rebalance = seconds{2};
  EXPECT_EQ(reason(), "a rebalance of the group has been under way for 2 s");
  one().stopped = "bad checksum";
  EXPECT_EQ(reason(), "it was stopped: bad checksum");
  EXPECT_EQ(said_.size(), 1U);
}

// There is one nearly always, and it is no reason.
TEST_F(HealthWatchTest, ACommitThatHasJustBegunIsNoReason) {
  sample_.commit = sample_.rebalance = sample_.reset = milliseconds{999};
  EXPECT_THAT(reason_after_a_stall(), StartsWith("no reason is known"));
}

TEST_F(HealthWatchTest, AnErrorFromLongBeforeIsNoReason) {
  one().error = "broker down";
  one().error_age = seconds{40};
  run(45, [this] {
    move();
    one().error_age += seconds{1};
  });
  run(31, [this] { one().error_age += seconds{1}; });
  EXPECT_THAT(watch_.health().partitions.at(0).reason, StartsWith("no reason is known"));

  one().error_age = seconds{55};
  run(1);
  EXPECT_EQ(watch_.health().partitions.at(0).reason, "it cannot be read: broker down");
}

// A partition that has no leader from the start on.
TEST_F(HealthWatchTest, WithoutAnEndOfTheLogOnlyAnErrorTells) {
  one().log_end = one().stable_end = {};
  run(100);
  EXPECT_THAT(said_, IsEmpty());
  one().error = "no broker leads the partition";
  run(31);
  EXPECT_THAT(said_, ElementsAre("130: in/0 is unhealthy: not moved from offset 1000 for 30 s: it "
                                 "cannot be read: no broker leads the partition"));
  EXPECT_EQ(watch_.health().partitions[0].lag, std::nullopt);
}

TEST_F(HealthWatchTest, TheLastKnownEndOfTheLogCounts) {
  run(1);
  one().log_end = {};
  EXPECT_THAT(reason_after_a_stall(), Not("healthy"));
}

TEST_F(HealthWatchTest, WhatWasHandedOverAndDoesNotSettleIsLag) {
  one().log_end = one().stable_end = one().position;
  one().unsettled = 1;
  EXPECT_THAT(reason_after_a_stall(), StartsWith("waiting for the output"));
}

TEST_F(HealthWatchTest, ARunThatEndsThereHasNoLagBehindItsEnd) {
  one().until = one().position;
  run(100);
  EXPECT_THAT(said_, IsEmpty());
  one().until = base::Offset{1010};
  run(40);
  EXPECT_EQ(watch_.health().partitions.at(0).lag, 10U);
  // Nor does it matter there what cannot be read.
  sample_.partitions = {lagging(1, 1000)};
  one().until = one().position;
  one().log_end = {};
  one().error = "no broker leads the partition";
  run(100);
  EXPECT_EQ(watch_.health().status, Status::kHealthy);
}

TEST_F(HealthWatchTest, APositionThatIsNotKnownYetStandsFromTheFirstLookOn) {
  one() = {};
  one().id = {"in", 0};
  one().error = "no broker leads the partition";
  run(30);
  EXPECT_EQ(watch_.health().status, Status::kHealthy);
  run(1);
  EXPECT_EQ(said_, std::vector<std::string>{"31: in/0 is unhealthy: not moved for 30 s: it cannot "
                                            "be read: no broker leads the partition"});
}

TEST_F(HealthWatchTest, APartitionThatIsGoneIsWatchedNoMore) {
  run(40);
  sample_.partitions.clear();
  run(1);
  EXPECT_EQ(watch_.health().status, Status::kHealthy);
  EXPECT_EQ(said_.back(), "41: in/0 is not assigned to this instance any more");
  run(100);
  EXPECT_EQ(said_.size(), 2U);
  // When it comes back, its time begins anew.
  sample_.partitions = {lagging(0, 1000)};
  run(30);
  EXPECT_EQ(watch_.health().status, Status::kHealthy);
  run(1);
  EXPECT_EQ(watch_.health().status, Status::kUnhealthy);
}

TEST_F(HealthWatchTest, RebalancesWithoutEndAreAStall) {
  const auto partitions = sample_.partitions;
  for (int i = 0; i < 5; ++i) {
    sample_.partitions.clear();
    sample_.rebalance = seconds{0};
    run(5, [this] { *sample_.rebalance += seconds{1}; });
    sample_.partitions = partitions;
    sample_.rebalance.reset();
    run(2);
  }
  sample_.partitions.clear();
  sample_.rebalance = seconds{2};
  run(1);
  EXPECT_THAT(watch_.health().partitions.at(0).reason,
              StartsWith("a rebalance of the group has been under way for 2 s"));
}

TEST_F(HealthWatchTest, AMemberThatNeverGetsAnAssignmentIsIll) {
  sample_ = {};
  sample_.rebalance = seconds{0};
  run(60, [this] { *sample_.rebalance += seconds{1}; });
  EXPECT_EQ(watch_.health().status, Status::kUnhealthy);
  EXPECT_EQ(watch_.health().instance,
            "no partition was assigned yet: a rebalance of the group has been under way for 60 s");
  sample_.rebalance.reset();
  run(60);
  EXPECT_EQ(watch_.health().status, Status::kHealthy);
  EXPECT_THAT(said_, ElementsAre(HasSubstr("30: this instance is unhealthy: no partition was"),
                                 "61: this instance is healthy again"));
}

// With its end as it was when a broker last told it, the partition has no lag that is known of.
TEST_F(HealthWatchTest, AnInstanceThatReachesNoBrokerIsIll) {
  one().log_end = one().position;
  sample_.away = seconds{0};
  sample_.away_reason = "connection refused";
  run(40, [this] { *sample_.away += seconds{1}; });
  EXPECT_THAT(watch_.health().partitions, IsEmpty());
  EXPECT_EQ(watch_.health().status, Status::kUnhealthy);
  EXPECT_EQ(watch_.health().instance,
            "no broker of the input can be reached for 40 s: connection refused");
  sample_.away.reset();
  run(1);
  EXPECT_THAT(said_, ElementsAre("30: this instance is unhealthy: no broker of the input can be "
                                 "reached for 30 s: connection refused",
                                 "41: this instance is healthy again"));
}

TEST_F(HealthWatchTest, PartitionsAreApart) {
  sample_.partitions = {lagging(1, 50), lagging(0, 10), lagging(2, 7)};
  run(31, [this] {
    sample_.partitions[2].position.value += 1;
    sample_.partitions[1].unsettled = 1;
  });
  const Health& health = watch_.health();
  ASSERT_EQ(health.partitions.size(), 2U);
  EXPECT_EQ(health.partitions[0].id.partition, 0);
  EXPECT_THAT(health.partitions[0].reason, StartsWith("waiting for the output"));
  EXPECT_EQ(health.partitions[1].id.partition, 1);
  EXPECT_THAT(health.partitions[1].reason, StartsWith("no reason"));
}

TEST_F(HealthWatchTest, ALookAtTheLogIsWorthItWhereNothingMovesForAThirdOfTheTime) {
  one().log_end = one().position;
  run(10);
  EXPECT_THAT(watch_.still(), IsEmpty());
  run(1);
  EXPECT_THAT(watch_.still(), ElementsAre(base::TopicPartition{"in", 0}));
  one().stopped = "for good";
  run(1);
  EXPECT_THAT(watch_.still(), IsEmpty());
  one().stopped.clear();
  move();
  run(1);
  EXPECT_THAT(watch_.still(), IsEmpty());
}

}  // namespace
}  // namespace millrace::report
