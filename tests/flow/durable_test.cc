// SPDX-License-Identifier: Apache-2.0
// Insights that outlive the process: whatever happens between two commits, they are what they would
// have been without it.
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/flow/flow_fixture.h"

namespace millrace::tests {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr int kPartitions = 3;
constexpr int64_t kRecords = 400;
constexpr int64_t kBadEvery = 9;

// Partition 2 has holes, and ends in one.
std::vector<FakeRecord> records_of(int32_t partition) {
  std::vector<FakeRecord> made = records(partition, kRecords, kBadEvery);
  if (partition != 2) return made;
  std::erase_if(made, [](const FakeRecord& record) {
    return record.offset % 50 >= 43 || record.offset >= kRecords - 5;
  });
  return made;
}

// What is on disk, so to speak, when a process is killed.
struct Survivor {
  FakeGroup group;
  FakeStateLog state;

  void keep(const FlowFixture& fixture) {
    group.take_over(fixture.group);
    state.take_over(fixture.state);
  }

  void give(FlowFixture& fixture) const {
    fixture.group.take_over(group);
    fixture.state.take_over(state);
  }
};

class Durable : public ::testing::TestWithParam<flow::SettleAt> {
 protected:
  std::unique_ptr<FlowFixture> fixture(int64_t until = kRecords, int partitions = kPartitions) {
    auto made = std::make_unique<FlowFixture>();
    if (GetParam() == flow::SettleAt::kCommit) made->exactly_once();
    for (int partition = 0; partition < partitions; ++partition) {
      made->add(partition, records_of(partition), kRecords);
      (*made->options.until)[{"in", partition}] = base::Offset{until};
    }
    made->durable();
    return made;
  }

