// SPDX-License-Identifier: Apache-2.0
#include <chrono>

#include "tests/unit/config/loading.h"

namespace millrace::config {
namespace {

using namespace std::chrono_literals;

std::string with_insights(const std::string& lines) {
  return smallest_with("insights:\n" + lines);
}

InsightConfig one(const std::string& window) {
  return config_of(with_insights("- window: {" + window + "}\n")).insights.at(0);
}

TEST(InsightWindow, HasDefaultsForAllButItsLengthAndItsTime) {
  const InsightConfig insight = one("every: 60s, on: timestamp, count_by: device_type");
  ASSERT_TRUE(insight.window.has_value());
  const WindowConfig& window = *insight.window;
  EXPECT_EQ(window.every, 60s);
  EXPECT_EQ(window.hop, 60s);
  EXPECT_EQ(window.grace, 0s);
  EXPECT_EQ(window.max_ahead, 1h);
  ASSERT_TRUE(window.on.has_value());
  EXPECT_EQ(window.on->text, "timestamp");
  EXPECT_EQ(window.from.kind, TimeFormat::Kind::kUnixSeconds);
  EXPECT_FALSE(window.close_idle_after.has_value());
  EXPECT_EQ(insight.kind, InsightKind::kCountBy);
  EXPECT_EQ(insight.name, "count_by_device_type_per_1m");
  EXPECT_EQ(insight.keys_max, 100'000U);
  EXPECT_FALSE(insight.topic.has_value());
  EXPECT_EQ(insight.place.line, 8);
}

TEST(InsightWindow, TakesAllThatAnInsightTakes) {
  const InsightConfig insight =
      one("every: 1h, hop: 5m, on: user.at, from: rfc3339, grace: 30s, max_ahead: 10s, "
          "close_idle_after: 2m, distinct: user.id, by: [country], name: n, of: filtered, "
          "when: {field: a, equals: 1}, exact_up_to: 7, keys_max: 9");
  const WindowConfig& window = *insight.window;
  EXPECT_EQ(window.every, 1h);
  EXPECT_EQ(window.hop, 5min);
  EXPECT_EQ(window.grace, 30s);
  EXPECT_EQ(window.max_ahead, 10s);
  EXPECT_EQ(window.close_idle_after, 2min);
  EXPECT_EQ(window.on->text, "user.at");
  EXPECT_EQ(window.from.kind, TimeFormat::Kind::kRfc3339);
  EXPECT_EQ(insight.name, "n");
  EXPECT_EQ(insight.of, InsightOf::kFiltered);
  EXPECT_TRUE(insight.when.has_value());
  EXPECT_EQ(insight.exact_up_to, 7U);
  EXPECT_EQ(insight.keys_max, 9U);
  EXPECT_EQ(insight.by.size(), 1U);
  EXPECT_TRUE(one("every: 1m, on: t, sum: a, after: true").after);
}

TEST(InsightWindow, CanBeOfTheRecordsOwnTimestamp) {
  const InsightConfig insight = one("every: 1m, on: {timestamp: true}, count: records");
  EXPECT_FALSE(insight.window->on.has_value());
}

TEST(InsightWindow, FromIsOfBothTimesThatItReads) {
  const InsightConfig insight = one("every: 1m, on: a, from: unix_milliseconds, hours_of_day: b");
  EXPECT_EQ(insight.window->from.kind, TimeFormat::Kind::kUnixMilliseconds);
  EXPECT_EQ(insight.from.kind, TimeFormat::Kind::kUnixMilliseconds);
  const InsightConfig hours =
      one("every: 1m, on: {timestamp: true}, from: rfc3339, hours_of_day: b");
  EXPECT_EQ(hours.from.kind, TimeFormat::Kind::kRfc3339);
}

TEST(InsightWindow, NeverClosesForWantOfRecordsUnlessItSaysSo) {
  EXPECT_FALSE(one("every: 1m, on: t, sum: a, close_idle_after: never")
                   .window->close_idle_after.has_value());
  EXPECT_EQ(one("every: 1m, on: t, sum: a, close_idle_after: 1s").window->close_idle_after, 1s);
}

TEST(InsightWindow, IsPartOfTheName) {
  EXPECT_EQ(one("every: 3600s, hop: 300s, on: t, top: {of: u}").name, "top_u_per_1h_hop_5m");
  EXPECT_EQ(one("every: 90s, on: t, count: records").name, "count_per_90s");
  const PipelineConfig config =
      config_of(with_insights("- count_by: a\n- window: {every: 1m, on: t, count_by: a}\n"
                              "- window: {every: 2m, on: t, count_by: a}\n"));
  EXPECT_EQ(config.insights.size(), 3U);
  EXPECT_THAT(problems_in(with_insights("- window: {every: 60s, on: t, count_by: a}\n"
                                        "- window: {every: 1m, on: u, count_by: a}\n")),
              ElementsAre("p.yaml:9:30: two insights are named 'count_by_a_per_1m' (the other in "
                          "line 8); give one of them a 'name'"));
}

TEST(InsightWindow, AcceptsTheLimits) {
  EXPECT_EQ(one("every: 1ms, on: t, sum: a").window->every, 1ms);
  EXPECT_EQ(one("every: 8784h, on: t, sum: a, max_ahead: 8784h").window->max_ahead, 8784h);
  EXPECT_EQ(one("every: 100ms, hop: 1ms, grace: 9899ms, on: t, sum: a").window->grace, 9899ms);
  EXPECT_EQ(one("every: 1m, on: t, sum: a, max_ahead: 0").window->max_ahead, 0ms);
}

TEST(InsightWindow, LimitsAreSaidWhereTheyAreMet) {
  EXPECT_THAT(
      problems_in(with_insights("- window: {every: 0, on: t, sum: a}\n"
                                "- window: {every: 8785h, on: t, sum: b}\n"
                                "- window: {every: 1m, hop: 2m, on: t, sum: c}\n"
                                "- window: {every: 1m, hop: 25s, on: t, sum: d}\n"
                                "- window: {every: 101s, hop: 1s, on: t, sum: e}\n"
                                "- window: {every: 100ms, hop: 1ms, grace: 9900ms, on: t, sum: f}\n"
                                "- window: {every: 1m, on: t, sum: g, close_idle_after: 999ms}\n"
                                "- window: {every: 1m, on: t, sum: h, max_ahead: 9000h}\n")),
      ElementsAre(
          "p.yaml:8:19: 'insights.window.every' must be a duration from 1ms to 8784h (a whole "
          "number and ms, s, m or h), not '0'",
          "p.yaml:9:19: 'insights.window.every' must be a duration from 1ms to 8784h (a whole "
          "number and ms, s, m or h), not '8785h'",
          "p.yaml:10:28: 'insights.window.hop' must be a duration from 1ms to 1m (a whole number "
          "and ms, s, m or h), not '2m'",
          "p.yaml:11:28: 'insights.window.hop' must divide 'every' (1m) without a rest, so that a "
          "window begins where another one ends",
          "p.yaml:12:30: 'insights.window.hop' makes 101 windows of every record; 100 at most",
          "p.yaml:13:43: 'insights.window.grace' keeps up to 10001 windows of a partition open; "
          "10000 at most",
          "p.yaml:14:56: 'insights.window.close_idle_after' must be a duration from 1s to 8784h (a "
          "whole number and ms, s, m or h), not '999ms'",
          "p.yaml:15:49: 'insights.window.max_ahead' must be a duration from 0ms to 8784h (a whole "
          "number and ms, s, m or h), not '9000h'"));
}

TEST(InsightWindow, WhatIsMissingIsSaid) {
  EXPECT_THAT(
      problems_in(with_insights("- window: {on: t, sum: a}\n- window: {every: 1m, sum: b}\n"
                                "- window: {every: 1m, on: t}\n- window: 60s\n"
                                "- window: {}\n- window: {every: 1m, sum: c, from: rfc3339}\n")),
      ElementsAre(
          "p.yaml:8:3: the key 'every' is missing in 'insights.window'; say how long a window is, "
          "such as 'every: 60s'",
          "p.yaml:9:3: the key 'on' is missing in 'insights.window'; name the field with the time "
          "that decides, or write 'on: {timestamp: true}' for the record's own",
          "p.yaml:10:3: 'insights.window' does not say what is counted; write it inside of it: "
          "'window: {every: 60s, on: timestamp, count_by: device_type}'",
          "p.yaml:11:11: 'insights.window' must be a map such as {every: 60s, on: timestamp, "
          "count_by: device_type}, not '60s'",
          HasSubstr("p.yaml:12:3: the key 'every' is missing"),
          HasSubstr("p.yaml:12:3: the key 'on' is missing"),
          HasSubstr("p.yaml:12:3: 'insights.window' does not say what is counted"),
          HasSubstr("p.yaml:13:3: the key 'on' is missing")));
}

TEST(InsightWindow, KeysStandInsideOfIt) {
  EXPECT_THAT(
      problems_in(with_insights("- {window: {every: 1m, on: t, sum: a}, name: x, sum: b}\n"
                                "- {sum: c, on: t, hop: 1s, grace: 1s, max_ahead: 1s, "
                                "close_idle_after: 1s}\n"
                                "- window: {every: 1m, on: t, window: {}, sum: d}\n")),
      ElementsAre("p.yaml:8:40: the key 'name' stands beside 'window'; write it inside of it",
                  "p.yaml:8:49: the key 'sum' stands beside 'window'; write it inside of it",
                  "p.yaml:9:12: the key 'on' in 'insights' stands inside of 'window'",
                  "p.yaml:9:19: the key 'hop' in 'insights' stands inside of 'window'",
                  "p.yaml:9:28: the key 'grace' in 'insights' stands inside of 'window'",
                  "p.yaml:9:39: the key 'max_ahead' in 'insights' stands inside of 'window'",
                  "p.yaml:9:54: the key 'close_idle_after' in 'insights' stands inside of "
                  "'window'",
                  "p.yaml:10:30: the key 'window' in 'insights.window' stands inside of a window; "
                  "leave it out"));
}

TEST(InsightWindow, WhatReadsTheClockHasNone) {
  EXPECT_THAT(
      problems_in(with_insights("- window: {every: 1m, on: t, rate: records}\n"
                                "- window: {every: 1m, on: t, quantiles: {latency_of: a}}\n")),
      ElementsAre("p.yaml:8:30: 'insights.window.rate' reads the clock, and windows are of the "
                  "records' own times; leave out the window",
                  "p.yaml:9:30: 'insights.window.quantiles' reads the clock, and windows are of "
                  "the records' own times; leave out the window"));
}

TEST(InsightWindow, WrongValuesAreErrorsWithTheirPlaces) {
  EXPECT_THAT(
      problems_in(with_insights(
          "- window: {every: 1m, on: [a], sum: a}\n- window: {every: 1m, on: {timestamp: false}, "
          "sum: b}\n- window: {every: 1m, on: {time: true}, sum: c}\n"
          "- window: {every: 1m, on: t, from: '%H:%M', sum: d}\n"
          "- window: {every: 1m, on: {timestamp: true}, from: rfc3339, sum: e}\n"
          "- window: {every: 1m, on: t, sum: [f]}\n- window: {evry: 1m, on: t, sum: g}\n")),
      ElementsAre(
          "p.yaml:8:27: 'insights.window.on' must be the path of a field, such as user.city, not a "
          "list",
          "p.yaml:9:39: 'insights.window.on.timestamp' must be true, not 'false'",
          HasSubstr("p.yaml:10:23: the key 'timestamp' is missing in 'insights.window.on'"),
          HasSubstr("p.yaml:10:28: unknown key 'time' in 'insights.window.on'"),
          HasSubstr("p.yaml:11:36: 'insights.window.from' does not say the day"),
          HasSubstr("p.yaml:12:46: 'insights.window.from' says how a time is written"),
          HasSubstr("p.yaml:13:35: 'insights.window.sum' must be the path of a field"),
          HasSubstr("p.yaml:14:3: the key 'every' is missing in 'insights.window'"),
          "p.yaml:14:12: unknown key 'evry' in 'insights.window'; did you mean 'every'?"));
}

}  // namespace
}  // namespace millrace::config
