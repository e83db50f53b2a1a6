// SPDX-License-Identifier: Apache-2.0
#include "engine/insights/topic_record.h"

#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/insights/result_names.h"
#include "engine/insights/state.h"

namespace millrace::insights {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Values = std::vector<std::string>;

constexpr size_t kEnough = 1'000'000;
constexpr int64_t kStart = 1'704'067'200'000;  // 2024-01-01T00:00:00Z
constexpr WindowOrigin kOrigin{.pipeline = "p", .topic = "logins", .partition = 3};
constexpr Windowing kMinute{.size_ms = 60'000, .hop_ms = 60'000};

// What every record of a window begins with, and ends with.
const std::string kHead =
    R"({"pipeline":"p","insight":"n","topic":"logins","partition":3,)"
    R"("window":{"start":"2024-01-01T00:00:00Z","end":"2024-01-01T00:01:00Z"},)";
const std::string kTail = R"(,"final":true})";

// One insight with a topic.
struct One {
  explicit One(Insight insight, std::vector<RecordMember> members = {},
               std::optional<Windowing> window = kMinute, std::vector<EdgeField> edges = {}) {
    insight.name = "n";
    insight.output = TopicOutput{.topic = "counts", .members = std::move(members)};
    declaration.insights = {std::move(insight)};
    declaration.parts = {{.edges = std::move(edges), .window = window}};
  }

  [[nodiscard]] std::vector<TopicRecord> records(ResultValue value,
                                                 size_t bytes_max = kEnough) const {
    ClosedWindow window;
    window.start = kStart;
    window.not_kept = not_kept;
    window.value = std::move(value);
    return window_records(declaration, window, kOrigin, bytes_max);
  }

  // Of the only record.
  [[nodiscard]] std::string value(ResultValue value, size_t bytes_max = kEnough) const {
    const std::vector<TopicRecord> all = records(std::move(value), bytes_max);
    EXPECT_EQ(all.size(), 1U);
    return all.empty() ? "" : all[0].value;
  }

  [[nodiscard]] TopicRecord total(ResultValue value, const TotalOrigin& origin,
                                  size_t bytes_max = kEnough) const {
    Result result;
    result.insight = declaration.insights.data();
    result.part = declaration.parts.data();
    result.not_kept = not_kept;
    result.value = std::move(value);
    return total_record(result, origin, bytes_max);
  }

