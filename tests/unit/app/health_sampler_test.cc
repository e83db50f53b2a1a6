// SPDX-License-Identifier: Apache-2.0
#include "engine/app/health_sampler.h"

#include <functional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace millrace::app {
namespace {

using report::Status;
using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::StartsWith;

const base::TopicPartition kOne{"in", 0};
const base::TopicPartition kTwo{"in", 1};

// The flow, the consumer and the brokers as values; a look each second, every question noted.
class HealthSamplerTest : public ::testing::Test {
 protected:
  HealthSamplerTest() {
    progress_.partitions.push_back({});
    progress_.partitions[0].id = kOne;
    progress_.partitions[0].position = base::Offset{100};
    view_.partitions.push_back({kOne, 0, base::Offset{100}, {}, {}, {}});
    answer_ = {kOne, base::Offset{100}, base::Offset{100}, {}};
  }

  void run(
      int count, const std::function<void()>& change = [] {}) {
    for (int i = 0; i < count; ++i) {
      time_ += seconds{1};
      ++second_;
      change();
      for (const auto& transition : sampler_.look(time_)) said_.push_back(transition.sentence);
    }
  }

  flow::PartitionProgress& one() { return progress_.partitions.at(0); }

  kafka::PartitionWatch::Partition& reading() { return view_.partitions.at(0); }

  [[nodiscard]] std::string reason() const {
    const report::Health& health = sampler_.health();
    return health.partitions.empty() ? "healthy" : health.partitions[0].reason;
  }

