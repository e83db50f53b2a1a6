// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <atomic>
#include <numeric>
#include <set>
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

// The order in which values were seen first.
std::vector<int64_t> first_occurrences(const std::vector<int64_t>& all) {
  std::set<int64_t> seen;
  std::vector<int64_t> first;
  for (const int64_t each : all)
    if (seen.insert(each).second) first.push_back(each);
  return first;
}

TEST(Delivery, EveryRecordIsDeliveredOnceInOrderAndCommitted) {
  FlowFixture fixture;
  fixture.add(0, records(0, 500));
  fixture.add(1, records(1, 300));

  const flow::Flow::Result& result = fixture.run();

  EXPECT_EQ(result.code, base::ExitCode::kClean);
  EXPECT_EQ(result.ended_by, "end of topics");
  EXPECT_EQ(fixture.emitted(0), up_to(500));
  EXPECT_EQ(fixture.emitted(1), up_to(300));
  EXPECT_EQ(fixture.group.committed({"in", 0}).value, 500);
  EXPECT_EQ(fixture.group.committed({"in", 1}).value, 300);
  EXPECT_EQ(fixture.broken(), "");
}

TEST(Delivery, GapsAndControlRecordsAtTheEndAreCountedApartAndCommitted) {
  FlowFixture fixture;
  std::vector<FakeRecord> some = records(0, 100);
  std::erase_if(some, [](const FakeRecord& record) { return record.offset % 10 == 3; });
  fixture.add(0, some, 103);  // three control records behind the last one

  fixture.run();

  const report::Report report = fixture.report();
  EXPECT_EQ(report.partitions[0].consumed, 90U);
  EXPECT_EQ(report.partitions[0].gaps, 13U);
  EXPECT_EQ(report.partitions[0].next.value, 103);
  EXPECT_EQ(fixture.group.committed({"in", 0}).value, 103);
  EXPECT_EQ(fixture.broken(), "");
}

TEST(Delivery, AnEmptyPartitionEndsAtOnce) {
  FlowFixture fixture;
  fixture.add(0, {});

  EXPECT_EQ(fixture.run().code, base::ExitCode::kClean);
  EXPECT_EQ(fixture.broken(), "");
}

TEST(Delivery, ReadsNothingBehindTheEndAsItWasAtTheStart) {
  FlowFixture fixture;
  fixture.add(0, records(0, 100));
  (*fixture.options.until)[{"in", 0}] = base::Offset{60};

  fixture.run();

  EXPECT_EQ(fixture.emitted(0), up_to(60));
  EXPECT_EQ(fixture.group.committed({"in", 0}).value, 60);
}

TEST(Delivery, AFullQueueKeepsTheOrder) {
  FlowFixture fixture;
  fixture.sink.capacity = 3;
  fixture.add(0, records(0, 400));
  fixture.add(1, records(1, 400));

  fixture.run();

  EXPECT_EQ(fixture.emitted(0), up_to(400));
  EXPECT_EQ(fixture.emitted(1), up_to(400));
}

TEST(Delivery, ABudgetSmallerThanOneBatchStillGetsThrough) {
  FlowFixture fixture;
  fixture.options.batch_memory = 1;
  fixture.add(0, records(0, 300));

  fixture.run();

  EXPECT_EQ(fixture.emitted(0), up_to(300));
}

TEST(Delivery, BatchesOfOneRecordWork) {
  FlowFixture fixture;
  fixture.options.batch_records_max = 1;
  fixture.add(0, records(0, 200, 7));

  EXPECT_EQ(fixture.run().code, base::ExitCode::kClean);
  EXPECT_EQ(fixture.emitted(0).size(), 172U);
}

TEST(Delivery, NothingIsCommittedBeforeItIsAcknowledged) {
  FlowFixture fixture;
  fixture.add(0, records(0, 2000));
  std::atomic<int64_t> acknowledged{0};
  std::atomic<int64_t> too_early{0};
  fixture.sink.on_delivered = [&](const FakeSink::Sent&) { ++acknowledged; };
  fixture.committer.on_commit = [&](std::span<const io::PartitionCommit> offsets) {
    if (offsets[0].next.value > acknowledged) ++too_early;
  };

  fixture.run();

  EXPECT_EQ(too_early, 0);
}

