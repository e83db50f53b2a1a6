// SPDX-License-Identifier: Apache-2.0
// Windowed insights as JSON and as text.
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "engine/insights/results.h"
#include "engine/record/json_writer.h"

namespace millrace::insights {
namespace {

constexpr int64_t kMinute = 60'000;
constexpr int64_t kStart = 1'704'067'200'000;  // 2024-01-01T00:00:00Z

struct One {
  explicit One(Insight of, Windowing window = {.size_ms = kMinute, .hop_ms = kMinute},
               std::vector<EdgeField> edges = {})
      : insight(std::move(of)), part{.edges = std::move(edges), .window = window} {
    insight.name = "n";
  }

  [[nodiscard]] Result result(WindowResult windows) const {
    Result result;
    result.insight = &insight;
    result.part = &part;
    result.late = late;
    result.ahead = ahead;
    result.missing = missing;
    result.not_kept = not_kept;
    result.value = std::move(windows);
    return result;
  }

  [[nodiscard]] std::string json(WindowResult windows) const {
    record::JsonWriter writer;
    write_json(result(std::move(windows)), writer);
    return writer.take();
  }

  [[nodiscard]] std::string text(WindowResult windows, size_t rows_max = 20) const {
    return to_text(result(std::move(windows)), rows_max);
  }

  Insight insight;
  Part part;
  uint64_t late = 0;
  uint64_t ahead = 0;
  uint64_t missing = 0;
  uint64_t not_kept = 0;
};

WindowResult::Window window(int64_t start, uint64_t counted, ResultValue value) {
  return {start, counted, std::move(value)};
}

TEST(WindowJson, HasTheOpenWindowsWithTheMembersOfTheirKind) {
  One one({.kind = Kind::kCountBy, .fields = {"device_type"}});
  one.late = 9;
  one.ahead = 1;
  WindowResult windows;
  windows.watermark = kStart + 61'500;
  windows.open = {window(kStart, 3, CountByResult{{{{"android"}, 1}, {{"iOS"}, 2}}}),
                  window(kStart + kMinute, 1, CountByResult{{{{"web"}, 1}}})};
  windows.closed = 12;
  windows.late_windows = {{kStart - 2 * kMinute, 4}, {kStart - kMinute, 2}};
  windows.late_earlier = 3;

  EXPECT_EQ(one.json(windows),
            R"({"kind":"window","of":"count_by","every_seconds":60,"hop_seconds":60,)"
            R"("watermark":"2024-01-01T00:01:01.500Z","open":[)"
            R"({"start":"2024-01-01T00:00:00Z","end":"2024-01-01T00:01:00Z",)"
            R"("counts":{"android":1,"iOS":2}},)"
            R"({"start":"2024-01-01T00:01:00Z","end":"2024-01-01T00:02:00Z","counts":{"web":1}}],)"
            R"("closed":12,"late":9,"ahead":1,"late_windows":[)"
            R"({"start":"2023-12-31T23:58:00Z","end":"2023-12-31T23:59:00Z","late":4},)"
            R"({"start":"2023-12-31T23:59:00Z","end":"2024-01-01T00:00:00Z","late":2}],)"
            R"("late_earlier":3})");
}

TEST(WindowJson, OfNothing) {
  EXPECT_EQ(One({.kind = Kind::kSum}, {.size_ms = 1'500, .hop_ms = 500}).json({}),
            R"({"kind":"window","of":"sum","every_seconds":1.5,"hop_seconds":0.5,)"
            R"("watermark":null,"open":[],"closed":0,"late":0,"ahead":0,"late_windows":[],)"
            R"("late_earlier":0})");
}

TEST(WindowText, IsATableOfTheOpenWindowsTheLatestFirst) {
  One one({.kind = Kind::kCountBy, .fields = {"device_type"}});
  one.late = 1'234;
  one.ahead = 2;
  one.missing = 1;
  one.not_kept = 5;
  WindowResult windows;
  windows.open = {window(kStart, 1'010, CountByResult{{{{"android"}, 10}, {{"iOS"}, 1'000}}}),
                  window(kStart + kMinute, 1, CountByResult{{{{"web"}, 1}}})};
  windows.closed = 12;

