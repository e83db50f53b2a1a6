// SPDX-License-Identifier: Apache-2.0
#include "engine/plan/insight_reader.h"

#include <array>
#include <string>

#include <gtest/gtest.h>

#include "engine/base/limits.h"
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
  EXPECT_EQ(pipeline.shard().missing(0), 0U);
}

TEST(InsightReader, MissesContainersAndAbsentMembers) {
  Pipeline pipeline = counting("count_by: v");
  pipeline.run({{R"({"v":[1]})"}, {R"({"v":{}})"}, {R"({})"}, {R"({"v":"a"})"}});
  EXPECT_EQ(counts(pipeline.shard(), 0), "a=1");
  EXPECT_EQ(pipeline.shard().missing(0), 3U);
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
  EXPECT_EQ(pipeline.shard().missing(0), 0U);
}

TEST(InsightReader, CountsSeveralFieldsTogether) {
  Pipeline pipeline = counting("count_by: [a, b]");
  pipeline.run({{R"({"a":"\u0031","b":"\u0032"})"},
                {R"({"a":"1","b":"2"})"},
                {R"({"a":"1"})"},
                {R"({"b":"2"})"},
                {R"({"a":"12","b":""})"}});
  ASSERT_EQ(pipeline.shard().keys(0).entries().size(), 2U);
  const auto& entry = pipeline.shard().keys(0).entries()[0];
  EXPECT_EQ(insights::split_key(entry.key, 2), (std::vector<std::string_view>{"1", "2"}));
  EXPECT_EQ(entry.count, 2U);
  EXPECT_EQ(pipeline.shard().missing(0), 2U);
}

TEST(InsightReader, CutsLongKeysBetweenCharacters) {
  Pipeline pipeline = counting("count_by: v");
  std::string text = "x";
  while (text.size() < 1000) text += "€";
  pipeline.run({{"{\"v\":\"" + text + "\"}"}});
  const std::string_view key = pipeline.shard().keys(0).entries()[0].key;
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
  EXPECT_EQ(pipeline.shard().hours(0), expected);
}

TEST(InsightReader, MissesWhatIsNoTime) {
  Pipeline pipeline = counting("hours_of_day: t");
  pipeline.run(
      {{R"({"t":"1720655268"})"}, {R"({"t":1.5})"}, {R"({"t":null})"}, {"{}"}, {R"({"t":1e400})"}});
  EXPECT_EQ(pipeline.shard().missing(0), 5U);
}

// The report holds an insight's counts and misses against the emitted records.
TEST(InsightReader, ATombstonePassedOnIsMissedByEachInsight) {
  Pipeline pipeline(config_of({.input = "{topic: in, group: g, tombstones: pass}",
                               .rest = "insights:\n  - count_by: v\n  - hours_of_day: t\n"}));
  pipeline.run({{std::nullopt}, {R"({"v":"a","t":0})"}});
  EXPECT_EQ(pipeline.shard().emitted(), 2U);
  EXPECT_EQ(pipeline.shard().missing(0), 1U);
  EXPECT_EQ(pipeline.shard().missing(1), 1U);
}

}  // namespace
}  // namespace millrace::plan::testing