TEST(Delivery, ACommitThatFailsIsTriedAgain) {
  FlowFixture fixture;
  fixture.committer.fail_next = 5;
  fixture.add(0, records(0, 100));

  EXPECT_EQ(fixture.run().code, base::ExitCode::kClean);
  EXPECT_EQ(fixture.group.committed({"in", 0}).value, 100);
}

TEST(Delivery, AFailedDeliveryIsReadAgainFromTheSettledPrefix) {
  FlowFixture fixture;
  fixture.add(0, records(0, 300));
  fixture.sink.fail_value("\"n\":150,", 1);

  const flow::Flow::Result& result = fixture.run();

  EXPECT_EQ(result.code, base::ExitCode::kClean) << result.ended_by;
  std::vector<int64_t> all = fixture.emitted(0);
  std::sort(all.begin(), all.end());
  EXPECT_EQ(first_occurrences(all), up_to(300));
  EXPECT_EQ(fixture.group.committed({"in", 0}).value, 300);
  EXPECT_EQ(fixture.report().partitions[0].consumed, 300U);
  EXPECT_EQ(fixture.broken(), "");
}

TEST(Delivery, ARecordThatFailsTwiceStopsItsPartitionAndOnlyThat) {
  FlowFixture fixture;
  fixture.add(0, records(0, 300));
  fixture.add(1, records(1, 300));
  fixture.sink.fail_value("\"n\":150,\"device\":\"android\"", 1000);  // of partition 0

  const flow::Flow::Result& result = fixture.run();

  EXPECT_EQ(result.code, base::ExitCode::kDataProtected);
  EXPECT_EQ(fixture.emitted(1), up_to(300));
  EXPECT_LE(fixture.group.committed({"in", 0}).value, 150);
  const report::Report report = fixture.report();
  EXPECT_NE(report.partitions[0].stopped.find("offset 150"), std::string::npos);
  EXPECT_EQ(fixture.broken(), "");
}

// Refuses every record once, but no more than one in each reading, of which the next goes back.
auto one_in_each_reading() {
  return [refused = std::set<int64_t>(), last = int64_t{-1},
          armed = true](const FakeSink::Sent& sent) mutable {
    const int64_t n = numbers({sent})[0];
    armed = armed || n <= last;
    last = n;
    if (!armed || !refused.insert(n).second) return false;
    armed = false;
    return true;
  };
}

// They are remembered, to know the second time from the first, until what lies before has settled.
TEST(Delivery, MoreRefusedRecordsThanMayBeRememberedStopTheirPartition) {
  EXPECT_EQ(flow::Flow::Options().refusals_max, 1000U);
  for (const int64_t count : {10, 11}) {
    FlowFixture fixture;
    fixture.options.refusals_max = 10;
    // One batch, so that nothing settles before all of it is delivered.
    fixture.options.batch_records_max = static_cast<size_t>(count);
    fixture.options.batch_wait = std::chrono::minutes(1);
    fixture.sink.refuses = one_in_each_reading();
    fixture.add(0, records(0, count));

    const flow::Flow::Result& result = fixture.run();

    const std::string stopped = fixture.report().partitions[0].stopped;
    if (count == 10) {
      EXPECT_EQ(result.code, base::ExitCode::kClean);
      EXPECT_EQ(stopped, "");
      EXPECT_EQ(fixture.group.committed({"in", 0}).value, count);
    } else {
      EXPECT_EQ(result.code, base::ExitCode::kDataProtected);
      EXPECT_EQ(stopped, "offset 10 cannot be delivered: refused");
      EXPECT_FALSE(fixture.group.committed({"in", 0}).valid());
    }
    EXPECT_EQ(fixture.broken(), "");
  }
}

