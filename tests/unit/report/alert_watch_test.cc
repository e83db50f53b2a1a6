// SPDX-License-Identifier: Apache-2.0
#include "engine/report/alert_watch.h"

#include <random>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace millrace::report {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using Kind = AlertMeasure::Kind;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

AlertRule about_dead_letters(Kind kind, double threshold, double clear) {
  AlertRule rule;
  rule.name = "bad";
  rule.measure.text = "dead_letters";
  rule.measure.kind = kind;
  rule.measure.outcome = &OutcomeCounts::dead_lettered;
  rule.measure.over = minutes{5};
  rule.measure.over_text = "5m";
  rule.threshold = threshold;
  rule.clear = clear;
  return rule;
}

AlertRule about_lag(double threshold, double clear) {
  AlertRule rule;
  rule.name = "late";
  rule.measure.text = "lag";
  rule.measure.kind = Kind::kLag;
  rule.threshold = threshold;
  rule.clear = clear;
  return rule;
}

// A run that is looked at once a second.
class WatchedRun {
 public:
  explicit WatchedRun(std::vector<AlertRule> rules) : watch_(std::move(rules)) { look(); }

  explicit WatchedRun(AlertRule rule) : WatchedRun(std::vector<AlertRule>{std::move(rule)}) {}

  // A second, in which so many records are consumed. Returns "NAME STATE" of what changed.
  std::vector<std::string> second(uint64_t consumed, uint64_t dead_lettered) {
    sample_.counts.consumed += consumed;
    sample_.counts.dead_lettered += dead_lettered;
    now_ += seconds{1};
    return look();
  }

  std::vector<std::string> quiet(int count) {
    std::vector<std::string> changes;
    for (int i = 0; i < count; ++i)
      for (std::string& change : second(0, 0)) changes.push_back(std::move(change));
    return changes;
  }

  std::vector<std::string> lag(std::optional<uint64_t> lag) {
    sample_.lag = lag;
    return second(0, 0);
  }

  std::vector<std::string> insights(const std::vector<insights::Result>& results) {
    sample_.insights = &results;
    std::vector<std::string> changes = second(0, 0);
    sample_.insights = nullptr;
    return changes;
  }

  [[nodiscard]] const Alert& alert(size_t i = 0) const { return watch_.current().at(i); }

 private:
  std::vector<std::string> look() {
    std::vector<std::string> changes;
    for (const Alert& alert : watch_.observe(sample_, now_))
      changes.push_back(alert.rule.name + " " + std::string(name_of(alert.state)));
    return changes;
  }

  AlertWatch watch_;
  AlertSample sample_;
  AlertWatch::Time now_ = AlertWatch::Time{} + std::chrono::hours{1};
};

TEST(AlertWatch, AShareFiresAboveAndClearsBelowItsOwnLine) {
  WatchedRun run(about_dead_letters(Kind::kShare, 0.05, 0.04));
  EXPECT_EQ(run.alert().state, AlertState::kOk);
  EXPECT_FALSE(run.alert().value);

  EXPECT_THAT(run.second(100, 5), IsEmpty());  // 5 % is not above 5 %
  EXPECT_DOUBLE_EQ(run.alert().value.value_or(0), 0.05);
  EXPECT_THAT(run.second(100, 6), ElementsAre("bad firing"));
  EXPECT_DOUBLE_EQ(run.alert().value.value_or(0), 0.055);
  EXPECT_THAT(run.second(100, 0), ElementsAre("bad ok"));  // 11 of 300
  EXPECT_THAT(run.second(0, 0), IsEmpty());
}

TEST(AlertWatch, BetweenTheLinesItStaysWhatItIs) {
  WatchedRun run(about_lag(100, 80));
  for (const uint64_t lag : {81U, 100U, 90U, 100U}) EXPECT_THAT(run.lag(lag), IsEmpty()) << lag;
  EXPECT_THAT(run.lag(101), ElementsAre("late firing"));
  for (const uint64_t lag : {100U, 81U, 99U, 101U, 82U})
    EXPECT_THAT(run.lag(lag), IsEmpty()) << lag;
  EXPECT_THAT(run.lag(80), ElementsAre("late ok"));
  for (const uint64_t lag : {81U, 100U, 90U, 0U}) EXPECT_THAT(run.lag(lag), IsEmpty()) << lag;
}

