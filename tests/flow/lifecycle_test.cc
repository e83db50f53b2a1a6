// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <mutex>
#include <numeric>
#include <set>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "tests/flow/flow_fixture.h"

namespace millrace::tests {
namespace {

bool complete(const std::vector<int64_t>& all, int64_t count) {
  return std::set<int64_t>(all.begin(), all.end()).size() == static_cast<size_t>(count);
}

bool first_occurrences_in_order(const std::vector<int64_t>& all) {
  int64_t highest = -1;
  for (const int64_t each : all) {
    if (each > highest + 1) return false;
    highest = std::max(highest, each);
  }
  return true;
}

TEST(Lifecycle, StopDrainsWhatWasReadAndCommitsIt) {
  FlowFixture fixture;
  fixture.options.until.reset();
  fixture.source.add_partition("in", 0, records(0, 1000));
  fixture.start();
  fixture.sink.wait_for_sent(1000);

  fixture.flow().stop("SIGINT");
  const flow::Flow::Result& result = fixture.finish();

  EXPECT_EQ(result.code, base::ExitCode::kClean);
  EXPECT_EQ(result.ended_by, "SIGINT");
  EXPECT_EQ(fixture.group.committed({"in", 0}).value, 1000);
  EXPECT_EQ(fixture.broken(), "");
}

TEST(Lifecycle, AStopInTheMiddleLosesNothingOverARestart) {
  FakeGroup group;
  std::vector<int64_t> all;
  for (int run = 0; run < 2; ++run) {
    FlowFixture fixture;
    fixture.add(0, records(0, 5000));
    const base::Offset committed = group.committed({"in", 0});
    if (committed.valid()) fixture.group.commit({"in", 0}, committed);
    fixture.start();
    if (run == 0) {
      fixture.sink.wait_for_sent(200);
      fixture.flow().stop("SIGTERM");
    }
    fixture.finish();
    EXPECT_EQ(fixture.broken(), "");
    group.commit({"in", 0}, fixture.group.committed({"in", 0}));
    for (const int64_t n : fixture.emitted(0)) all.push_back(n);
  }

  EXPECT_TRUE(complete(all, 5000));
  EXPECT_TRUE(first_occurrences_in_order(all));
  EXPECT_EQ(all.size(), 5000U);  // an orderly stop repeats nothing
}

TEST(Lifecycle, ADrainThatCannotFinishEndsAtItsDeadlineWithCode1) {
  FlowFixture fixture;
  fixture.options.until.reset();
  fixture.options.stop_deadline = std::chrono::milliseconds(50);
  fixture.sink.cork();
  fixture.source.add_partition("in", 0, records(0, 100));
  fixture.start();
  fixture.sink.wait_for_sent(100);

  fixture.flow().stop("SIGINT");
  fixture.wait_until_finished();
  const flow::Flow::Result& result = fixture.finish();

  EXPECT_EQ(result.code, base::ExitCode::kFailed);
  EXPECT_FALSE(fixture.group.committed({"in", 0}).valid());
  EXPECT_EQ(fixture.report().partitions[0].discarded, 100U);
  EXPECT_EQ(fixture.broken(), "");
}

TEST(Lifecycle, ARevokeCommitsWhatWasHandedOverAndTheNextOwnerGoesOnThere) {
  FlowFixture fixture;
  fixture.add(0, records(0, 2000));
  fixture.add(1, records(1, 2000));
  fixture.start();
  for (const size_t sent : {100U, 500U, 1500U}) {
    fixture.sink.wait_for_sent(sent);
    fixture.source.rebalance();
  }
  fixture.finish();

  for (const int32_t partition : {0, 1}) {
    const std::vector<int64_t> all = fixture.emitted(partition);
    EXPECT_TRUE(complete(all, 2000));
    EXPECT_TRUE(first_occurrences_in_order(all));
    EXPECT_EQ(all.size(), 2000U) << "a revoke that settles in time repeats nothing";
  }
  EXPECT_EQ(fixture.broken(), "");
}

TEST(Lifecycle, BetweenRevokeAndAssignTheEndIsNotReached) {
  FlowFixture fixture;
  fixture.add(0, records(0, 2000));
  fixture.sink.capacity = 50;
  fixture.source.rebalance_slowly();

  EXPECT_EQ(fixture.run().ended_by, "end of topics");
  EXPECT_TRUE(complete(fixture.emitted(0), 2000));
}

TEST(Lifecycle, ARevokeThatCannotSettleGivesUpAtItsDeadlineAndRepeats) {
  FlowFixture fixture;
  fixture.options.cut_deadline = std::chrono::milliseconds(30);
  fixture.options.commit_every = std::chrono::hours(1);
  fixture.options.until.reset();  // a drain at the end would leave no revoke to serve
  fixture.source.add_partition("in", 0, records(0, 500));
  fixture.sink.cork();
  fixture.start();
  fixture.sink.wait_for_sent(10);

  fixture.source.rebalance();
  // What was sent before the cut stays unacknowledged until the same records are sent again.
  fixture.sink.wait_for_sent(511);
  fixture.sink.uncork();
  fixture.sink.wait_for_delivered("\"n\":499,");
  fixture.flow().stop("SIGINT");
  fixture.finish();

  const std::vector<int64_t> all = fixture.emitted(0);
  EXPECT_TRUE(complete(all, 500));
  EXPECT_TRUE(first_occurrences_in_order(all));
  EXPECT_GT(all.size(), 500U);
  EXPECT_EQ(fixture.report().partitions[0].consumed, 500U);
  EXPECT_EQ(fixture.broken(), "");
}

TEST(Lifecycle, ALostPartitionCommitsNothing) {
  FlowFixture fixture;
  fixture.options.until.reset();  // else all may be read before it is lost
  fixture.options.commit_every = std::chrono::hours(1);
  fixture.source.add_partition("in", 0, records(0, 300));
  std::set<uint64_t> assignments;
  fixture.committer.on_commit = [&](std::span<const io::PartitionCommit> /*offsets*/) {
    assignments.insert(fixture.group.assignment);
  };
  fixture.start();
  fixture.sink.wait_for_delivered("\"n\":50,");

  fixture.source.rebalance(/*lost=*/true);
  while (fixture.group.assignment < 2) std::this_thread::yield();
  fixture.flow().stop("SIGINT");
  fixture.finish();

  // In the drain, if anything was read again by then.
  for (const uint64_t assignment : assignments) EXPECT_EQ(assignment, 2U);
  EXPECT_TRUE(first_occurrences_in_order(fixture.emitted(0)));
  EXPECT_EQ(fixture.broken(), "");
}

// What settled before is not committed, so reading begins below it; and then nothing more comes.
TEST(Lifecycle, ARunMayEndWhereALostPartitionBeginsAgain) {
  FlowFixture fixture;
  fixture.options.until.reset();
  fixture.options.commit_every = std::chrono::hours(1);
  fixture.source.add_partition("in", 0, records(0, 300));
  fixture.source.on_assign = [&] {
    if (fixture.group.assignment == 1) fixture.flow().stop("SIGINT");
  };
  fixture.start();
  while (fixture.flow().totals().consumed < 50) std::this_thread::yield();
  fixture.source.rebalance(/*lost=*/true);
  fixture.finish();

  const report::Report report = fixture.report();
  EXPECT_EQ(report.partitions.at(0).next, base::Offset{0});
  EXPECT_GE(report.partitions.at(0).consumed, 50U);
  EXPECT_EQ(fixture.broken(), "");
}

void wait_until_memory_is_spent(FlowFixture& fixture) {
  while (!fixture.flow().progress().budget_spent) std::this_thread::yield();
}

// Nothing is read then, and a revoke comes out of a poll only.
TEST(Lifecycle, ARevokeIsServedWhileTheMemoryIsSpent) {
  FlowFixture fixture;
  fixture.options.until.reset();
  fixture.options.batch_memory = 100'000;
  fixture.options.cut_deadline = std::chrono::milliseconds(30);
  fixture.source.add_partition("in", 0, records(0, 3000));
  fixture.sink.cork();
  fixture.start();
  wait_until_memory_is_spent(fixture);
  EXPECT_LT(fixture.source.records_given(), 3000U);

  const auto began = std::chrono::steady_clock::now();
  fixture.source.rebalance();
  while (fixture.group.assignment < 2) std::this_thread::yield();
  // Half of the shortest session that a group of Kafka's defaults allows.
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(3));
  EXPECT_TRUE(fixture.flow().progress().budget_spent);

