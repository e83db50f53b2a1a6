// SPDX-License-Identifier: Apache-2.0
// What insights write to topics: closed windows go out exactly once, whatever happens between two
// commits, and totals with the last commit of a run.
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/flow/flow_fixture.h"

namespace millrace::tests {
namespace {

using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr int kPartitions = 2;
constexpr int64_t kRecords = 300;
// As the fake source's timestamps: 2023-11-14T22:13:20Z.
constexpr int64_t kFirstTime = 1'700'000'000;

// Four records for each second, most of them in order; a few come so late that their window has
// closed, and one is of another day.
std::vector<FakeRecord> timed_records(int32_t partition) {
  std::vector<FakeRecord> made;
  std::mt19937 random(static_cast<uint32_t>(partition) + 7);
  for (int64_t n = 0; n < kRecords; ++n) {
    int64_t time = kFirstTime + n / 4 - static_cast<int64_t>(random() % 3);
    if (n % 40 == 39) time -= 30;
    if (n == 150) time += 86'400;
    FakeRecord record;
    record.offset = n;
    record.value = fmt::format(R"({{"n":{},"device":"d{}","t":{}}})", n, random() % 3, time);
    made.push_back(std::move(record));
  }
  return made;
}

config::PipelineConfig windowed_pipeline() {
  config::PipelineConfig config = small_pipeline();
  config::InsightConfig& counts =
      add_insight(config, config::InsightKind::kCountBy, "per_window", "device");
  counts.window.emplace();
  counts.window->every = counts.window->hop = seconds(10);
  counts.window->grace = seconds(2);
  counts.window->on = field_path("t");
  counts.window->max_ahead = std::chrono::hours(1);
  counts.topic = config::InsightTopicConfig{{"windows", {}}, {}, {}};

  config::InsightConfig& total =
      add_insight(config, config::InsightKind::kCountBy, "total", "device");
  total.topic = config::InsightTopicConfig{
      {"totals", {}},
      std::chrono::hours(1),
      {{"sums", config::RecordSource::kCounts}, {"final", config::RecordSource::kFinal}}};
  return config;
}

class DurableWindows : public ::testing::TestWithParam<flow::SettleAt> {
 protected:
  static std::unique_ptr<FlowFixture> fixture() {
    auto made = std::make_unique<FlowFixture>(windowed_pipeline());
    if (GetParam() == flow::SettleAt::kCommit) made->exactly_once();
    for (int partition = 0; partition < kPartitions; ++partition)
      made->add(partition, timed_records(partition));
    made->durable();
    return made;
  }

