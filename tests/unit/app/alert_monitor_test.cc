// SPDX-License-Identifier: Apache-2.0
#include "engine/app/alert_monitor.h"

#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace millrace::app {
namespace {

using report::AlertState;
using std::chrono::milliseconds;

// A lag that tests set, a count of the looks, and the records that were published.
class World {
 public:
  AlertMonitor::Seams seams() {
    AlertMonitor::Seams seams;
    seams.sampled.counts = [] { return report::OutcomeCounts{}; };
    seams.sampled.lag = [this] { return look(); };
    seams.sampled.insights = []() -> std::optional<std::vector<insights::Result>> { return {}; };
    seams.sampled.now = [] { return std::chrono::steady_clock::now(); };
    seams.publish = [this](io::CarriedRecord record) {
      const base::MutexLock lock(mutex_);
      published_.push_back(std::move(record));
    };
    seams.time_of_day = [] { return base::WallTime(std::chrono::milliseconds{1'500}); };
    return seams;
  }

  void set(uint64_t lag) {
    const base::MutexLock lock(mutex_);
    lag_ = lag;
  }

  [[nodiscard]] int looks() {
    const base::MutexLock lock(mutex_);
    return looks_;
  }

  [[nodiscard]] std::vector<io::CarriedRecord> published() {
    const base::MutexLock lock(mutex_);
    return published_;
  }

  // A look that began after the call is over when the next has begun.
  void wait_for_two_looks() {
    const base::MutexLock lock(mutex_);
    for (const int until = looks_ + 2; looks_ < until;) looked_.wait(mutex_);
  }

  static std::vector<report::AlertRule> rules(const std::string& topic) {
    report::AlertRule rule;
    rule.name = "late";
    rule.measure.text = "lag";
    rule.measure.kind = report::AlertMeasure::Kind::kLag;
    rule.threshold = 100;
    rule.clear = 80;
    rule.topic = topic;
    return {rule};
  }

 private:
  std::optional<uint64_t> look() {
    const base::MutexLock lock(mutex_);
    ++looks_;
    looked_.notify_all();
    return lag_;
  }

  base::Mutex mutex_;
  base::CondVar looked_;
  int looks_ GUARDED_BY(mutex_) = 0;
  uint64_t lag_ GUARDED_BY(mutex_) = 0;
  std::vector<io::CarriedRecord> published_ GUARDED_BY(mutex_);
};

TEST(AlertMonitor, SeesAndSendsWhatFiresAndWhatClears) {
  World world;
  AlertMonitor monitor(world.seams(), World::rules("alerts"), {"logins", "a"}, milliseconds{1});
  world.wait_for_two_looks();
  EXPECT_EQ(monitor.current().at(0).state, AlertState::kOk);
  world.set(101);
  world.wait_for_two_looks();
  EXPECT_EQ(monitor.current().at(0).state, AlertState::kFiring);
  world.set(3);
  world.wait_for_two_looks();
  EXPECT_EQ(monitor.current().at(0).state, AlertState::kOk);
  EXPECT_EQ(monitor.current().at(0).value, 3);

  const std::vector<io::CarriedRecord> records = world.published();
  ASSERT_EQ(records.size(), 2U);
  EXPECT_EQ(records[0].topic, "alerts");
  EXPECT_FALSE(records[0].partition);
  EXPECT_EQ(records[0].key, "late");
  EXPECT_EQ(records[0].value.value_or(""),
            R"({"pipeline":"logins","instance":"a","alert":"late","state":"firing",)"
            R"("measure":"lag","value":101,"threshold":100,"over_seconds":null,)"
            R"("at":"1970-01-01T00:00:01.500Z"})");
  EXPECT_NE(records[1].value.value_or("").find(R"("state":"cleared")"), std::string::npos);
}

TEST(AlertMonitor, SendsNothingWithoutATopic) {
  World world;
  world.set(101);
  AlertMonitor monitor(world.seams(), World::rules(""), {"logins", ""}, milliseconds{1});
  world.wait_for_two_looks();
  EXPECT_EQ(monitor.current().at(0).state, AlertState::kFiring);
  EXPECT_TRUE(world.published().empty());
}

TEST(AlertMonitor, KnowsItsAlertsBeforeTheFirstLook) {
  World world;
  const AlertMonitor monitor(world.seams(), World::rules(""), {"logins", ""}, milliseconds{1});
  EXPECT_EQ(monitor.current().size(), 1U);
}

// What changes in the last second is seen too, and once.
TEST(AlertMonitor, LooksALastTimeWhenItIsStopped) {
  World world;
  AlertMonitor monitor(world.seams(), World::rules("alerts"), {"logins", ""},
                       std::chrono::hours{1});
  world.set(101);
  monitor.stop();
  EXPECT_EQ(monitor.current().at(0).state, AlertState::kFiring);
  EXPECT_EQ(world.published().size(), 1U);
  const int looks = world.looks();
  world.set(0);
  monitor.stop();
  EXPECT_EQ(world.looks(), looks);
  EXPECT_EQ(monitor.current().at(0).state, AlertState::kFiring);
}

TEST(AlertMonitor, TakesTheInsightsOfTheEnd) {
  World world;
  std::vector<report::AlertRule> rules = World::rules("");
  rules[0].measure.kind = report::AlertMeasure::Kind::kInsight;
  rules[0].measure.insight = "users";
  AlertMonitor monitor(world.seams(), rules, {"logins", ""}, std::chrono::hours{1});
  insights::Insight insight;
  insight.name = "users";
  std::vector<insights::Result> results(1);
  results[0].insight = &insight;
  results[0].value = insights::CountResult{101};
  monitor.stop(&results);
  EXPECT_EQ(monitor.current().at(0).state, AlertState::kFiring);
}

// Between two looks it waits for as long as it is told to, but not for that when it ends.
TEST(AlertMonitor, DoesNotWaitForTheNextLookToEnd) {
  World world;
  const auto begin = std::chrono::steady_clock::now();
  {
    const AlertMonitor monitor(world.seams(), World::rules(""), {"logins", ""},
                               std::chrono::hours{1});
  }
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::minutes{1});
  EXPECT_LE(world.looks(), 1);
}

TEST(AlertMonitor, TellsFromOtherThreadsWhileItLooksAndIsStopped) {
  World world;
  world.set(101);
  AlertMonitor monitor(world.seams(), World::rules("alerts"), {"logins", ""}, milliseconds{0});
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&monitor, i] {
      for (int j = 0; j < 1000; ++j) {
        EXPECT_EQ(monitor.current().size(), 1U);
        if (i > 0 && j == 500) monitor.stop();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(world.published().size(), 1U);
}

}  // namespace
}  // namespace millrace::app