  Declaration declaration;
  uint64_t not_kept = 0;
};

CountByResult devices() {
  return {.rows = {{{"android"}, 7}, {{"iOS"}, 12}, {{"web"}, 1}}};
}

TEST(WindowRecords, OfCountByAreOneForEachGroup) {
  const One one({.kind = Kind::kCountBy, .fields = {"device_type"}});
  const auto records = one.records(CountByResult{{{{"android"}, 7}, {{"iOS"}, 12}}});

  ASSERT_EQ(records.size(), 2U);
  EXPECT_EQ(records[0].topic, "counts");
  EXPECT_EQ(records[0].key, "n/logins/3/2024-01-01T00:00:00Z/android");
  EXPECT_EQ(records[0].value, kHead + R"("group":{"device_type":"android"},"value":7)" + kTail);
  EXPECT_EQ(records[1].key, "n/logins/3/2024-01-01T00:00:00Z/iOS");
  EXPECT_EQ(records[1].value, kHead + R"("group":{"device_type":"iOS"},"value":12)" + kTail);
}

TEST(WindowRecords, OfSeveralFieldsHaveThemAllInGroupAndKey) {
  const One one({.kind = Kind::kCountBy, .fields = {"app.version", "device_type"}});
  const auto records = one.records(CountByResult{{{{"2.3.0", "iOS"}, 1}}});

  EXPECT_EQ(records.at(0).key, "n/logins/3/2024-01-01T00:00:00Z/2.3.0/iOS");
  EXPECT_EQ(records.at(0).value,
            kHead + R"("group":{"app.version":"2.3.0","device_type":"iOS"},"value":1)" + kTail);
}

TEST(WindowRecords, KeysOfDifferentGroupsAreDifferent) {
  const One one({.kind = Kind::kCountBy, .fields = {"a", "b"}});
  const auto records = one.records(
      CountByResult{{{{"x/y", "z"}, 1}, {{"x", "y/z"}, 1}, {{"x%2Fy", "z"}, 1}, {{"", ""}, 1}}});

  std::vector<std::string> keys;
  for (const TopicRecord& record : records)
    keys.push_back(record.key.substr(std::string("n/logins/3/2024-01-01T00:00:00Z").size()));
  EXPECT_THAT(keys, ElementsAre("/x%2Fy/z", "/x/y%2Fz", "/x%252Fy/z", "//"));
}

TEST(WindowRecords, OfGroupsOfOtherKindsHaveTheirResults) {
  const One distinct({.kind = Kind::kDistinct, .fields = {"user", "device"}, .by = 1});
  EXPECT_EQ(
      distinct.value(DistinctByResult{{{{"u"}, {2, 2, 2, true}}}}),
      kHead + R"("group":{"user":"u"},"value":{"value":2,"low":2,"high":2,"exact":true})" + kTail);
  const One last({.kind = Kind::kLast, .fields = {"device"}, .edges = {0}}, {}, kMinute,
                 {{Edge::kLast, "ip"}});
  const auto records = last.records(
      EdgeResult{{{{"d1"}, {.text = "1.1.1.1", .is_string = true}}, {{"d2"}, {.text = "null"}}}});
  ASSERT_EQ(records.size(), 2U);
  EXPECT_EQ(records[0].value, kHead + R"("group":{"device":"d1"},"value":"1.1.1.1")" + kTail);
  EXPECT_EQ(records[1].value, kHead + R"("group":{"device":"d2"},"value":null)" + kTail);
}

TEST(WindowRecords, OfKindsWithoutGroupsAreOne) {
  const auto value = [](Insight insight, ResultValue result) {
    const One one(std::move(insight));
    const auto records = one.records(std::move(result));
    EXPECT_EQ(records.size(), 1U);
    EXPECT_EQ(records.at(0).key, "n/logins/3/2024-01-01T00:00:00Z");
    std::string text = records.at(0).value;
    EXPECT_TRUE(text.starts_with(kHead + R"("value":)") && text.ends_with(kTail)) << text;
    text.erase(0, kHead.size() + 8);
    return text.substr(0, text.size() - kTail.size());
  };
  EXPECT_EQ(value({.kind = Kind::kCount}, CountResult{5}), "5");
  EXPECT_EQ(value({.kind = Kind::kSum}, NumberResult{Number(0.5)}), "0.5");
  EXPECT_EQ(value({.kind = Kind::kMin}, NumberResult{}), "null");
  EXPECT_EQ(value({.kind = Kind::kDistinct}, DistinctResult{9, 8, 10, false}),
            R"({"value":9,"low":8,"high":10,"exact":false})");
  EXPECT_EQ(value({.kind = Kind::kTop}, TopResult{{{{"u"}, 5, 1, {}}}, 1}),
            R"({"items":[{"key":"u","count":5,"error":1}]})");
  EXPECT_EQ(value({.kind = Kind::kQuantiles, .quantiles = {0.5}}, QuantilesResult{{2}, 0.25}),
            R"({"values":{"p50":2},"relative_error":0.25})");
  EXPECT_THAT(value({.kind = Kind::kHoursOfDay}, HoursResult{}),
              HasSubstr(R"({"counts":{"0":0,"1":0,)"));
}

TEST(WindowRecords, SayWhatFoundNoRoom) {
  One one({.kind = Kind::kCountBy, .fields = {"k"}});
  one.not_kept = 4;
  EXPECT_EQ(one.value(CountByResult{{{{"a"}, 1}}}),
            kHead + R"("group":{"k":"a"},"value":1,"not_kept":4)" + kTail);
}

// The texts of an insight's times are in the order of the times.
TEST(WindowRecords, HaveMillisecondsWhereTheirHopHas) {
  const Windowing half{.size_ms = 1'000, .hop_ms = 500};
  const One one({.kind = Kind::kCount}, {}, half);
  const auto records = one.records(CountResult{1});
  EXPECT_EQ(records.at(0).key, "n/logins/3/2024-01-01T00:00:00.000Z");
  EXPECT_THAT(records.at(0).value, HasSubstr(R"("window":{"start":"2024-01-01T00:00:00.000Z",)"
                                             R"("end":"2024-01-01T00:00:01.000Z"})"));
}

TEST(WindowRecords, AreOneOfJustTheMembersThatAreAskedFor) {
  const One one({.kind = Kind::kCountBy, .fields = {"device_type"}},
                {{"counts of devices", RecordSource::kCounts},
                 {"from", RecordSource::kWindowStart},
                 {"to", RecordSource::kWindowEnd},
                 {"of", RecordSource::kTopic},
                 {"partition", RecordSource::kPartition},
                 {"insight", RecordSource::kInsight},
                 {"pipeline", RecordSource::kPipeline},
                 {"done", RecordSource::kFinal},
                 {"lost", RecordSource::kNotKept},
                 {"all", RecordSource::kResult}});
  const auto records = one.records(devices());

  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(records[0].key, "n/logins/3/2024-01-01T00:00:00Z");
  EXPECT_EQ(records[0].value,
            R"({"counts of devices":{"android":7,"iOS":12,"web":1},)"
            R"("from":"2024-01-01T00:00:00Z","to":"2024-01-01T00:01:00Z","of":"logins",)"
            R"("partition":3,"insight":"n","pipeline":"p","done":true,"lost":0,)"
            R"("all":{"kind":"count_by","counts":{"android":7,"iOS":12,"web":1}}})");
}

TEST(WindowRecords, ShowTheMembersOfEachKind) {
  const auto shown = [](Insight insight, RecordSource source, ResultValue result) {
    return One(std::move(insight), {{"x", source}}).value(std::move(result));
  };
  const DistinctResult distinct{9, 8, 10, false};
  EXPECT_EQ(shown({.kind = Kind::kDistinct}, RecordSource::kValue, distinct), R"({"x":9})");
  EXPECT_EQ(shown({.kind = Kind::kDistinct}, RecordSource::kLow, distinct), R"({"x":8})");
  EXPECT_EQ(shown({.kind = Kind::kDistinct}, RecordSource::kHigh, distinct), R"({"x":10})");
  EXPECT_EQ(shown({.kind = Kind::kDistinct}, RecordSource::kExact, distinct), R"({"x":false})");
  EXPECT_EQ(shown({.kind = Kind::kDistinct, .fields = {"u", "d"}, .by = 1}, RecordSource::kBy,
                  DistinctByResult{{{{"u"}, {1, 1, 1, true}}}}),
            R"({"x":{"u":{"value":1,"low":1,"high":1,"exact":true}}})");
  EXPECT_EQ(shown({.kind = Kind::kTop}, RecordSource::kItems, TopResult{{{{"u"}, 5, 1, {}}}, 1}),
            R"({"x":[{"key":"u","count":5,"error":1}]})");
  EXPECT_EQ(shown({.kind = Kind::kQuantiles, .quantiles = {0.5}}, RecordSource::kValues,
                  QuantilesResult{{2}, 0.25}),
            R"({"x":{"p50":2}})");
  EXPECT_EQ(shown({.kind = Kind::kMax}, RecordSource::kValue, NumberResult{Number(int64_t{3})}),
            R"({"x":3})");
  EXPECT_EQ(shown({.kind = Kind::kCount}, RecordSource::kValue, CountResult{3}), R"({"x":3})");
}

TEST(TotalRecords, HaveTheShapeOfWindowsWithoutThem) {
  One one({.kind = Kind::kCountBy, .fields = {"device_type"}}, {}, std::nullopt);
  const TopicRecord running = one.total(devices(), {.pipeline = "p", .partitions = 4});
  EXPECT_EQ(running.topic, "counts");
  EXPECT_EQ(running.key, "n");
  EXPECT_EQ(running.value, R"({"pipeline":"p","insight":"n","partitions":4,)"
                           R"("value":{"counts":{"android":7,"iOS":12,"web":1}},"final":false})");
  one.not_kept = 2;
  const TopicRecord last =
      one.total(CountByResult{}, {.pipeline = "p", .partitions = 0, .final = true});
  EXPECT_EQ(last.value,
            R"({"pipeline":"p","insight":"n","partitions":0,"value":{"counts":{}},"not_kept":2,)"
            R"("final":true})");
}

TEST(TotalRecords, ShowTheMembersThatAreAskedFor) {
  const One one({.kind = Kind::kRate, .live = true},
                {{"rate", RecordSource::kValue}, {"n", RecordSource::kPartitions}}, std::nullopt);
  EXPECT_EQ(one.total(RateResult{2.5, 60}, {.pipeline = "p", .partitions = 2}).value,
            R"({"rate":2.5,"n":2})");
}

// What the readers of an existing pipeline expect.
TEST(TotalRecords, OfP1AreAsItsReadersExpect) {
  One one({.kind = Kind::kCountBy, .fields = {"device_type"}},
          {{"device_type_counts", RecordSource::kCounts}}, std::nullopt);
  EXPECT_EQ(one.total(CountByResult{{{{"android"}, 7}, {{"iOS"}, 12}}}, {.pipeline = "p1"}).value,
            R"({"device_type_counts":{"android":7,"iOS":12}})");
}

// A result of many groups: the first is the smallest.
CountByResult many(size_t groups) {
  CountByResult result;
  for (size_t i = 0; i < groups; ++i)
    result.rows.push_back({{"group " + std::to_string(100'000 + i)}, i + 1});
  return result;
}

TEST(LargeRecords, AreCutToTheirLargestRowsAndSaySo) {
  const One one({.kind = Kind::kCountBy, .fields = {"k"}}, {{"c", RecordSource::kCounts}});
  const std::string whole = one.value(many(5));
  const size_t key = std::string("n/logins/3/2024-01-01T00:00:00Z").size();

  EXPECT_EQ(one.value(many(5), key + whole.size()), whole);
  const std::string cut = one.value(many(5), key + whole.size() - 1);
  EXPECT_EQ(cut, R"({"c":{"group 100001":2,"group 100002":3,"group 100003":4,"group 100004":5},)"
                 R"("not_shown":1})");
  EXPECT_LE(key + cut.size(), key + whole.size() - 1);
}

TEST(LargeRecords, FitEveryLimitAndWasteNoRow) {
  const One one({.kind = Kind::kCountBy, .fields = {"k"}}, {{"c", RecordSource::kCounts}});
  const size_t key = std::string("n/logins/3/2024-01-01T00:00:00Z").size();
  const std::string none = R"({"c":{},"not_shown":200})";
  const size_t row = std::string(R"("group 100000":200,)").size();
  const size_t whole = key + one.value(many(200)).size();
  for (size_t bytes = key + none.size(); bytes < whole; bytes += 7) {
    const std::string cut = one.value(many(200), bytes);
    ASSERT_LE(key + cut.size(), bytes);
    ASSERT_GT(key + cut.size() + row + 2, bytes) << cut;
    ASSERT_THAT(cut, HasSubstr("not_shown"));
  }
  // Nothing is left to leave out.
  EXPECT_EQ(one.value(many(200), 1), none);
}

TEST(LargeRecords, OfEachKindAreCut) {
  const auto cut = [](Insight insight, ResultValue value, size_t bytes) {
    return One(std::move(insight), {{"r", RecordSource::kResult}}).value(std::move(value), bytes);
  };
  const std::string long_key(60, 'x');
  TopResult top;
  for (uint64_t i = 0; i < 9; ++i)
    top.items.push_back({{long_key + std::to_string(i)}, 90 - i, 0, {}});
  EXPECT_EQ(cut({.kind = Kind::kTop}, top, 200),
            R"({"r":{"kind":"top","items":[{"key":")" + long_key +
                R"(0","count":90,"error":0}]},"not_shown":8})");
  DistinctByResult by;
  for (uint64_t i = 0; i < 9; ++i) by.rows.push_back({{long_key + std::to_string(i)}, {i, i, i}});
  EXPECT_EQ(cut({.kind = Kind::kDistinct, .fields = {"u", "d"}, .by = 1}, by, 220),
            R"({"r":{"kind":"distinct","by":{")" + long_key +
                R"(8":{"value":8,"low":8,"high":8,"exact":true}}},"not_shown":8})");
  EdgeResult edges;
  for (uint64_t i = 0; i < 9; ++i)
    edges.rows.push_back({{long_key + std::to_string(i)}, {.text = "1"}});
  EXPECT_EQ(cut({.kind = Kind::kFirst, .fields = {"u"}}, edges, 160),
            R"({"r":{"kind":"first","values":{")" + long_key + R"(0":1}},"not_shown":8})");
}

TEST(LargeRecords, WithoutRowsStayAsTheyAre) {
  const One one({.kind = Kind::kCount});
  EXPECT_EQ(one.value(CountResult{5}, 1), kHead + R"("value":5)" + kTail);
}

TEST(LargeRecords, OfTotalsAreCutToo) {
  const One one({.kind = Kind::kCountBy, .fields = {"k"}}, {}, std::nullopt);
  const TopicRecord record = one.total(many(1'000), {.pipeline = "p"}, 500);
  EXPECT_LE(record.key.size() + record.value.size(), 500U);
  EXPECT_THAT(record.value, HasSubstr(R"("group 100999":1000}},"not_shown":979)"));
  EXPECT_THAT(record.value, HasSubstr(R"("final":false})"));
}

TEST(TopicRecordDeath, NeedsATopic) {
  One one({.kind = Kind::kCount});
  one.declaration.insights[0].output.reset();
  EXPECT_DEATH(one.records(CountResult{}), "output");
}

}  // namespace
}  // namespace millrace::insights