// What settles is forgotten: a run may last for months, and each record has its second chance.
TEST(Delivery, AnyNumberOfRefusedRecordsMaySettle) {
  FlowFixture fixture;
  fixture.options.refusals_max = 20;
  int refusals = 0;
  fixture.sink.refuses = [&, refuses = one_in_each_reading()](const FakeSink::Sent& sent) mutable {
    const bool refused = refuses(sent);
    refusals += refused ? 1 : 0;
    return refused;
  };
  fixture.add(0, records(0, 100));

  EXPECT_EQ(fixture.run().code, base::ExitCode::kClean);
  EXPECT_EQ(refusals, 100);
  std::vector<int64_t> all = fixture.emitted(0);
  std::sort(all.begin(), all.end());
  EXPECT_EQ(first_occurrences(all), up_to(100));
  EXPECT_EQ(fixture.group.committed({"in", 0}).value, 100);
}

TEST(Delivery, ABrokenLogStopsItsPartitionAndOnlyThat) {
  FlowFixture fixture;
  fixture.add(0, records(0, 100));
  fixture.add(1, records(1, 100));
  (*fixture.options.until)[{"in", 1}] = base::Offset{1000};  // so that the error comes first
  fixture.source.fail_partition(1, "bad checksum");

  const flow::Flow::Result& result = fixture.run();

  EXPECT_EQ(result.code, base::ExitCode::kDataProtected);
  EXPECT_EQ(fixture.emitted(0), up_to(100));
  EXPECT_EQ(fixture.report().partitions[1].stopped, "bad checksum");
}

// The drain before a topic made anew may have to leave a batch half handed over, of any partition.
TEST(Delivery, ADrainThatIsGivenUpLeavesNoHoleInAnotherPartition) {
  FlowFixture fixture;
  fixture.options.until.reset();
  fixture.options.cut_deadline = std::chrono::milliseconds(30);
  fixture.options.stop_deadline = std::chrono::milliseconds(3000);
  fixture.sink.capacity = 10;
  fixture.group.commit({"in", 0}, base::Offset{700});
  fixture.source.add_partition("in", 0, records(0, 50));
  fixture.source.add_partition("in", 1, records(1, 100));
  fixture.sink.cork();
  fixture.start();
  fixture.sink.wait_for_sent(10);
  fixture.source.move_partition(0, 0);
  // Of the topic made anew: it is read after the drain.
  while (fixture.source.records_given() < 150) std::this_thread::yield();
  fixture.sink.uncork();
  fixture.sink.wait_for_delivered("\"n\":49,\"device\":\"iOS\"");
  fixture.sink.wait_for_delivered("\"n\":99,\"device\":\"iOS\"");
  fixture.flow().stop("SIGINT");

  EXPECT_EQ(fixture.finish().code, base::ExitCode::kClean);
  EXPECT_EQ(fixture.group.committed({"in", 0}).value, 50);
  EXPECT_EQ(fixture.group.committed({"in", 1}).value, 100);
  EXPECT_EQ(fixture.broken(), "");
}

TEST(Delivery, AFatalSourceEndsTheRunWithCode1) {
  FlowFixture fixture;
  fixture.add(0, records(0, 10));
  (*fixture.options.until)[{"in", 0}] = base::Offset{1000};
  fixture.source.fail_fatally("access denied");

  const flow::Flow::Result& result = fixture.run();

  EXPECT_EQ(result.code, base::ExitCode::kFailed);
  EXPECT_EQ(result.ended_by, "access denied");
}

TEST(Delivery, ASinkThatDiedWithNothingUnderWayEndsTheRun) {
  FlowFixture fixture;
  fixture.sink.capacity = 0;
  fixture.sink.die("out of sequence");
  fixture.add(0, records(0, 100));

  const flow::Flow::Result& result = fixture.run();

  EXPECT_EQ(result.code, base::ExitCode::kFailed);
  EXPECT_EQ(result.ended_by, "out of sequence");
}

TEST(Delivery, ADeadSinkEndsTheRunAndCommitsNothingThatItLost) {
  FlowFixture fixture;
  fixture.sink.cork();
  fixture.add(0, records(0, 400));
  fixture.start();
  fixture.sink.wait_for_sent(100);

  fixture.sink.die("out of sequence");

  const flow::Flow::Result& result = fixture.finish();
  EXPECT_EQ(result.code, base::ExitCode::kFailed);
  EXPECT_EQ(result.ended_by, "out of sequence");
  EXPECT_FALSE(fixture.group.committed({"in", 0}).valid());
}

}  // namespace
}  // namespace millrace::tests