  fixture.sink.uncork();
  fixture.sink.wait_for_delivered("\"n\":2999,");
  fixture.flow().stop("SIGINT");
  EXPECT_EQ(fixture.finish().code, base::ExitCode::kClean);
  EXPECT_TRUE(complete(fixture.emitted(0), 3000));
  EXPECT_TRUE(first_occurrences_in_order(fixture.emitted(0)));
  EXPECT_EQ(fixture.group.committed({"in", 0}).value, 3000);
  EXPECT_EQ(fixture.broken(), "");
}

// Each poll that serves the group may bring a record, and the output may be blocked for a day.
TEST(Lifecycle, ServingTheGroupWithoutMemoryTakesNoMoreThanAFewRecords) {
  for (const bool rebalance : {false, true}) {
    FlowFixture fixture;
    fixture.options.until.reset();
    fixture.options.batch_memory = 100'000;
    fixture.options.serve_every = std::chrono::milliseconds(1);
    fixture.options.cut_deadline = std::chrono::milliseconds(30);
    fixture.source.add_partition("in", 0, records(0, 300));
    fixture.source.add_partition("in", 1, records(1, 300), 305);
    fixture.sink.cork();
    fixture.start();
    wait_until_memory_is_spent(fixture);
    const auto polled_more = [&](uint64_t polls) {
      const uint64_t before = fixture.source.times_polled;
      while (fixture.source.times_polled < before + polls) std::this_thread::yield();
      return fixture.flow().totals().polled;
    };
    const uint64_t kept = polled_more(50);
    // Beyond the ends: what they say does not hold where records before them were passed over.
    EXPECT_EQ(polled_more(700), kept);
    if (rebalance) {
      fixture.source.rebalance();
      while (fixture.group.assignment < 2) std::this_thread::yield();
    }

    fixture.sink.uncork();
    fixture.sink.wait_for_delivered("\"n\":299,\"device\":\"web\"");  // of partition 0
    fixture.sink.wait_for_delivered("\"n\":299,\"device\":\"android\"");
    fixture.flow().stop("SIGINT");
    EXPECT_EQ(fixture.finish().code, base::ExitCode::kClean);
    for (const int32_t partition : {0, 1}) {
      EXPECT_TRUE(complete(fixture.emitted(partition), 300));
      EXPECT_TRUE(first_occurrences_in_order(fixture.emitted(partition)));
      if (!rebalance) {
        EXPECT_EQ(fixture.emitted(partition).size(), 300U);
      }
    }
    EXPECT_EQ(fixture.broken(), "");
  }
}

TEST(Lifecycle, ReportsComeExactlyOncePerMultiple) {
  FlowFixture fixture;
  std::mutex mutex;
  std::vector<uint64_t> reported;
  fixture.options.report_every = 100;
  fixture.options.batch_records_max = 1000;
  fixture.options.workers = 8;
  fixture.source.burst = 37;
  fixture.options.on_multiple = [&](const flow::Snapshot& snapshot) {
    const std::scoped_lock lock(mutex);
    uint64_t consumed = 0;
    for (const report::PartitionAccount& account : snapshot.accounts) consumed += account.consumed;
    reported.push_back(consumed / 100);
  };
  fixture.add(0, records(0, 1234));
  fixture.add(1, records(1, 777));

  fixture.run();

  std::sort(reported.begin(), reported.end());
  std::vector<uint64_t> expected(20);
  std::iota(expected.begin(), expected.end(), 1);
  EXPECT_EQ(reported, expected);
}

TEST(Lifecycle, DestroyingARunningFlowStopsIt) {
  FlowFixture fixture;
  fixture.options.until.reset();
  fixture.source.add_partition("in", 0, records(0, 100));
  fixture.start();
  fixture.sink.wait_for_sent(10);
}

}  // namespace
}  // namespace millrace::tests
