// SPDX-License-Identifier: Apache-2.0
#include "engine/app/alert_sampler.h"

#include <utility>

#include <gtest/gtest.h>

namespace millrace::app {
namespace {

using Kind = report::AlertMeasure::Kind;
using Time = AlertSampler::Time;
using report::Alert;
using report::AlertRule;
using report::AlertState;
using std::chrono::milliseconds;
using std::chrono::seconds;

AlertRule above_a_hundred(Kind kind) {
  AlertRule rule;
  rule.name = "a";
  rule.measure.kind = kind;
  rule.measure.insight = "users";
  if (kind == Kind::kCount) rule.measure.over = std::chrono::minutes{1};
  rule.threshold = 100;
  rule.clear = 80;
  return rule;
}

// Counts the questions; time passes while insights are asked for, and where a test says so.
class World {
 public:
  World() { insight_.name = "users"; }

  AlertSampler::Seams seams() {
    return {[this] { return counts; },
            [this] {
              ++lag_asked;
              return lag;
            },
            [this]() -> std::optional<std::vector<insights::Result>> {
              ++insights_asked;
              now += insights_take;
              if (!users) return std::nullopt;
              return results();
            },
            [this] { return now; }};
  }

  [[nodiscard]] std::vector<insights::Result> results() const {
    std::vector<insights::Result> results(1);
    results[0].insight = &insight_;
    results[0].value = insights::CountResult{users.value_or(0)};
    return results;
  }

  report::OutcomeCounts counts;
  std::optional<uint64_t> lag;
  std::optional<uint64_t> users;
  milliseconds insights_take{0};
  int lag_asked = 0;
  int insights_asked = 0;
  Time now = Time{} + std::chrono::hours{1};

 private:
  insights::Insight insight_;
};

TEST(AlertSampler, AsksOnlyForWhatAlertsAreAbout) {
  World world;
  AlertSampler counts(world.seams(), {above_a_hundred(Kind::kCount)});
  static_cast<void>(counts.look());
  EXPECT_EQ(world.lag_asked, 0);
  EXPECT_EQ(world.insights_asked, 0);
  AlertSampler lag(world.seams(), {above_a_hundred(Kind::kCount), above_a_hundred(Kind::kLag)});
  static_cast<void>(lag.look());
  EXPECT_EQ(world.lag_asked, 1);
  EXPECT_EQ(world.insights_asked, 0);
}

TEST(AlertSampler, TellsWhatFiresByEachMeasure) {
  World world;
  AlertSampler sampler(world.seams(), {above_a_hundred(Kind::kCount), above_a_hundred(Kind::kLag),
                                       above_a_hundred(Kind::kInsight)});
  EXPECT_TRUE(sampler.look().empty());
  world.counts.consumed = 101;
  world.lag = 102;
  world.users = 103;
  world.now += seconds{1};
  const std::vector<Alert> alerts = sampler.look();
  ASSERT_EQ(alerts.size(), 3U);
  for (size_t i = 0; i < alerts.size(); ++i) {
    EXPECT_EQ(alerts[i].state, AlertState::kFiring);
    EXPECT_EQ(alerts[i].value, 101.0 + static_cast<double>(i));
  }
}

TEST(AlertSampler, AsksForInsightsSeldom) {
  World world;
  world.users = 50;
  AlertSampler sampler(world.seams(), {above_a_hundred(Kind::kInsight)});
  for (int i = 0; i < 25; ++i) {
    EXPECT_TRUE(sampler.look().empty());
    EXPECT_EQ(world.insights_asked, 1 + i / 10) << i;
    EXPECT_EQ(sampler.alerts()[0].value, 50);
    world.now += seconds{1};
  }
}

// A second of merging in every fifty.
TEST(AlertSampler, AsksTheMoreSeldomTheLongerItTakes) {
  World world;
  world.users = 50;
  world.insights_take = seconds{1};
  AlertSampler sampler(world.seams(), {above_a_hundred(Kind::kInsight)});
  for (int i = 0; i < 101; ++i) {
    static_cast<void>(sampler.look());
    EXPECT_EQ(world.insights_asked, i < 49 ? 1 : i < 98 ? 2 : 3) << i;
    world.now += seconds{1};
  }
}

TEST(AlertSampler, AsksAgainSoonWhereThereIsNoPartitionYet) {
  World world;
  AlertSampler sampler(world.seams(), {above_a_hundred(Kind::kInsight)});
  static_cast<void>(sampler.look());
  EXPECT_FALSE(sampler.alerts()[0].value);
  world.now += seconds{1};
  world.users = 101;
  EXPECT_EQ(sampler.look().size(), 1U);
}

TEST(AlertSampler, TakesWhatInsightsAreInsteadOfAsking) {
  World world;
  world.users = 50;
  AlertSampler sampler(world.seams(), {above_a_hundred(Kind::kInsight)});
  static_cast<void>(sampler.look());
  world.users = 101;
  const std::vector<insights::Result> results = world.results();
  EXPECT_EQ(sampler.look(&results).size(), 1U);
  EXPECT_EQ(world.insights_asked, 1);
}

}  // namespace
}  // namespace millrace::app
