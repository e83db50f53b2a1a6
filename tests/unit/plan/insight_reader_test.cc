// SPDX-License-Identifier: Apache-2.0
#include "engine/plan/insight_reader.h"

#include <array>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "engine/base/limits.h"
#include "engine/insights/joined_key.h"
#include "tests/unit/plan/pipeline_run.h"

namespace millrace::plan::testing {
namespace {

Pipeline counting(const std::string& insight, const std::string& rest = "") {
  return Pipeline(config_of({.rest = rest + "insights:\n  - " + insight + "\n"}));
}

TEST(InsightReader, CountsStringsByContentAndScalarsByText) {
  Pipeline pipeline = counting("count_by: v");
  pipeline.run({{R"({"v":"a"})"},
                {R"({"v":"\u0061"})"},
                {R"({"v":1})"},
                {R"({"v":1.0})"},
                {R"({"v":true})"},
                {R"({"v":null})"},
                {R"({"v":""})"}});
  EXPECT_EQ(counts(pipeline.shard(), 0), "a=2 1=1 1.0=1 true=1 null=1 =1");
  EXPECT_EQ(part_of(pipeline.shard(), 0).missing, 0U);
}

TEST(InsightReader, MissesContainersAndAbsentMembers) {
  Pipeline pipeline = counting("count_by: v");
  pipeline.run({{R"({"v":[1]})"}, {R"({"v":{}})"}, {R"({})"}, {R"({"v":"a"})"}});
  EXPECT_EQ(counts(pipeline.shard(), 0), "a=1");
  EXPECT_EQ(part_of(pipeline.shard(), 0).missing, 3U);
}

TEST(InsightReader, ReadsTheRecordAsItCameIn) {
  Pipeline pipeline = counting("count_by: v", "steps:\n  - lowercase: v\n  - rename: {v: w}\n");
  pipeline.run({{R"({"v":"ABC"})"}});
  EXPECT_EQ(counts(pipeline.shard(), 0), "ABC=1");
}

TEST(InsightReader, CountsEmittedRecordsOnly) {
  Pipeline pipeline =
      counting("count_by: v", "steps:\n  - keep_if: {field: a, version_at_least: 2}\n");
  pipeline.run(
      {{R"({"v":"filtered","a":"1"})"}, {R"({"v":"rejected"})"}, {R"({"v":"x","a":"2"})"}});
  EXPECT_EQ(counts(pipeline.shard(), 0), "x=1");
  EXPECT_EQ(part_of(pipeline.shard(), 0).missing, 0U);
}

TEST(InsightReader, CountsSeveralFieldsTogether) {
  Pipeline pipeline = counting("count_by: [a, b]");
  pipeline.run({{R"({"a":"\u0031","b":"\u0032"})"},
                {R"({"a":"1","b":"2"})"},
                {R"({"a":"1"})"},
                {R"({"b":"2"})"},
                {R"({"a":"12","b":""})"}});
  ASSERT_EQ(part_of(pipeline.shard(), 0).keys.entries().size(), 2U);
  const auto& entry = part_of(pipeline.shard(), 0).keys.entries()[0];
  EXPECT_EQ(insights::split_key(entry.key, 2), (std::vector<std::string_view>{"1", "2"}));
  EXPECT_EQ(entry.count, 2U);
  EXPECT_EQ(part_of(pipeline.shard(), 0).missing, 2U);
}

TEST(InsightReader, CutsLongKeysBetweenCharacters) {
  Pipeline pipeline = counting("count_by: v");
  std::string text = "x";
  while (text.size() < 1000) text += "€";
  pipeline.run({{"{\"v\":\"" + text + "\"}"}});
  const std::string_view key = part_of(pipeline.shard(), 0).keys.entries()[0].key;
  EXPECT_LE(key.size(), base::limits::kInsightKeyBytesMax);
  EXPECT_GT(key.size(), base::limits::kInsightKeyBytesMax - 3);
  EXPECT_EQ(key.size() % 3, 1U);
}

TEST(InsightReader, CountsHoursInUtc) {
  Pipeline pipeline = counting("hours_of_day: t");
  pipeline.run({{R"({"t":1720655268})"},
                {R"({"t":0})"},
                {R"({"t":3599})"},
                {R"({"t":3600})"},
                {R"({"t":-1})"},
                {R"({"t":-3600})"},
                {R"({"t":-3601})"},
                {R"({"t":8.64e4})"}});
  std::array<uint64_t, 24> expected{};
  expected[23] = 3;
  expected[22] = 1;
  expected[0] = 3;
  expected[1] = 1;
  EXPECT_EQ(part_of(pipeline.shard(), 0).hours, expected);
}

TEST(InsightReader, MissesWhatIsNoTime) {
  Pipeline pipeline = counting("hours_of_day: t");
  pipeline.run(
      {{R"({"t":"1720655268"})"}, {R"({"t":1.5})"}, {R"({"t":null})"}, {"{}"}, {R"({"t":1e400})"}});
  EXPECT_EQ(part_of(pipeline.shard(), 0).missing, 5U);
}

TEST(InsightReader, ReadsTimesAsFromSays) {
  const auto hours = [](const std::string& from, const std::string& time) {
    Pipeline pipeline = counting("{hours_of_day: t, from: " + from + "}");
    pipeline.run({{"{\"t\":" + time + "}"}});
    std::string found;
    for (size_t hour = 0; hour < 24; ++hour) {
      if (part_of(pipeline.shard(), 0).hours[hour] > 0) found += std::to_string(hour);
    }
    return part_of(pipeline.shard(), 0).missing > 0 ? "missing" + found : found;
  };

  EXPECT_EQ(hours("unix_seconds", "1720655268"), "23");
  EXPECT_EQ(hours("unix_milliseconds", "1720655268123"), "23");
  EXPECT_EQ(hours("unix_microseconds", "-1"), "23");
  EXPECT_EQ(hours("rfc3339", R"("2024-07-10T23:47:48.5+02:00")"), "21");
  EXPECT_EQ(hours("'%Y-%m-%d %H:%M:%S'", R"("2024-07-10 05:47:48")"), "5");
  EXPECT_EQ(hours("'%Y-%m-%d %H:%M:%S'", R"("2024-07-10T05:47:48")"), "missing");
  // Milliseconds taken for seconds are beyond the year 9999.
  EXPECT_EQ(hours("unix_seconds", "1720655268123"), "missing");
}

// Rejected by the schema, filtered, emitted, no JSON, a tombstone, and refused at delivery.
constexpr const char* kOneOfEach =
    "schema: {type: object, required: [v]}\n"
    "delivery: {guarantee: at_least_once, on_failure: dead_letter}\n"
    "steps:\n  - keep_if: {field: v, not_equals: f}\n  - uppercase: v\n  - rename: {v: w}\n";

std::vector<Given> one_of_each() {
  return {{R"({"d":1})"},         {R"({"v":"f","d":2})"},
          {R"({"v":"e","d":3})"}, {"{"},
          {std::nullopt},         {.value = R"({"v":"r","d":4})", .undeliverable = "too large"}};
}

Pipeline counting_each(const std::string& insights) {
  const std::string text =
      "pipeline: p\nkafka: {bootstrap.servers: \"b:1\"}\ninput: {topic: in, group: g}\n"
      "output: {topic: out}\ndead_letters: {topic: dead}\n" +
      std::string(kOneOfEach) + "insights:\n" + insights;
  config::Loaded loaded =
      config::load_text(text, "p.yaml", [](const std::string&) { return std::nullopt; });
  if (!loaded.problems.empty()) throw std::runtime_error(config::to_string(loaded.problems[0]));
  return Pipeline(loaded.config);
}

TEST(InsightReader, CountsRecordsOfTheOutcomeThatOfNames) {
  Pipeline pipeline = counting_each(
      "  - {count_by: d, name: e}\n  - {count_by: d, of: consumed, name: c}\n"
      "  - {count_by: d, of: filtered, name: f}\n  - {count_by: d, of: dead_lettered, name: l}\n"
      "  - {count: records, of: consumed}\n");
  pipeline.run(one_of_each());
  const insights::Shard& shard = pipeline.shard();

  EXPECT_EQ(counts(shard, 0), "3=1");
  EXPECT_EQ(part_of(shard, 0).missing, 0U);
  EXPECT_EQ(counts(shard, 1), "1=1 2=1 3=1 4=1");
  EXPECT_EQ(part_of(shard, 1).missing, 2U);
  EXPECT_EQ(counts(shard, 2), "2=1");
  EXPECT_EQ(part_of(shard, 2).missing, 0U);
  EXPECT_EQ(counts(shard, 3), "1=1 4=1");
  EXPECT_EQ(part_of(shard, 3).missing, 2U);
  EXPECT_EQ(part_of(shard, 4).counted, 6U);
  ASSERT_EQ(shard.selected().size(), 4U);
  EXPECT_EQ(shard.emitted(), 1U);
  EXPECT_EQ(shard.selected()[1], 6U);
  EXPECT_EQ(shard.selected()[2], 1U);
  EXPECT_EQ(shard.selected()[3], 4U);
}

TEST(InsightReader, WhenTakesOnlyRecordsOfWhichItHoldsAsTheyCameIn) {
  Pipeline pipeline = counting_each(
      "  - {count: records, when: {field: v, equals: e}, name: e}\n"
      "  - {count: records, when: {field: w, exists: true}, name: w}\n"
      "  - {count: records, of: consumed, when: {field: v, exists: true}, name: v}\n"
      "  - {count: records, of: consumed, when: {field: v, exists: false}, name: no}\n"
      "  - {count_by: v, of: dead_lettered, when: {field: d, at_least: 2}, name: d}\n");
  pipeline.run(one_of_each());
  const insights::Shard& shard = pipeline.shard();

  EXPECT_EQ(part_of(shard, 0).counted, 1U);
  EXPECT_EQ(part_of(shard, 1).counted, 0U);
  EXPECT_EQ(part_of(shard, 2).counted, 3U);
  // What cannot be parsed has no values, nor lacks them: no condition holds of it.
  EXPECT_EQ(part_of(shard, 3).counted, 1U);
  EXPECT_EQ(counts(shard, 4), "r=1");
  EXPECT_EQ(part_of(shard, 4).missing, 0U);
}

TEST(InsightReader, AConditionThatCannotBeDecidedDoesNotHold) {
  Pipeline pipeline(config_of(
      {.rest = "steps:\n  - cast: {field: a, to: int}\n"
               "insights:\n  - {count: records, when: {field: n, at_least: 2}}\n"
               "  - {count: records, when: {not: {field: n, at_least: 2}}, name: no}\n"}));
  const auto sent = pipeline.run(
      {{R"({"n":2})"}, {R"({"n":1})"}, {R"({"n":"x"})"}, {"{}"}, {R"({"n":"x","a":"y"})"}});

  EXPECT_EQ(part_of(pipeline.shard(), 0).counted, 1U);
  EXPECT_EQ(part_of(pipeline.shard(), 1).counted, 1U);
  // Why it could not be decided is no part of why a step rejects the record.
  EXPECT_EQ(sent.at(4).header("millrace.reason_text"), "'y' is not a whole number");
}

TEST(InsightReader, AfterReadsTheOutput) {
  Pipeline pipeline = counting_each(
      "  - {count_by: v, after: true}\n  - {count_by: w, after: true}\n"
      "  - {count_by: v, name: v}\n"
      "  - {count: records, after: true, when: {field: w, equals: E}, name: e}\n"
      "  - {count: records, after: true, when: {field: v, equals: e}, name: none}\n");
  pipeline.run(one_of_each());
  const insights::Shard& shard = pipeline.shard();

  EXPECT_EQ(counts(shard, 0), "");
  EXPECT_EQ(part_of(shard, 0).missing, 1U);
  EXPECT_EQ(counts(shard, 1), "E=1");
  EXPECT_EQ(counts(shard, 2), "e=1");
  EXPECT_EQ(part_of(shard, 3).counted, 1U);
  EXPECT_EQ(part_of(shard, 4).counted, 0U);
}

TEST(InsightReader, SetsEdgesWhereTheRecordHasThem) {
  Pipeline pipeline(
      config_of({.rest = "insights:\n  - top: {of: u, also: {last: [t, s], first: t}}\n"}));
  pipeline.run({{.value = R"({"u":"a","t":1,"s":"x"})", .timestamp_ms = 7},
                {.value = R"({"u":"a","t":2,"s":{}})", .timestamp_ms = 8},
                {.value = R"({"u":"b","s":null})", .timestamp_ms = 9},
                {.value = R"({"t":5})"}});
  const insights::Shard::PartCounts& part = part_of(pipeline.shard(), 0);
  const std::vector<size_t>& edges = pipeline.plan().declaration().insights[0].edges;

  ASSERT_EQ(edges.size(), 3U);
  EXPECT_EQ(part.missing, 1U);
  const auto shown = [&part](size_t entry, size_t edge) -> std::string {
    const auto value = part.edges.get(entry, edge);
    if (!value) return "none";
    return std::string(value->text) + (value->is_string ? " text " : " json ") +
           std::to_string(value->time);
  };
  EXPECT_EQ(shown(0, edges[0]), "1 json 7");
  EXPECT_EQ(shown(0, edges[1]), "2 json 8");
  EXPECT_EQ(shown(0, edges[2]), "x text 7");
  EXPECT_EQ(shown(1, edges[0]), "none");
  EXPECT_EQ(shown(1, edges[1]), "none");
  EXPECT_EQ(shown(1, edges[2]), "null json 9");
}

TEST(InsightReader, CutsLongEdgesAndTakesLongNumbersForTexts) {
  Pipeline pipeline = counting("{last: v, by: k}");
  pipeline.run({{R"({"k":"a","v":)" + std::string(1000, '7') + "}"},
                {R"({"k":"b","v":")" + std::string(1000, 'x') + "\"}"}});
  const insights::EdgeValues& edges = part_of(pipeline.shard(), 0).edges;