  EXPECT_EQ(one.text(windows),
            "  n (windows of 60 s)\n"
            "    open window           records  count_by device_type\n"
            "    2024-01-01T00:01:00Z        1  web 1\n"
            "    2024-01-01T00:00:00Z    1,010  iOS 1,000, android 10\n"
            "    (12 windows are closed)\n"
            "    (beyond those kept: 5 records)\n"
            "    (too late for their windows: 1,234)\n"
            "    (too far ahead of their time: 2)\n"
            "    (not counted: 1 record lacks it)\n");
}

TEST(WindowText, ShowsSoManyRowsAndSaysOfTheOthers) {
  const One one({.kind = Kind::kCount}, {.size_ms = 3'600'000, .hop_ms = 300'000});
  WindowResult windows;
  for (int i = 0; i < 5; ++i)
    windows.open.push_back(window(kStart + i * 300'000, 1, CountResult{1}));
  EXPECT_EQ(one.text(windows, 2),
            "  n (windows of 3600 s, one every 300 s)\n"
            "    open window           records\n"
            "    2024-01-01T00:20:00Z        1\n"
            "    2024-01-01T00:15:00Z        1\n"
            "    … and 3 more\n");
}

TEST(WindowText, OfNothing) {
  EXPECT_EQ(One({.kind = Kind::kCount}).text({}),
            "  n (windows of 60 s)\n"
            "    (nothing counted)\n");
  WindowResult closed;
  closed.closed = 1;
  EXPECT_EQ(One({.kind = Kind::kCount}).text(closed),
            "  n (windows of 60 s)\n"
            "    (1 window is closed)\n");
}

// The last cell of the only window.
std::string summary(Insight insight, ResultValue value) {
  const One one(std::move(insight), {.size_ms = kMinute, .hop_ms = kMinute}, {{Edge::kLast, "ip"}});
  WindowResult windows;
  windows.open.push_back(window(kStart, 3, std::move(value)));
  std::string text = one.text(windows);
  text.pop_back();
  const std::string row = text.substr(text.rfind('\n') + 1);
  return row.substr(row.find("  3  ") + 5);
}

TEST(WindowText, SaysTheLargestOfEachKind) {
  EXPECT_EQ(summary({.kind = Kind::kCountBy, .fields = {"a", "b"}},
                    CountByResult{{{{"x", "y"}, 1}, {{"x", "z"}, 2}}}),
            "x/z 2, x/y 1");
  EXPECT_EQ(summary({.kind = Kind::kDistinct, .fields = {"u"}}, DistinctResult{5, 5, 5, true}),
            "5");
  EXPECT_EQ(summary({.kind = Kind::kDistinct, .fields = {"u"}}, DistinctResult{1'005, 1, 2, false}),
            "about 1,005");
  EXPECT_EQ(summary({.kind = Kind::kDistinct, .fields = {"u", "d"}, .by = 1},
                    DistinctByResult{{{{"a"}, {1, 1, 1}}, {{"b"}, {3, 3, 3}}}}),
            "b 3, a 1");
  EXPECT_EQ(summary({.kind = Kind::kTop, .fields = {"u"}},
                    TopResult{{{{"u1"}, 7, 0, {}}, {{"u2"}, 7, 0, {}}}, 2}),
            "u1 7, u2 7");
  HoursResult hours;
  hours.counts[3] = 2;
  hours.counts[23] = 1;
  EXPECT_EQ(summary({.kind = Kind::kHoursOfDay, .fields = {"t"}}, hours), "03h 2, 23h 1");
  EXPECT_EQ(summary({.kind = Kind::kQuantiles, .fields = {"n"}, .quantiles = {0.5, 0.99}},
                    QuantilesResult{{1.25, 7'000}, 0.1}),
            "p50 1.25, p99 7,000");
  EXPECT_EQ(summary({.kind = Kind::kMean, .fields = {"n"}}, NumberResult{Number(2.5)}), "2.5");
  EXPECT_EQ(summary({.kind = Kind::kMean, .fields = {"n"}}, NumberResult{}), "-");
  EXPECT_EQ(summary({.kind = Kind::kLast, .fields = {"d"}, .edges = {0}},
                    EdgeResult{{{{"d1"}, {.text = "1.1.1.1"}}, {{"d2"}, {.text = "::1"}}}}),
            "d1 1.1.1.1, d2 ::1");
}

TEST(WindowText, IsCutWhereItIsTooLongAndSafeToPrint) {
  CountByResult many;
  for (int i = 0; i < 20; ++i) many.rows.push_back({{"a long name " + std::to_string(i)}, 1});
  EXPECT_EQ(summary({.kind = Kind::kCountBy, .fields = {"k"}}, many),
            "a long name 0 1, a long name 1 1, a lon…");
  many.rows.resize(1);
  many.rows[0].values[0] = "\x1b[31m";
  EXPECT_EQ(summary({.kind = Kind::kCountBy, .fields = {"k"}}, many), "\uFFFD[31m 1");
  CountByResult short_ones;
  for (int i = 0; i < 9; ++i) short_ones.rows.push_back({{std::to_string(i)}, 1});
  EXPECT_EQ(summary({.kind = Kind::kCountBy, .fields = {"k"}}, short_ones),
            "0 1, 1 1, 2 1, 3 1, 4 1, 5 1, 6 1, 7 1,…");
}

}  // namespace
}  // namespace millrace::insights