  flow::Progress progress_;
  kafka::PartitionWatch::View view_;
  std::function<void()> between_looks_ = [] {};  // called after the flow was looked at
  kafka::LogEnds answer_;
  HealthSampler::Time time_{seconds{1000}};
  int second_ = 0;
  std::vector<int> asked_;  // the seconds in which the brokers were asked
  std::vector<std::string> said_;
  HealthSampler sampler_{{[this] {
                            flow::Progress progress = progress_;
                            between_looks_();
                            return progress;
                          },
                          [this] { return view_; },
                          [this](std::span<const base::TopicPartition> ids) {
                            asked_.push_back(second_);
                            std::vector<kafka::LogEnds> ends;
                            for (const base::TopicPartition& id : ids) {
                              ends.push_back(answer_);
                              ends.back().id = id;
                            }
                            return ends;
                          }},
                         seconds{30}};
};

TEST_F(HealthSamplerTest, AsksTheBrokersOfWhatDoesNotMoveAndNotTooOften) {
  run(100, [this] { ++one().position.value; });
  EXPECT_THAT(asked_, IsEmpty());
  run(45);
  EXPECT_THAT(asked_, ElementsAre(111, 121, 131, 141));
  EXPECT_EQ(sampler_.health().status, Status::kHealthy);
}

// What the consumer knows is as old as its last fetch, and fetches are what failed.
TEST_F(HealthSamplerTest, SeesALagThatOnlyTheBrokersKnow) {
  answer_.end = answer_.stable = base::Offset{150};
  run(50);
  EXPECT_EQ(sampler_.health().status, Status::kUnhealthy);
  EXPECT_EQ(sampler_.health().partitions.at(0).lag, 50U);
}

TEST_F(HealthSamplerTest, AnAnswerIsWorthNothingOnceThePartitionHasMoved) {
  answer_.end = answer_.stable = base::Offset{150};
  run(15);
  one().position = base::Offset{150};
  reading().log_end = base::Offset{150};
  answer_ = {kOne, base::Offset{150}, base::Offset{150}, {}};
  run(100);
  EXPECT_THAT(said_, IsEmpty());
}

TEST_F(HealthSamplerTest, TellsAnOpenTransactionByTheStableEnd) {
  reading().log_end = base::Offset{150};
  answer_ = {kOne, base::Offset{150}, base::Offset{100}, {}};
  run(35);
  EXPECT_EQ(sampler_.health().status, Status::kWaiting);
  // The consumer's guess counts only until the brokers have spoken.
  reading().stable_end = base::Offset{100};
  answer_.stable = base::Offset{150};
  run(10);
  EXPECT_EQ(sampler_.health().status, Status::kUnhealthy);
}

TEST_F(HealthSamplerTest, NamesWhatKeepsFromReading) {
  reading().log_end = base::Offset{150};
  reading().error = "a fetch failed";
  reading().error_at = time_ + seconds{5};
  answer_ = {kOne, base::Offset{150}, base::Offset{150}, {}};
  run(31);
  EXPECT_EQ(reason(), "it cannot be read: a fetch failed");
  answer_ = {kOne, {}, {}, "no broker leads the partition"};
  run(10);
  EXPECT_EQ(reason(), "it cannot be read: no broker leads the partition");
  EXPECT_EQ(sampler_.health().partitions[0].lag, 50U);
}

TEST_F(HealthSamplerTest, KnowsAPartitionWithoutLeaderFromTheStartOn) {
  reading().log_end = {};
  answer_ = {kOne, {}, {}, "no broker leads the partition"};
  run(60);
  EXPECT_EQ(reason(), "it cannot be read: no broker leads the partition");
}

TEST_F(HealthSamplerTest, WithoutBrokersTheInstanceIsIll) {
  answer_ = {kOne, {}, {}, "timed out"};
  view_.away = "connection refused";
  run(31);
  EXPECT_EQ(sampler_.health().status, Status::kUnhealthy);
  EXPECT_EQ(sampler_.health().instance,
            "no broker of the input can be reached for 30 s: connection refused");
  view_.away.clear();
  run(1);
  view_.away = "again";
  run(29);
  EXPECT_EQ(sampler_.health().instance, "");
}

TEST_F(HealthSamplerTest, PassesOnWhatTheFlowKnows) {
  reading().log_end = base::Offset{150};
  answer_ = {kOne, base::Offset{150}, base::Offset{150}, {}};
  progress_.budget_spent = true;
  run(31);
  EXPECT_THAT(reason(), StartsWith("the memory budget is spent"));
  one().unsettled = 2;
  one().oldest_unsettled = seconds{20};
  run(1);
  EXPECT_THAT(reason(), StartsWith("waiting for the output: 2 batches"));
  progress_.commit_since = time_ - seconds{10};
  run(1);
  EXPECT_EQ(reason(), "a commit has been under way for 11 s");
  progress_.reset_since = time_ - seconds{5};
  run(1);
  EXPECT_THAT(reason(), StartsWith("the producer has been made anew for 6 s"));
  view_.rebalancing = true;
  view_.rebalancing_since = time_ - seconds{4};
  run(1);
  EXPECT_EQ(reason(), "a rebalance of the group has been under way for 5 s");
  one().stopped = "bad checksum";
  run(1);
  EXPECT_EQ(reason(), "it was stopped: bad checksum");
}

TEST_F(HealthSamplerTest, ARunThatEndsThereAsksForNoMore) {
  reading().log_end = base::Offset{150};
  one().until = base::Offset{100};
  run(60);
  EXPECT_EQ(sampler_.health().status, Status::kHealthy);
}

TEST_F(HealthSamplerTest, ARebalanceBetweenTheLooksLosesNoPartition) {
  reading().log_end = base::Offset{150};
  answer_ = {kOne, base::Offset{150}, base::Offset{150}, {}};
  run(40);
  ASSERT_EQ(said_.size(), 1U);
  const auto partitions = progress_.partitions;
  // It begins: the flow has just given its partitions back.
  progress_.partitions.clear();
  between_looks_ = [this] {
    view_.rebalancing = true;
    view_.rebalancing_since = time_;
  };
  run(1);
  // It ends: the flow has just got them.
  between_looks_ = [this] { view_.rebalancing = false; };
  run(1);
  between_looks_ = [] {};
  progress_.partitions = partitions;
  run(1);
  EXPECT_EQ(said_.size(), 1U);
  EXPECT_EQ(sampler_.health().status, Status::kUnhealthy);
}

TEST_F(HealthSamplerTest, AsksOfSeveralInOneRequest) {
  progress_.partitions.push_back(one());
  progress_.partitions[1].id = kTwo;
  answer_.end = answer_.stable = base::Offset{101};
  run(50);
  EXPECT_THAT(asked_, ElementsAre(12, 22, 32, 42));
  EXPECT_EQ(sampler_.health().partitions.size(), 2U);
}

}  // namespace
}  // namespace millrace::app