  // The insights of all records, without a restart.
  std::string insights_of_all() {
    const auto whole = fixture();
    EXPECT_EQ(whole->run().code, base::ExitCode::kClean);
    return whole->insights_json();
  }
};

// Where there is something left to commit after a rebalance.
class DurableInTransactions : public Durable {};

TEST_P(Durable, ARestartGoesOnWhereItWas) {
  Survivor survivor;
  const auto first = fixture(kRecords / 2);
  EXPECT_EQ(first->run().code, base::ExitCode::kClean);
  EXPECT_EQ(first->broken(), "");
  survivor.keep(*first);

  const auto second = fixture();
  survivor.give(*second);
  EXPECT_EQ(second->run().code, base::ExitCode::kClean);
  EXPECT_EQ(second->broken(), "");
  EXPECT_EQ(second->insights_json(), insights_of_all());
  // Everything was written down at the stop: nothing had to be counted again.
  for (int partition = 0; partition < kPartitions; ++partition)
    EXPECT_EQ(survivor.group.metadata({"in", partition}).find("state=200 "), 11U)
        << survivor.group.metadata({"in", partition});
}

// The seed chooses how the run is cut into batches and commits, and after which commit it dies.
TEST_P(Durable, AKillAfterAnyCommitLosesAndRepeatsNothing) {
  const std::string expected = insights_of_all();
  const auto seed = static_cast<uint32_t>(std::random_device{}());
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  for (int round = 0; round < 30; ++round) {
    Survivor survivor;
    int lives = 0;
    for (bool finished = false; !finished; ++lives) {
      const auto life = fixture();
      survivor.give(*life);
      life->options.batch_records_max = 1 + random() % 40;
      life->options.workers = 1 + random() % 3;
      life->source.burst = 1 + random() % 30;
      life->options.durable->every = std::chrono::milliseconds(random() % 3 == 0 ? 10'000 : 1);
      const int dies_after = lives < 6 ? static_cast<int>(random() % 5) : 1000;
      int commits = 0;
      life->committer.on_commit = [&](std::span<const io::PartitionCommit>) {
        // What it does from here on, it does for nobody.
        if (++commits <= dies_after) survivor.keep(*life);
      };
      EXPECT_EQ(life->run().code, base::ExitCode::kClean);
      EXPECT_EQ(life->broken(), "");
      finished = commits <= dies_after;
      if (finished) {
        EXPECT_EQ(life->insights_json(), expected) << "after " << lives << " kills";
      }
    }
  }
}

TEST_P(Durable, RebalancesAndFailuresChangeNothing) {
  const std::string expected = insights_of_all();
  const auto seed = static_cast<uint32_t>(std::random_device{}());
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  for (int round = 0; round < 20; ++round) {
    const auto run = fixture();
    run->options.batch_records_max = 1 + random() % 20;
    run->options.durable->every = std::chrono::milliseconds(1);
    int commits = 0;
    run->committer.on_commit = [&](std::span<const io::PartitionCommit>) {
      ++commits;
      if (commits == 2) run->source.rebalance();
      if (commits == 4) run->source.rebalance(/*lost=*/true);
      if (commits == 5) run->committer.fail_next = 1;
      if (commits == 6) run->source.rebalance_slowly();
    };
    EXPECT_EQ(run->run().code, base::ExitCode::kClean);
    EXPECT_EQ(run->broken(), "");
    EXPECT_EQ(run->insights_json(), expected);
  }
}

TEST_P(Durable, WhatIsCountedAgainIsNotSentAgain) {
  Survivor survivor;
  const auto first = fixture(kRecords / 2, 1);
  first->options.durable->every = std::chrono::hours(1);
  int commits = 0;
  first->committer.on_commit = [&](std::span<const io::PartitionCommit>) {
    // Under exactly once the state is one commit behind.
    if (++commits == (GetParam() == flow::SettleAt::kCommit ? 2 : 1)) survivor.keep(*first);
  };
  first->options.batch_records_max = 1;
  first->sink.capacity = 1;
  first->run();
  const base::Offset committed = survivor.group.committed({"in", 0});

  const auto second = fixture(kRecords, 1);
  survivor.give(*second);
  second->run();
  EXPECT_EQ(second->broken(), "");
  const std::vector<int64_t> sent = second->emitted(0);
  ASSERT_FALSE(sent.empty());
  EXPECT_GE(sent.front(), committed.value);
  const report::PartitionAccount account = second->report().partitions.at(0);
  EXPECT_EQ(account.first, committed);
  EXPECT_EQ(account.consumed, static_cast<uint64_t>(kRecords - committed.value));
  EXPECT_EQ(second->report().counted.partitions.at(0).coverage.records,
            static_cast<uint64_t>(kRecords));
  // Nor is it work of this run's.
  size_t input_bytes = 0;
  for (const FakeRecord& record : records_of(0))
    if (record.offset >= committed.value) input_bytes += record.value->size();
  EXPECT_EQ(second->flow().vitals().settled.input_bytes, input_bytes);
}

TEST_P(Durable, WithoutStateItBeginsAtTheCommittedOffset) {
  const auto run = fixture(kRecords, 1);
  run->group.commit({"in", 0}, base::Offset{100});
  EXPECT_EQ(run->run().code, base::ExitCode::kClean);
  EXPECT_EQ(run->report().counted.partitions.at(0).coverage.begin, base::Offset{100});
  EXPECT_EQ(run->report().counted.partitions.at(0).coverage.records, 300U);
}

TEST_P(Durable, MovedOffsetsStopThePartition) {
  Survivor survivor;
  const auto first = fixture(kRecords / 2, 1);
  first->run();
  survivor.keep(*first);
  survivor.group.commit({"in", 0}, base::Offset{50});

  const auto second = fixture(kRecords, 1);
  survivor.give(*second);
  EXPECT_EQ(second->run().code, base::ExitCode::kDataProtected);
  EXPECT_THAT(second->report().ended_by, HasSubstr("moved"));
  EXPECT_THAT(second->report().ended_by, HasSubstr("on_moved_offsets"));
  // What is there is left alone: with the offset back at its place, all is well again.
  EXPECT_EQ(second->state.appended(), 0U);
  EXPECT_THAT(second->emitted(0), IsEmpty());
}

TEST_P(Durable, MovedOffsetsAreTakenAsToldTo) {
  for (const auto what : {config::OnMovedOffsets::kReset, config::OnMovedOffsets::kKeep}) {
    Survivor survivor;
    const auto first = fixture(kRecords / 2, 1);
    first->run();
    survivor.keep(*first);
    survivor.group.commit({"in", 0}, base::Offset{50});

    const bool reset = what == config::OnMovedOffsets::kReset;
    const auto second = fixture(300, 1);
    survivor.give(*second);
    second->options.durable->on_moved = what;
    EXPECT_EQ(second->run().code, base::ExitCode::kClean);
    EXPECT_EQ(second->broken(), "");
    const insights::Coverage coverage = second->report().counted.partitions.at(0).coverage;
    EXPECT_EQ(coverage.records, reset ? 250U : 450U);
    EXPECT_EQ(coverage.begin, base::Offset{reset ? 50 : 0});

    // And the next one goes on from there.
    survivor.keep(*second);
    const auto third = fixture(kRecords, 1);
    survivor.give(*third);
    EXPECT_EQ(third->run().code, base::ExitCode::kClean);
    EXPECT_EQ(third->report().counted.partitions.at(0).coverage.records, reset ? 350U : 550U);
  }
}

// Another member had the partition, wrote its state down and committed nothing new: what this one
// still has is right, but what it knows of the topic is not.
TEST_P(DurableInTransactions, APartitionThatWasElsewhereIsRestored) {
  constexpr int64_t kMany = 20'000;  // more than the first transaction gets
  const auto member = [](int64_t until) {
    auto made = std::make_unique<FlowFixture>();
    made->exactly_once();
    made->add(0, records(0, kMany));
    (*made->options.until)[{"in", 0}] = base::Offset{until};
    made->durable();
    return made;
  };
  Survivor survivor;
  const auto here = member(kMany);
  here->options.durable->every = std::chrono::hours(1);
  int commits = 0;
  bool been = false;
  bool kept = false;
  here->committer.on_commit = [&](std::span<const io::PartitionCommit>) {
    if (++commits == 1) here->source.rebalance();
    if (been && !kept) survivor.keep(*here);
    kept = been;
  };
  here->source.on_assign = [&] {
    if (commits == 0 || been) return;
    const auto elsewhere = member(here->group.committed({"in", 0}).value);
    elsewhere->group.take_over(here->group);
    elsewhere->state.take_over(here->state);
    elsewhere->run();
    here->group.take_over(elsewhere->group);
    here->state.take_over(elsewhere->state);
    been = true;
  };
  EXPECT_EQ(here->run().code, base::ExitCode::kClean);
  EXPECT_EQ(here->broken(), "");
  ASSERT_TRUE(kept);

  const auto next = member(kMany);
  survivor.give(*next);
  EXPECT_EQ(next->run().code, base::ExitCode::kClean);
  EXPECT_EQ(next->report().counted.partitions.at(0).coverage.records, static_cast<uint64_t>(kMany));
}

TEST_P(Durable, AStateThatCannotBeReadStopsThePartitions) {
  const auto run = fixture();
  run->state.broken = "the brokers are away";
  EXPECT_EQ(run->run().code, base::ExitCode::kDataProtected);
  EXPECT_THAT(run->report().ended_by, HasSubstr("the brokers are away"));
  // What is there may be good.
  EXPECT_EQ(run->state.appended(), 0U);
}

INSTANTIATE_TEST_SUITE_P(ExactlyOnce, DurableInTransactions,
                         ::testing::Values(flow::SettleAt::kCommit));

INSTANTIATE_TEST_SUITE_P(
    Guarantees, Durable,
    ::testing::Values(flow::SettleAt::kAcknowledgement, flow::SettleAt::kCommit),
    [](const auto& name) {
      return std::string(name.param == flow::SettleAt::kCommit ? "ExactlyOnce" : "AtLeastOnce");
    });

}  // namespace
}  // namespace millrace::tests
