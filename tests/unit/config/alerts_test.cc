// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "tests/unit/config/loading.h"

namespace millrace::config {
namespace {

using Kind = AlertMeasure::Kind;
using std::chrono::milliseconds;
using std::chrono::seconds;

const std::string kInsights =
    "insights: [{count: records, name: n}, {distinct: a, name: d}, {sum: b, name: s}, "
    "{quantiles: {of: c, at: [0.5, 0.999]}, name: q}, {count_by: e, name: by_e}, "
    "{distinct: f, by: g, name: d_by_g}, {window: {every: 1m, on: t, sum: b, name: w}}]\n";

// One alert, in line 7.
std::string with_alert(const std::string& members) {
  return smallest_with("alerts: [{" + members + "}]\n");
}

AlertConfig alert_of(const std::string& members) {
  const PipelineConfig config = config_of(with_alert(members) + kInsights);
  EXPECT_EQ(config.alerts.size(), 1U) << members;
  return config.alerts.empty() ? AlertConfig() : config.alerts[0];
}

// What is wrong with one `when`, without its place.
std::string wrong(const std::string& when) {
  const std::vector<std::string> lines =
      problems_in(with_alert("when: '" + when + "'") + kInsights);
  static const std::string kBefore = "p.yaml:7:17: ";
  EXPECT_EQ(lines.size(), 1U) << when << ": " << ::testing::PrintToString(lines);
  if (lines.empty()) return "";
  EXPECT_EQ(lines[0].substr(0, kBefore.size()), kBefore);
  return lines[0].substr(kBefore.size());
}

TEST(Alerts, EveryKeyIsRead) {
  const AlertConfig alert =
      alert_of("name: bad, when: dead_letters.share > 5% over 5m, clear: 4.5%, for: 30s, topic: t");

  EXPECT_EQ(alert.name, "bad");
  EXPECT_EQ(alert.measure.text, "dead_letters.share");
  EXPECT_EQ(alert.measure.kind, Kind::kShare);
  EXPECT_EQ(alert.measure.outcome, AlertOutcome::kDeadLetters);
  EXPECT_TRUE(alert.above);
  EXPECT_DOUBLE_EQ(alert.threshold, 0.05);
  EXPECT_DOUBLE_EQ(alert.clear, 0.045);
  EXPECT_EQ(alert.over, seconds{300});
  EXPECT_EQ(alert.hold, seconds{30});
  EXPECT_EQ(alert.topic->value, "t");
  EXPECT_EQ(alert.place.line, 7);
  EXPECT_EQ(alert.place.column, 10);
}

TEST(Alerts, OnlyWhenIsRequired) {
  const AlertConfig alert = alert_of("when: consumed.rate < 10 over 1s");
  EXPECT_EQ(alert.name, "consumed.rate");
  EXPECT_FALSE(alert.above);
  EXPECT_EQ(alert.hold, milliseconds{0});
  EXPECT_FALSE(alert.topic);
  EXPECT_THAT(problems_in(with_alert("name: a")),
              ElementsAre("p.yaml:7:10: the key 'when' is missing in 'alerts'; write 'when: "
                          "dead_letters.share > 5% over 5m'"));
}

TEST(Alerts, AKeyForOneIsTheSame) {
  const PipelineConfig config =
      config_of(smallest_with("alert: {when: filtered.count > 7 over 24h}\n"));
  ASSERT_EQ(config.alerts.size(), 1U);
  EXPECT_EQ(config.alerts[0].measure.text, "filtered.count");
  EXPECT_THAT(problems_in(smallest_with("alert: {when: lag > 1}\nalerts: []\n")),
              ElementsAre("p.yaml:7:1: 'alert' and 'alerts' are both there; write all of them into "
                          "'alerts'"));
  EXPECT_THAT(problems_in(smallest_with("alert: {when: lag > 1, wen: 1}\n")),
              ElementsAre(HasSubstr("unknown key 'wen' in 'alert'; did you mean 'when'?")));
}

TEST(Alerts, EveryMeasureIsRead) {
  const std::vector<std::pair<std::string, AlertOutcome>> outcomes = {
      {"consumed", AlertOutcome::kConsumed},
      {"emitted", AlertOutcome::kEmitted},
      {"filtered", AlertOutcome::kFiltered},
      {"dead_letters", AlertOutcome::kDeadLetters}};
  for (const auto& [word, outcome] : outcomes) {
    if (outcome != AlertOutcome::kConsumed) {
      const AlertConfig share = alert_of("when: " + word + ".share > 0.5 % over 5 m");
      EXPECT_EQ(share.measure.kind, Kind::kShare);
      EXPECT_EQ(share.measure.outcome, outcome);
      EXPECT_DOUBLE_EQ(share.threshold, 0.005);
    }
    const AlertConfig rate = alert_of("when: " + word + ".rate<0.25 over 90s");
    EXPECT_EQ(rate.measure.kind, Kind::kRate);
    EXPECT_EQ(rate.measure.outcome, outcome);
    EXPECT_DOUBLE_EQ(rate.threshold, 0.25);
    EXPECT_EQ(rate.over, seconds{90});
    const AlertConfig count = alert_of("when: " + word + ".count  >  100000  over  1h");
    EXPECT_EQ(count.measure.kind, Kind::kCount);
    EXPECT_EQ(count.measure.outcome, outcome);
    EXPECT_DOUBLE_EQ(count.threshold, 100'000);
  }
  EXPECT_EQ(alert_of("when: lag > 10000").measure.kind, Kind::kLag);
  EXPECT_EQ(alert_of("when: lag > 10000").over, milliseconds{0});
}

TEST(Alerts, AnInsightThatIsOneNumberIsAMeasure) {
  for (const char* const name : {"n", "d", "s"}) {
    const AlertConfig alert = alert_of(std::string("when: insight ") + name + " > -1.5");
    EXPECT_EQ(alert.measure.kind, Kind::kInsight);
    EXPECT_EQ(alert.measure.insight, name);
    EXPECT_FALSE(alert.measure.quantile);
    EXPECT_DOUBLE_EQ(alert.threshold, -1.5);
    EXPECT_EQ(alert.name, name);
  }
  const AlertConfig quantile = alert_of("when: insight q.p99.9 > 2");
  EXPECT_EQ(quantile.measure.insight, "q");
  EXPECT_DOUBLE_EQ(quantile.measure.quantile.value_or(0), 0.999);
  EXPECT_EQ(quantile.name, "q.p99.9");
  EXPECT_EQ(quantile.measure.text, "insight q.p99.9");
}

TEST(Alerts, WithoutClearTheyClearAFifthFromTheThreshold) {
  EXPECT_DOUBLE_EQ(alert_of("when: dead_letters.share > 5% over 1m").clear, 0.04);
  EXPECT_DOUBLE_EQ(alert_of("when: consumed.rate < 100 over 1m").clear, 125);
  EXPECT_DOUBLE_EQ(alert_of("when: dead_letters.count > 0 over 1m").clear, 0);
  // Of numbers below zero the good side is the other one.
  EXPECT_DOUBLE_EQ(alert_of("when: insight s > -100").clear, -125);
  EXPECT_DOUBLE_EQ(alert_of("when: insight s < -100").clear, -80);
  // No share is above 100 %: it could never clear.
  EXPECT_DOUBLE_EQ(alert_of("when: emitted.share < 90% over 1m").clear, 0.95);
  EXPECT_DOUBLE_EQ(alert_of("when: emitted.share < 20% over 1m").clear, 0.25);
  EXPECT_DOUBLE_EQ(alert_of("when: emitted.share < 100% over 1m").clear, 1);
}

TEST(Alerts, ClearLiesOnTheGoodSide) {
  EXPECT_DOUBLE_EQ(alert_of("when: lag > 100, clear: 100").clear, 100);
  EXPECT_DOUBLE_EQ(alert_of("when: emitted.rate < 100 over 1m, clear: 100").clear, 100);
  EXPECT_THAT(problems_in(with_alert("when: lag > 100, clear: 101")),
              ElementsAre("p.yaml:7:35: 'alerts.clear' must be at most 100, the threshold, so that "
                          "the alert is cleared on its good side, not '101'"));
  EXPECT_THAT(problems_in(with_alert("when: emitted.share < 50% over 1m, clear: 49%")),
              ElementsAre(HasSubstr("'alerts.clear' must be at least 50%, the threshold")));
  EXPECT_THAT(problems_in(with_alert("when: dead_letters.share > 5% over 1m, clear: 4")),
              ElementsAre(HasSubstr("'alerts.clear' must be a percentage from 0% to 100%, such as "
                                    "5%, not '4'")));
}

TEST(Alerts, WhatIsNoConditionIsAnError) {
  const std::string shape =
      "'alerts.when' must be a measure, > or <, and a threshold, such as dead_letters.share > 5% "
      "over 5m, not ";
  EXPECT_EQ(wrong("lag"), shape + "'lag'");
  EXPECT_EQ(wrong("lag >"), shape + "'lag >'");
  EXPECT_EQ(wrong("> 5"), shape + "'> 5'");
  EXPECT_EQ(wrong("lag = 5"), shape + "'lag = 5'");
  EXPECT_EQ(wrong("lag >= 5"),
            "'alerts.when' compares lag with '= 5'; it must be a whole number, such as 1000");
  EXPECT_THAT(problems_in(with_alert("when: [lag > 5]")),
              ElementsAre("p.yaml:7:17: " + shape + "a list"));
}

TEST(Alerts, AnUnknownMeasureNamesTheNearestOne) {
  EXPECT_EQ(wrong("dead_leters.share > 5% over 5m"),
            "unknown measure 'dead_leters.share' in 'alerts.when'; did you mean "
            "'dead_letters.share'?");
  EXPECT_EQ(wrong("consumed.share > 5% over 5m"),
            "'alerts.when' is about consumed.share, which is always 100%");
  EXPECT_THAT(wrong("latency > 5"),
              HasSubstr("unknown measure 'latency' in 'alerts.when'; known here: "
                        "dead_letters.share, dead_letters.rate, "));
  EXPECT_THAT(wrong("latency > 5"), HasSubstr("lag or insight NAME"));
}

TEST(Alerts, AThresholdIsOfItsMeasure) {
  const std::string share = "it must be a percentage from 0% to 100%, such as 5%";
  EXPECT_EQ(wrong("emitted.share > 5 over 5m"),
            "'alerts.when' compares emitted.share with '5'; " + share);
  EXPECT_THAT(wrong("emitted.share < 101% over 5m"), HasSubstr(share));
  EXPECT_EQ(wrong("emitted.rate > 5% over 5m"),
            "'alerts.when' compares emitted.rate with '5%'; it must be a number of records per "
            "second, such as 100 or 0.5");
  EXPECT_THAT(wrong("emitted.rate > -1 over 5m"), HasSubstr("with '-1'"));
  EXPECT_THAT(wrong("emitted.count > 1.5 over 5m"), HasSubstr("must be a whole number"));
  EXPECT_THAT(wrong("emitted.count > 9007199254740993 over 5m"), HasSubstr("a whole number"));
  EXPECT_THAT(wrong("insight n > 1e3"),
              HasSubstr("compares insight n with '1e3'; it must be a number, such as 100, 0.5"));
}

TEST(Alerts, AConditionThatNeverHoldsIsAnError) {
  EXPECT_EQ(wrong("emitted.share > 100% over 5m"),
            "'alerts.when' asks whether emitted.share is above 100%, which it can never be");
  EXPECT_EQ(wrong("emitted.share < 0% over 5m"),
            "'alerts.when' asks whether emitted.share is below 0%, which it can never be");
  EXPECT_THAT(wrong("emitted.rate < 0 over 5m"), HasSubstr("below 0, which it can never be"));
  EXPECT_THAT(wrong("lag < 0"), HasSubstr("below 0, which it can never be"));
  EXPECT_FALSE(alert_of("when: insight s < 0").above);
}

TEST(Alerts, APeriodIsSaidWhereThereIsOne) {
  EXPECT_EQ(wrong("emitted.rate < 5"),
            "'alerts.when' does not say over how long; write 'emitted.rate < 5 over 5m'");
  EXPECT_EQ(wrong("lag > 5 over 5m"), "'alerts.when' is about lag as it is now; leave out 'over'");
  EXPECT_EQ(wrong("insight n > 5 over 5m"),
            "'alerts.when' is about insight n as it is now; leave out 'over'");
  for (const char* const over : {"999ms", "86401s", "5", "5min", "1m over 1m"}) {
    EXPECT_EQ(wrong(std::string("emitted.rate > 5 over ") + over),
              std::string("'alerts.when' must be over a duration from 1s to 24h (a whole number "
                          "and ms, s, m or h), not '") +
                  over + "'");
  }
}

TEST(Alerts, AnInsightThatCannotBeWatchedIsAnError) {
  EXPECT_EQ(wrong("insight by_e > 5"),
            "'alerts.when' is about insight by_e, whose result is not one number; that of a count, "
            "distinct, sum, min, max, mean, rate or one of quantiles is");
  EXPECT_THAT(wrong("insight d_by_g > 5"), HasSubstr("whose result is not one number"));
  EXPECT_EQ(wrong("insight w > 5"),
            "'alerts.when' is about insight w, which has a result for each window; an alert needs "
            "one number");
  EXPECT_EQ(wrong("insight q > 5"),
            "'alerts.when' is about insight q, which has several numbers; name one of them: q.p50 "
            "or p99.9");
  EXPECT_EQ(wrong("insight q.p90 > 5"),
            "unknown insight 'q.p90' in 'alerts.when'; did you mean 'q.p50'?");
  EXPECT_THAT(wrong("insight n.p50 > 5"), HasSubstr("unknown insight 'n.p50'"));
  EXPECT_THAT(
      problems_in(with_alert("when: insight n > 5")),
      ElementsAre("p.yaml:7:17: 'alerts.when' is about insight 'n', and the pipeline has no "
                  "insight that is one number"));
}

// The alert's may be one of those that could not be read.
TEST(Alerts, ABrokenInsightIsTheOnlyProblem) {
  EXPECT_THAT(problems_in(with_alert("when: insight x > 5") +
                          "insights: [{count: record, name: x}, {sum: a}]\n"),
              ElementsAre(HasSubstr("'insights.count' must be records")));
}

TEST(Alerts, NamesAreDifferent) {
  EXPECT_THAT(problems_in(smallest_with("alerts:\n- when: lag > 5\n- when: lag > 50\n")),
              ElementsAre("p.yaml:9:3: two alerts are named 'lag' (the other in line 8); give one "
                          "of them another 'name'"));
  EXPECT_THAT(problems_in(smallest_with("alerts:\n- when: lag > 5\n- {when: lag > 50, name: x}\n")),
              IsEmpty());
  EXPECT_THAT(problems_in(with_alert("when: lag > 5, name: a b")),
              ElementsAre(HasSubstr("'alerts.name' must be 1 to 200 letters")));
}

TEST(Alerts, AreAtMostAHundred) {
  std::string alerts = "alerts:\n";
  for (int i = 0; i < 100; ++i) alerts += "- {name: a" + std::to_string(i) + ", when: lag > 5}\n";
  EXPECT_THAT(problems_in(smallest_with(alerts)), IsEmpty());
  EXPECT_THAT(problems_in(smallest_with(alerts + "- when: lag > 6\n")),
              ElementsAre("p.yaml:8:1: 'alerts' has more than 100 members"));
}

TEST(Alerts, WrongShapesAreErrors) {
  EXPECT_THAT(problems_in(smallest_with("alerts: {when: lag > 5}\n")),
              ElementsAre("p.yaml:7:9: 'alerts' must be a list of alerts, not a map"));
  EXPECT_THAT(problems_in(smallest_with("alerts: [lag > 5]\n")),
              ElementsAre("p.yaml:7:10: 'alerts' must be a map such as {when: dead_letters.share > "
                          "5% over 5m, clear: 4%}, not 'lag > 5'"));
  EXPECT_THAT(problems_in(with_alert("when: lag > 5, for: 25h")),
              ElementsAre(HasSubstr("'alerts.for' must be a duration from 0ms to 24h")));
  EXPECT_THAT(problems_in(smallest_with("alerts: []\n")), IsEmpty());
}

// It may be a secret.
TEST(Alerts, AMessageDoesNotShowWhatTheEnvironmentGives) {
  for (const char* const value : {"hunter2 > 5 over 5m", "emitted.rate > hunter2 over 5m",
                                  "emitted.rate > 5 over hunter2", "insight hunter2 > 1"}) {
    const std::vector<std::string> lines =
        problems_in(with_alert("when: '${WHEN}'") + kInsights, {{"WHEN", value}});
    EXPECT_THAT(lines, ElementsAre(HasSubstr("'alerts.when' must be a measure, > or <, and a "
                                             "threshold")));
    for (const std::string& line : lines) EXPECT_EQ(line.find("hunter2"), std::string::npos);
  }
}

TEST(AlertTopics, AreForAlertsAlone) {
  const auto with_topic = [](const std::string& topic) {
    return with_alert("when: lag > 5, topic: " + topic);
  };
  EXPECT_THAT(problems_in(with_topic("in")),
              ElementsAre("p.yaml:7:33: 'topic' of alert lag is 'in', which is an input topic too; "
                          "its records would go round for ever"));
  const std::string among = "which is a topic of records too; alerts would stand among them";
  EXPECT_THAT(problems_in(with_topic("out")), ElementsAre(HasSubstr(among)));
  EXPECT_THAT(problems_in(with_topic("copy") + "steps: [{emit: copy}]\n"),
              ElementsAre(HasSubstr(among)));
  EXPECT_THAT(problems_in(with_topic("bad") + "steps: [{trim: a, dead_letters: bad}]\n"),
              ElementsAre(HasSubstr(among)));
  EXPECT_THAT(problems_in(with_topic("sums") + "insights: [{sum: a, topic: sums}]\n"),
              ElementsAre(HasSubstr("'topic' of alert lag is 'sums', which is an insight's topic "
                                    "too; alerts would stand among its records")));
  EXPECT_THAT(problems_in(with_topic("kept") + "state: {topic: kept}\n"),
              ElementsAre(HasSubstr("'state.topic' is 'kept', which is a topic of records too")));
  EXPECT_THAT(problems_in(smallest_with("alerts:\n- {when: lag > 5, topic: a}\n"
                                        "- {when: lag > 6, name: b, topic: a}\n")),
              IsEmpty());
}

TEST(AlertTopics, NeedDurableState) {
  EXPECT_THAT(problems_in(with_alert("when: lag > 5, topic: a") + "state: {durable: false}\n"),
              ElementsAre("p.yaml:7:33: alert lag has a topic, and 'state.durable' is false; what "
                          "goes to a topic exactly once needs durable state: leave out one of the "
                          "two"));
  EXPECT_THAT(problems_in(with_alert("when: lag > 5") + "state: {durable: false}\n"), IsEmpty());
}

}  // namespace
}  // namespace millrace::config
