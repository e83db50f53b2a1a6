// SPDX-License-Identifier: Apache-2.0
#include "engine/app/vitals_sampler.h"

#include <gtest/gtest.h>

namespace millrace::app {
namespace {

using report::Status;
using report::Vitals;
using std::chrono::milliseconds;

// A run of one partition, at offset 60 of 100, and one that another member has now.
class VitalsSamplerTest : public ::testing::Test {
 protected:
  VitalsSamplerTest() {
    config_.pipeline.value = "logins";
    config_.memory_bytes = 1000;
    report_.partitions = {account(0, 60), account(1, 10)};
    report_.partitions[1].ours = false;
    report_.given.emitted = 70;
    report_.elapsed = milliseconds{1'500};
    progress_.partitions.push_back({.id = {"in", 0},
                                    .position = base::Offset{60},
                                    .until = std::nullopt,
                                    .unsettled = 0,
                                    .oldest_unsettled = {},
                                    .stopped = {}});
    log_end(0, 100);
  }

  static report::PartitionAccount account(int32_t partition, uint64_t consumed) {
    report::PartitionAccount account;
    account.id = {"in", partition};
    account.first = base::Offset{0};
    account.next = base::Offset{static_cast<int64_t>(consumed)};
    account.polled = account.consumed = account.emitted = consumed;
    account.sent = account.acknowledged = consumed;
    return account;
  }

  void log_end(int32_t partition, int64_t end) {
    kafka::PartitionWatch::Partition read;
    read.id = {"in", partition};
    read.log_end = base::Offset{end};
    reading_.partitions.push_back(read);
  }

  VitalsSampler sampler() {
    VitalsSampler::Seams seams;
    seams.report = [this] { return report_; };
    seams.flow = [this] { return flow_; };
    seams.totals = [this] { return totals_; };
    seams.progress = [this] { return progress_; };
    seams.state_bytes = [this] { return ++times_asked_; };
    seams.reading = [this] { return reading_; };
    seams.clients = [] { return std::vector<report::ClientVitals>{{.name = "consumer"}}; };
    seams.now = [this] { return now_; };
    seams.unix_ms = [this] { return unix_ms_; };
    return {std::move(seams), config_};
  }

  config::PipelineConfig config_;
  report::Report report_;
  flow::FlowVitals flow_;
  flow::Totals totals_;
  flow::Progress progress_;
  kafka::PartitionWatch::View reading_;
  VitalsSampler::Time now_{std::chrono::hours{1}};
  int64_t unix_ms_ = 1'700'000'000'000;
  size_t times_asked_ = 0;
};

TEST_F(VitalsSamplerTest, SayWhoseTheyAreAndWhen) {
  config_.instance.emplace();
  config_.instance->value = "engine-0";
  config_.delivery.guarantee = config::Guarantee::kAtLeastOnce;
  VitalsSampler sampler = this->sampler();
  unix_ms_ += 1'500;

  const Vitals vitals = sampler.look();

  EXPECT_EQ(vitals.pipeline, "logins");
  EXPECT_EQ(vitals.instance, "engine-0");
  EXPECT_EQ(vitals.guarantee, "at_least_once");
  EXPECT_FALSE(vitals.version.empty());
  EXPECT_EQ(vitals.started_ms, 1'700'000'000'000);
  EXPECT_EQ(vitals.time_ms, 1'700'000'001'500);
  EXPECT_EQ(vitals.elapsed, milliseconds{1'500});
  EXPECT_EQ(vitals.memory_bytes, 1000U);
  EXPECT_GT(vitals.rss_bytes, 0U);
  EXPECT_LE(vitals.rss_bytes, vitals.peak_rss_bytes * 2);
  EXPECT_EQ(vitals.clients.size(), 1U);
}

TEST_F(VitalsSamplerTest, AreTheReportsNumbers) {
  totals_.uncommitted = 5;
  report_.given.dead_letters["parse:syntax"] = 3;
  const Vitals vitals = sampler().look();

  EXPECT_EQ(vitals.consumed, 70U);
  EXPECT_EQ(vitals.emitted, 70U);
  EXPECT_EQ(vitals.polled, 70U);
  EXPECT_EQ(vitals.uncommitted, 5U);
  EXPECT_EQ(vitals.dead_letters.at("parse:syntax"), 3U);
  EXPECT_TRUE(vitals.identity_broken.empty());
}

TEST_F(VitalsSamplerTest, TellThatTheIdentityDoesNotHold) {
  report_.partitions[0].emitted = 59;
  EXPECT_FALSE(sampler().look().identity_broken.empty());
}

TEST_F(VitalsSamplerTest, KnowTheEndsOfOurPartitions) {
  report_.health.partitions.push_back({.id = {"in", 0},
                                       .status = Status::kUnhealthy,
                                       .reason = "no broker",
                                       .position = base::Offset{60},
                                       .lag = 40,
                                       .still_for = {}});
  const Vitals vitals = sampler().look();

  ASSERT_EQ(vitals.partitions.size(), 2U);
  EXPECT_EQ(vitals.lag, 40U);
  EXPECT_EQ(vitals.partitions[0].position, base::Offset{60});
  EXPECT_EQ(vitals.partitions[0].end, base::Offset{100});
  EXPECT_EQ(vitals.partitions[0].lag, 40U);
  EXPECT_EQ(vitals.partitions[0].status, Status::kUnhealthy);
  EXPECT_EQ(vitals.partitions[0].reason, "no broker");
  EXPECT_FALSE(vitals.partitions[1].ours);
  EXPECT_EQ(vitals.partitions[1].position, base::Offset{10});
  EXPECT_FALSE(vitals.partitions[1].end);
  EXPECT_FALSE(vitals.partitions[1].lag);
  EXPECT_EQ(vitals.partitions[1].status, Status::kHealthy);
}

TEST_F(VitalsSamplerTest, EndWhereTheRunEnds) {
  progress_.partitions[0].until = base::Offset{75};
  const Vitals vitals = sampler().look();

  EXPECT_EQ(vitals.partitions[0].end, base::Offset{75});
  EXPECT_EQ(vitals.partitions[0].lag, 15U);
  EXPECT_EQ(vitals.lag, 15U);
}

TEST_F(VitalsSamplerTest, DoNotKnowALagWithoutAnEnd) {
  reading_.partitions.clear();
  log_end(0, base::Offset::kInvalid);
  const Vitals vitals = sampler().look();

  EXPECT_FALSE(vitals.lag);
  EXPECT_FALSE(vitals.partitions[0].end);
  EXPECT_FALSE(vitals.partitions[0].lag);
}

TEST_F(VitalsSamplerTest, ShowTheFlow) {
  flow_.phase = report::Phase::kDraining;
  flow_.settled.batches = 3;
  flow_.settled.input_bytes = 4;
  flow_.settled.output_bytes = 5;
  flow_.settled.stages[1].add(milliseconds{1});
  flow_.batches_processing = 6;
  flow_.batches_queued = 7;
  flow_.batches_processed = 9;
  flow_.batches_unsettled = 8;
  flow_.memory_limit = 9;
  flow_.memory_charged = 10;
  flow_.commits.times.add(milliseconds{1});
  flow_.commits.failed = 11;
  flow_.commits.last = now_ - milliseconds{250};
  flow_.rebalances = 12;
  flow_.rewinds = 13;
  flow_.samples.resize(2);
  progress_.budget_spent = true;
  const Vitals vitals = sampler().look();

  EXPECT_EQ(vitals.phase, report::Phase::kDraining);
  EXPECT_EQ(vitals.batches, 3U);
  EXPECT_EQ(vitals.input_bytes, 4U);
  EXPECT_EQ(vitals.output_bytes, 5U);
  EXPECT_EQ(vitals.stages[1].count(), 1U);
  EXPECT_EQ(vitals.batches_processing, 6U);
  EXPECT_EQ(vitals.batches_queued, 7U);
  EXPECT_EQ(vitals.batches_processed, 9U);
  EXPECT_EQ(vitals.batches_unsettled, 8U);
  EXPECT_EQ(vitals.batch_memory_bytes, 9U);
  EXPECT_EQ(vitals.batch_memory_used, 10U);
  EXPECT_EQ(vitals.commits.count(), 1U);
  EXPECT_EQ(vitals.commits_failed, 11U);
  EXPECT_EQ(vitals.since_commit, milliseconds{250});
  EXPECT_EQ(vitals.rebalances, 12U);
  EXPECT_EQ(vitals.rewinds, 13U);
  EXPECT_EQ(vitals.samples.size(), 2U);
  EXPECT_TRUE(vitals.budget_spent);
}

TEST_F(VitalsSamplerTest, AskSeldomHowLargeTheInsightsAre) {
  VitalsSampler sampler = this->sampler();
  EXPECT_EQ(sampler.look().state_bytes, 1U);
  now_ += milliseconds{4'999};
  EXPECT_EQ(sampler.look().state_bytes, 1U);
  now_ += milliseconds{1};
  EXPECT_EQ(sampler.look().state_bytes, 2U);
}

}  // namespace
}  // namespace millrace::app