// Noise around the threshold that is smaller than the way to `clear` makes one change at most.
TEST(AlertWatch, NothingFlapsAtTheThreshold) {
  const unsigned seed = 20'261'121;
  std::mt19937 random(seed);
  for (const bool above : {true, false}) {
    AlertRule rule = about_lag(1000, above ? 800 : 1250);
    rule.above = above;
    WatchedRun run(rule);
    size_t changes = 0;
    for (int i = 0; i < 10'000; ++i) changes += run.lag(801 + random() % 400).size();
    EXPECT_EQ(changes, 1U) << "seed " << seed;
    EXPECT_EQ(run.alert().state, AlertState::kFiring);
  }
}

TEST(AlertWatch, BelowIsTheOtherWayRound) {
  AlertRule rule = about_lag(100, 125);
  rule.above = false;
  WatchedRun run(rule);
  EXPECT_THAT(run.lag(100), IsEmpty());
  EXPECT_THAT(run.lag(99), ElementsAre("late firing"));
  EXPECT_THAT(run.lag(124), IsEmpty());
  EXPECT_THAT(run.lag(125), ElementsAre("late ok"));
}

TEST(AlertWatch, AThresholdOfZeroFiresAtOneAndClearsAtNone) {
  WatchedRun run(about_lag(0, 0));
  EXPECT_THAT(run.lag(0), IsEmpty());
  EXPECT_THAT(run.lag(1), ElementsAre("late firing"));
  EXPECT_THAT(run.lag(0), ElementsAre("late ok"));
}

TEST(AlertWatch, AFewRecordsAreNoShare) {
  WatchedRun run(about_dead_letters(Kind::kShare, 0.05, 0.04));
  EXPECT_THAT(run.second(AlertWatch::kShareRecordsMin - 1, AlertWatch::kShareRecordsMin - 1),
              IsEmpty());
  EXPECT_EQ(run.alert().state, AlertState::kOk);
  EXPECT_DOUBLE_EQ(run.alert().value.value_or(0), 1);  // it is shown all the same
  EXPECT_THAT(run.second(1, 0), ElementsAre("bad firing"));
}

// A topic that is quiet has as many as a share needs, and not any more, all the time.
TEST(AlertWatch, AShareThatFiresStaysWhileAnyRecordOfThePeriodIsBad) {
  WatchedRun run(about_dead_letters(Kind::kShare, 0.05, 0.04));
  EXPECT_THAT(run.second(19, 19), IsEmpty());
  EXPECT_THAT(run.second(1, 1), ElementsAre("bad firing"));
  EXPECT_THAT(run.quiet(298), IsEmpty());
  EXPECT_THAT(run.quiet(1), IsEmpty());  // the 19 are gone, and one is left
  EXPECT_DOUBLE_EQ(run.alert().value.value_or(0), 1);
  EXPECT_THAT(run.quiet(1), ElementsAre("bad ok"));  // none
  EXPECT_FALSE(run.alert().value);
  EXPECT_THAT(run.quiet(1000), IsEmpty());
}

TEST(AlertWatch, ACountCountsItsPeriodAlone) {
  WatchedRun run(about_dead_letters(Kind::kCount, 10, 8));
  EXPECT_THAT(run.second(10, 10), IsEmpty());
  EXPECT_THAT(run.second(1, 1), ElementsAre("bad firing"));
  EXPECT_DOUBLE_EQ(run.alert().value.value_or(0), 11);
  EXPECT_THAT(run.quiet(298), IsEmpty());
  EXPECT_DOUBLE_EQ(run.alert().value.value_or(0), 11);
  EXPECT_THAT(run.quiet(1), ElementsAre("bad ok"));
  EXPECT_DOUBLE_EQ(run.alert().value.value_or(-1), 1);
}

TEST(AlertWatch, ARateIsOverThePeriod) {
  WatchedRun run(about_dead_letters(Kind::kRate, 1, 0.8));
  // 300 in 5 minutes are 1 a second, also before these have passed.
  EXPECT_THAT(run.second(300, 300), IsEmpty());
  EXPECT_DOUBLE_EQ(run.alert().value.value_or(0), 1);
  EXPECT_THAT(run.second(300, 1), ElementsAre("bad firing"));
  // And from then on as many as there are.
  for (int i = 0; i < 600; ++i) static_cast<void>(run.second(3, 3));
  EXPECT_DOUBLE_EQ(run.alert().value.value_or(0), 3);
  EXPECT_EQ(run.alert().state, AlertState::kFiring);
}

TEST(AlertWatch, BelowIsJudgedOnceAPeriodHasPassed) {
  for (const Kind kind : {Kind::kRate, Kind::kCount}) {
    AlertRule rule = about_dead_letters(kind, 5, 6);
    rule.measure.outcome = &OutcomeCounts::consumed;
    rule.above = false;
    WatchedRun run(rule);
    EXPECT_THAT(run.quiet(299), IsEmpty());
    EXPECT_THAT(run.quiet(1), ElementsAre("bad firing"));
  }
}

TEST(AlertWatch, HoldsForAsLongAsItIsTold) {
  AlertRule rule = about_lag(100, 80);
  rule.hold = seconds{3};
  WatchedRun run(rule);
  EXPECT_THAT(run.lag(101), IsEmpty());
  EXPECT_EQ(run.alert().state, AlertState::kPending);
  EXPECT_THAT(run.lag(101), IsEmpty());
  EXPECT_THAT(run.lag(101), IsEmpty());
  EXPECT_THAT(run.lag(100), IsEmpty());  // once back, it begins anew
  EXPECT_EQ(run.alert().state, AlertState::kOk);
  for (int i = 0; i < 3; ++i) EXPECT_THAT(run.lag(500), IsEmpty());
  EXPECT_THAT(run.lag(101), ElementsAre("late firing"));
  EXPECT_THAT(run.lag(80), ElementsAre("late ok"));  // clears at once
}

TEST(AlertWatch, WhatIsNotKnownChangesNothing) {
  WatchedRun run(about_lag(100, 80));
  EXPECT_THAT(run.lag({}), IsEmpty());
  EXPECT_EQ(run.alert().state, AlertState::kOk);
  EXPECT_THAT(run.lag(101), ElementsAre("late firing"));
  EXPECT_THAT(run.lag({}), IsEmpty());
  EXPECT_EQ(run.alert().state, AlertState::kFiring);
  EXPECT_FALSE(run.alert().value);
  EXPECT_THAT(run.lag(80), ElementsAre("late ok"));
}

TEST(AlertWatch, AlertsDoNotTouchEachOther) {
  AlertRule severe = about_lag(1000, 800);
  severe.name = "very late";
  WatchedRun run({about_lag(100, 80), severe, about_dead_letters(Kind::kCount, 0, 0)});
  EXPECT_THAT(run.lag(500), ElementsAre("late firing"));
  EXPECT_THAT(run.lag(5000), ElementsAre("very late firing"));
  EXPECT_THAT(run.second(1, 1), ElementsAre("bad firing"));
  EXPECT_THAT(run.lag(0), ElementsAre("late ok", "very late ok"));
  EXPECT_EQ(run.alert(2).state, AlertState::kFiring);
}

class InsightAlert : public ::testing::Test {
 protected:
  InsightAlert() {
    insights_[0].name = "users";
    insights_[1].name = "amounts";
    insights_[1].quantiles = {0.5, 0.99};
  }

  static AlertRule rule(const std::string& insight, std::optional<double> quantile) {
    AlertRule rule = about_lag(100, 80);
    rule.measure.kind = Kind::kInsight;
    rule.measure.insight = insight;
    rule.measure.quantile = quantile;
    return rule;
  }

  std::vector<insights::Result> results(insights::ResultValue users,
                                        insights::ResultValue amounts = {}) {
    std::vector<insights::Result> results(2);
    results[0].insight = insights_.data();
    results[0].value = std::move(users);
    results[1].insight = &insights_[1];
    results[1].value = std::move(amounts);
    return results;
  }

  std::vector<insights::Insight> insights_{2};
};

TEST_F(InsightAlert, IsAboutTheInsightsNumber) {
  const std::vector<insights::ResultValue> above = {
      insights::CountResult{101}, insights::DistinctResult{101, 90, 110, false},
      insights::NumberResult{insights::Number(int64_t{101})},
      insights::NumberResult{insights::Number(100.5)}, insights::RateResult{101, 60}};
  for (size_t i = 0; i < above.size(); ++i) {
    WatchedRun run(rule("users", {}));
    EXPECT_THAT(run.insights(results(insights::CountResult{100})), IsEmpty()) << i;
    EXPECT_THAT(run.insights(results(above[i])), ElementsAre("late firing")) << i;
    EXPECT_THAT(run.insights(results(insights::CountResult{80})), ElementsAre("late ok")) << i;
  }
}

TEST_F(InsightAlert, IsAboutOneOfTheQuantiles) {
  WatchedRun run(rule("amounts", 0.99));
  const auto quantiles = [this](std::vector<double> values) {
    return results({}, insights::QuantilesResult{std::move(values), 0.01});
  };
  EXPECT_THAT(run.insights(quantiles({})), IsEmpty());  // nothing was counted
  EXPECT_FALSE(run.alert().value);
  EXPECT_THAT(run.insights(quantiles({200, 99})), IsEmpty());
  EXPECT_THAT(run.insights(quantiles({0, 101})), ElementsAre("late firing"));
  EXPECT_DOUBLE_EQ(run.alert().value.value_or(0), 101);
}

TEST_F(InsightAlert, HasTheLastValueUntilTheNext) {
  AlertRule held = rule("users", {});
  held.hold = seconds{3};
  WatchedRun run(held);
  EXPECT_THAT(run.insights(results(insights::CountResult{101})), IsEmpty());
  EXPECT_THAT(run.quiet(2), IsEmpty());
  EXPECT_DOUBLE_EQ(run.alert().value.value_or(0), 101);
  EXPECT_THAT(run.quiet(1), ElementsAre("late firing"));
}

TEST_F(InsightAlert, ChangesNothingWithoutANumber) {
  WatchedRun run(rule("users", {}));
  for (const insights::ResultValue& value :
       {insights::ResultValue(insights::NumberResult{}),
        insights::ResultValue(insights::TopResult{}),
        // Not over its minute yet.
        insights::ResultValue(insights::RateResult{5000, 59})}) {
    EXPECT_THAT(run.insights(results(value)), IsEmpty());
    EXPECT_FALSE(run.alert().value);
  }
  EXPECT_THAT(run.insights({}), IsEmpty());
}

}  // namespace
}  // namespace millrace::report