  // Those on one topic, as "KEY VALUE", of one input partition in order where `partition` is given.
  static std::vector<std::string> published(const FlowFixture& fixture, const std::string& topic) {
    std::vector<std::string> all;
    for (const io::CarriedRecord& record : fixture.state.published())
      if (record.topic == topic) all.push_back(record.key + " " + record.value.value_or("-"));
    std::stable_sort(all.begin(), all.end(), [](const std::string& a, const std::string& b) {
      return a.substr(0, a.find('/', a.find('/', 11) + 1)) <
             b.substr(0, b.find('/', b.find('/', 11) + 1));
    });
    return all;
  }
};

TEST_P(DurableWindows, GoOutOnceWhereverItDies) {
  const auto whole = fixture();
  EXPECT_EQ(whole->run().code, base::ExitCode::kClean);
  EXPECT_EQ(whole->broken(), "");
  const std::vector<std::string> expected = published(*whole, "windows");
  // 75 s of them, in two partitions, with three groups each.
  ASSERT_GT(expected.size(), 30U);

  const auto seed = static_cast<uint32_t>(std::random_device{}());
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  for (int round = 0; round < 30; ++round) {
    FlowFixture survivor;
    for (int lives = 0;; ++lives) {
      const auto life = fixture();
      life->group.take_over(survivor.group);
      life->state.take_over(survivor.state);
      life->options.batch_records_max = 1 + random() % 20;
      life->options.workers = 1 + random() % 3;
      life->source.burst = 1 + random() % 20;
      life->options.durable->every = std::chrono::milliseconds(random() % 3 == 0 ? 10'000 : 1);
      const int dies_after = lives < 6 ? static_cast<int>(random() % 5) : 1000;
      int commits = 0;
      life->committer.on_commit = [&](std::span<const io::PartitionCommit>) {
        if (++commits > dies_after) return;
        survivor.group.take_over(life->group);
        survivor.state.take_over(life->state);
      };
      EXPECT_EQ(life->run().code, base::ExitCode::kClean);
      EXPECT_EQ(life->broken(), "");
      if (commits > dies_after) continue;
      EXPECT_EQ(published(*life, "windows"), expected) << "after " << lives << " kills";
      break;
    }
  }
}

TEST_P(DurableWindows, SurviveRebalancesAndRefusedCommits) {
  const auto whole = fixture();
  whole->run();
  for (int round = 0; round < 10; ++round) {
    const auto run = fixture();
    run->options.batch_records_max = static_cast<size_t>(3 + round);
    int commits = 0;
    run->committer.on_commit = [&](std::span<const io::PartitionCommit>) {
      ++commits;
      if (commits == 1) run->committer.fail_next = 1;
      if (commits == 2) run->source.rebalance();
      if (commits == 3) run->source.rebalance(/*lost=*/true);
    };
    EXPECT_EQ(run->run().code, base::ExitCode::kClean);
    EXPECT_EQ(run->broken(), "");
    EXPECT_EQ(published(*run, "windows"), published(*whole, "windows"));
  }
}

TEST_P(DurableWindows, TheTotalOfARunIsWrittenAtItsEnd) {
  const auto run = fixture();
  run->run();
  std::vector<std::string> totals = published(*run, "totals");
  ASSERT_EQ(totals.size(), 1U);
  EXPECT_THAT(totals[0], HasSubstr(R"("final":true)"));
  uint64_t sum = 0;
  for (const char* device : {"d0", "d1", "d2"}) {
    const size_t at = totals[0].find(fmt::format("\"{}\":", device));
    ASSERT_NE(at, std::string::npos) << totals[0];
    sum += std::stoull(totals[0].substr(at + 5));
  }
  EXPECT_EQ(sum, static_cast<uint64_t>(kPartitions * kRecords));
}

// Totals need a partition to go with, and one that was refused is none.
TEST_P(DurableWindows, TheTotalGoesWithoutAPartitionThatWasRefused) {
  for (const int moved : {1, kPartitions}) {
    const auto first = fixture();
    for (int partition = 0; partition < kPartitions; ++partition)
      (*first->options.until)[{"in", partition}] = base::Offset{kRecords / 2};
    first->run();
    const auto second = fixture();
    second->group.take_over(first->group);
    second->state.take_over(first->state);
    for (int partition = 0; partition < moved; ++partition)
      second->group.commit({"in", partition}, base::Offset{50});
    EXPECT_EQ(second->run().code, base::ExitCode::kDataProtected);
    EXPECT_THAT(second->report().ended_by, HasSubstr("on_moved_offsets"));
    const std::vector<std::string> totals = published(*second, "totals");
    if (moved == kPartitions) {
      EXPECT_EQ(second->state.appended(), 0U);
    } else {
      EXPECT_EQ(totals.size(), published(*first, "totals").size() + 1);
    }
  }
}

TEST_P(DurableWindows, TotalsAreWrittenByTheClock) {
  config::PipelineConfig config = windowed_pipeline();
  config.insights.back().topic->every = std::chrono::milliseconds(1);
  FlowFixture run(config);
  if (GetParam() == flow::SettleAt::kCommit) run.exactly_once();
  run.add(0, timed_records(0));
  run.durable();
  run.options.until.reset();
  run.start();
  run.state.wait_for_published("totals", 5);
  run.flow().stop("test");
  run.finish();
  EXPECT_EQ(run.broken(), "");
  EXPECT_THAT(run.state.published().back().value.value(), HasSubstr(R"("final":true)"));
}

TEST_P(DurableWindows, IdleOnesCloseByTheClock) {
  config::PipelineConfig config = windowed_pipeline();
  config.insights[config.insights.size() - 2].window->close_idle_after =
      std::chrono::milliseconds(50);
  FlowFixture run(config);
  if (GetParam() == flow::SettleAt::kCommit) run.exactly_once();
  run.add(0, timed_records(0));
  run.durable();
  run.options.until.reset();
  run.start();
  // The last window of the input: nothing in it closes that one.
  run.state.wait_for_published("windows", 1, "22:14:40Z");
  run.flow().stop("test");
  run.finish();
  EXPECT_EQ(run.broken(), "");

  // What the clock closed stays closed.
  FlowFixture again(config);
  again.group.take_over(run.group);
  again.state.take_over(run.state);
  if (GetParam() == flow::SettleAt::kCommit) again.exactly_once();
  again.add(0, timed_records(0));
  again.durable();
  const size_t before = published(run, "windows").size();
  again.run();
  EXPECT_EQ(published(again, "windows").size(), before);
}

INSTANTIATE_TEST_SUITE_P(
    Guarantees, DurableWindows,
    ::testing::Values(flow::SettleAt::kAcknowledgement, flow::SettleAt::kCommit),
    [](const auto& name) {
      return std::string(name.param == flow::SettleAt::kCommit ? "ExactlyOnce" : "AtLeastOnce");
    });

}  // namespace
}  // namespace millrace::tests