  for (size_t entry = 0; entry < 2; ++entry) {
    const auto value = edges.get(entry, 0);
    ASSERT_TRUE(value.has_value());
    EXPECT_TRUE(value->is_string);
    EXPECT_EQ(value->text.size(), base::limits::kInsightKeyBytesMax);
  }
}

TEST(InsightReader, CountsNumbersOnly) {
  Pipeline pipeline = counting("sum: v");
  pipeline.run({{R"({"v":5})"},
                {R"({"v":-1.5})"},
                {R"({"v":"5"})"},
                {R"({"v":true})"},
                {R"({"v":1e400})"},
                {"{}"}});
  const insights::Shard::PartCounts& part = part_of(pipeline.shard(), 0);

  EXPECT_EQ(part.counted, 2U);
  EXPECT_EQ(part.missing, 4U);
  EXPECT_EQ(part.sum.sum(), insights::Number(3.5));
  EXPECT_EQ(part.range.least, insights::Number(-1.5));
  EXPECT_EQ(part.range.greatest, insights::Number(int64_t{5}));
}

// kNow is 2024-07-10T23:47:48.123Z, Unix time 1720655268.123.
TEST(InsightReader, LatencyIsFromTheTimeToNowInSeconds) {
  Pipeline pipeline(
      config_of({.rest = "insights:\n  - quantiles: {latency_of: t}\n"
                         "  - quantiles: {latency_of: {timestamp: true}}\n"
                         "  - {quantiles: {latency_of: t}, from: rfc3339, name: text}\n"}));
  pipeline.run({{.value = R"({"t":1720655267})", .timestamp_ms = 1'720'655'268'000},
                {.value = R"({"t":"2024-07-10T23:47:40.123Z"})", .timestamp_ms = -1},
                {.value = "{", .timestamp_ms = 0}});
  const insights::Shard& shard = pipeline.shard();

  ASSERT_TRUE(pipeline.plan().declaration().insights[0].live);
  ASSERT_EQ(part_of(shard, 0).magnitudes.total(), 1U);
  EXPECT_NEAR(part_of(shard, 0).magnitudes.quantile(0.5), 1.123, 0.01);
  EXPECT_EQ(part_of(shard, 0).missing, 1U);
  ASSERT_EQ(part_of(shard, 1).magnitudes.total(), 1U);
  EXPECT_NEAR(part_of(shard, 1).magnitudes.quantile(0.5), 0.123, 0.001);
  EXPECT_EQ(part_of(shard, 1).missing, 1U);
  ASSERT_EQ(part_of(shard, 2).magnitudes.total(), 1U);
  EXPECT_NEAR(part_of(shard, 2).magnitudes.quantile(0.5), 8, 0.1);
}

TEST(InsightReader, TheRecordsTimestampNeedsNoRecordThatCanBeParsed) {
  Pipeline pipeline = counting("{quantiles: {latency_of: {timestamp: true}}, of: dead_lettered}");
  pipeline.run({{"{"}, {std::nullopt}});
  EXPECT_EQ(part_of(pipeline.shard(), 0).counted, 2U);
}

// The report holds an insight's counts and misses against the emitted records.
TEST(InsightReader, ATombstonePassedOnIsMissedByEachInsight) {
  Pipeline pipeline(config_of({.input = "{topic: in, group: g, tombstones: pass}",
                               .rest = "insights:\n  - count_by: v\n  - hours_of_day: t\n"}));
  pipeline.run({{std::nullopt}, {R"({"v":"a","t":0})"}});
  EXPECT_EQ(pipeline.shard().emitted(), 2U);
  EXPECT_EQ(part_of(pipeline.shard(), 0).missing, 1U);
  EXPECT_EQ(part_of(pipeline.shard(), 1).missing, 1U);
}

}  // namespace
}  // namespace millrace::plan::testing
