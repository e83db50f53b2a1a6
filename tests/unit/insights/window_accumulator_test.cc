// SPDX-License-Identifier: Apache-2.0
#include "engine/insights/window_accumulator.h"

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/insights/state.h"
#include "engine/insights/utc_text.h"
#include "tests/unit/insights/saved_state.h"

namespace millrace::insights {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using namespace std::chrono_literals;

// count_by in windows, with a topic.
Declaration counting(const Windowing& window) {
  return {.insights = {{.kind = Kind::kCountBy,
                        .name = "n",
                        .fields = {"k"},
                        .keys_max = 3,
                        .output = TopicOutput{.topic = "t"}}},
          .parts = {{.kind = PartKind::kKeys, .fields = 1, .window = window}}};
}

// One partition, a record to a batch unless it says otherwise.
class Partition {
 public:
  explicit Partition(const Windowing& window)
      : declaration_(counting(window)), state_(declaration_), shard_(declaration_) {}

  explicit Partition(Declaration declaration)
      : declaration_(std::move(declaration)), state_(declaration_), shard_(declaration_) {}

  void put(int64_t time, const std::string& key = "a") {
    shard_.count_emitted();
    shard_.set_time(0, time, {offset_++});
    const std::string_view view = key;
    shard_.add_key(0, {&view, 1});
  }

  void settle() {
    state_.add(shard_, {offset_}, {});
    shard_.clear();
  }

  void count(int64_t time, const std::string& key = "a") {
    put(time, key);
    settle();
  }

  [[nodiscard]] Result result() const { return state_.result(0, {}); }

  [[nodiscard]] WindowResult windows() const { return std::get<WindowResult>(result().value); }

  // "START: key=n …" of each.
  [[nodiscard]] std::vector<std::string> open() const {
    std::vector<std::string> texts;
    for (const WindowResult::Window& window : windows().open)
      texts.push_back(text(window.start, window.value));
    return texts;
  }

  [[nodiscard]] std::vector<std::string> closed() const {
    std::vector<std::string> texts;
    for (const ClosedWindow& window : state_.closed())
      texts.push_back(text(window.start, window.value));
    return texts;
  }

  [[nodiscard]] State& state() { return state_; }

  [[nodiscard]] Shard& shard() { return shard_; }

 private:
  static std::string text(int64_t start, const ResultValue& value) {
    std::string text = fmt::format("{}:", start);
    for (const auto& row : std::get<CountByResult>(value).rows)
      text += fmt::format(" {}={}", row.values[0], row.count);
    return text;
  }

  const Declaration declaration_;
  State state_;
  Shard shard_;
  int64_t offset_ = 0;
};

constexpr Windowing kTumbling{.size_ms = 10, .hop_ms = 10, .grace_ms = 0, .max_ahead_ms = 1'000};

TEST(Windows, StartEmpty) {
  const Partition partition(kTumbling);

  EXPECT_THAT(partition.open(), IsEmpty());
  EXPECT_FALSE(partition.windows().watermark.has_value());
  EXPECT_EQ(partition.windows().closed, 0U);
}

TEST(Windows, HoldARecordEachByItsTime) {
  Partition partition(kTumbling);
  partition.count(9, "a");
  partition.count(5, "b");
  partition.count(9, "a");
  EXPECT_THAT(partition.open(), ElementsAre("0: a=2 b=1"));
  EXPECT_EQ(partition.windows().watermark, 9);

  partition.count(10, "c");
  EXPECT_THAT(partition.open(), ElementsAre("10: c=1"));
  EXPECT_THAT(partition.closed(), ElementsAre("0: a=2 b=1"));
  EXPECT_EQ(partition.windows().closed, 1U);
}

TEST(Windows, AreOpenForTheirGrace) {
  Partition partition(Windowing{.size_ms = 10, .hop_ms = 10, .grace_ms = 5});
  partition.count(3, "a");
  partition.count(14, "b");
  partition.count(9, "c");
  EXPECT_THAT(partition.open(), ElementsAre("0: a=1 c=1", "10: b=1"));
  partition.count(15, "d");
  EXPECT_THAT(partition.closed(), ElementsAre("0: a=1 c=1"));
  partition.count(9, "late");
  EXPECT_EQ(partition.result().late, 1U);
  EXPECT_THAT(partition.open(), ElementsAre("10: b=1 d=1"));
}

TEST(Windows, OverlapWhereTheHopIsShorter) {
  Partition partition(Windowing{.size_ms = 30, .hop_ms = 10});
  partition.count(25, "a");
  EXPECT_THAT(partition.open(), ElementsAre("0: a=1", "10: a=1", "20: a=1"));
  partition.count(40, "b");
  EXPECT_THAT(partition.closed(), ElementsAre("0: a=1", "10: a=1"));
  EXPECT_THAT(partition.open(), ElementsAre("20: a=1 b=1", "30: b=1", "40: b=1"));

  // In time for one of its windows, late for the other two.
  partition.count(29, "c");
  EXPECT_THAT(partition.open(), ElementsAre("20: a=1 b=1 c=1", "30: b=1", "40: b=1"));
  // And late for all three.
  partition.count(19, "d");
  const Result result = partition.result();
  EXPECT_EQ(result.counted, 3U);
  EXPECT_EQ(result.late, 1U);
  std::vector<std::string> late;
  for (const WindowResult::Late& one : partition.windows().late_windows)
    late.push_back(fmt::format("{}: {}", one.start, one.records));
  EXPECT_THAT(late, ElementsAre("-10: 1", "0: 2", "10: 2"));
}

TEST(Windows, AreLateOnlyForWhatCameBefore) {
  Partition partition(kTumbling);
  partition.put(5, "a");
  partition.put(12, "b");
  partition.put(6, "late");
  partition.put(13, "c");
  partition.settle();
  EXPECT_THAT(partition.closed(), ElementsAre("0: a=1"));
  EXPECT_THAT(partition.open(), ElementsAre("10: b=1 c=1"));
  EXPECT_EQ(partition.result().late, 1U);
}

TEST(Windows, AheadOfTheirTimeMoveNothing) {
  Partition partition(kTumbling);
  partition.count(5);
  partition.shard().count_emitted();
  partition.shard().add_ahead(0);
  partition.settle();

  const Result result = partition.result();
  EXPECT_EQ(result.ahead, 1U);
  EXPECT_EQ(result.selected, 2U);
  EXPECT_EQ(result.counted, 1U);
  EXPECT_EQ(partition.windows().watermark, 5);
}

// Its time was read, though there is nothing to count.
TEST(Windows, ARecordWithoutTheFieldMovesTheWatermark) {
  Partition partition(kTumbling);
  partition.count(5);
  partition.shard().count_emitted();
  partition.shard().set_time(0, 25, {7});
  partition.shard().add_missing(0);
  partition.settle();

  EXPECT_THAT(partition.closed(), ElementsAre("0: a=1"));
  EXPECT_EQ(partition.state().closed().front().closed_by, base::Offset{7});
  EXPECT_THAT(partition.open(), IsEmpty());
  EXPECT_EQ(partition.result().missing, 1U);
}

TEST(Windows, AreFinalOnceForEver) {
  Partition partition(kTumbling);
  partition.count(5, "a");
  partition.count(400'000'000'000'000 / 32, "far");  // 400 years on
  partition.count(6, "late");
  partition.count(-6'000'000'000'000, "late");
  EXPECT_THAT(partition.closed(), ElementsAre("0: a=1"));
  EXPECT_EQ(partition.result().late, 2U);
  EXPECT_EQ(partition.windows().open.size(), 1U);
}

TEST(Windows, KeepTheirLimitsEach) {
  Partition partition(kTumbling);
  for (const char* key : {"a", "b", "c", "d", "a"}) partition.put(1, key);
  for (const char* key : {"d", "e"}) partition.put(11, key);
  partition.settle();
  EXPECT_THAT(partition.closed(), ElementsAre("0: a=2 b=1 c=1"));
  EXPECT_EQ(partition.state().closed().front().not_kept, 1U);
  EXPECT_EQ(partition.state().closed().front().counted, 5U);
  EXPECT_THAT(partition.open(), ElementsAre("10: d=1 e=1"));
  EXPECT_EQ(partition.result().not_kept, 1U);
  EXPECT_EQ(partition.result().counted, 7U);
}

TEST(Windows, WaitUntilTheyAreForgotten) {
  Partition partition(kTumbling);
  for (const int64_t time : {0, 10, 20, 30}) partition.count(time);
  EXPECT_THAT(partition.closed(), ElementsAre("0: a=1", "10: a=1", "20: a=1"));
  partition.state().forget_closed(2);
  EXPECT_THAT(partition.closed(), ElementsAre("20: a=1"));
  partition.count(40);
  EXPECT_THAT(partition.closed(), ElementsAre("20: a=1", "30: a=1"));
  partition.state().forget_closed(2);
  EXPECT_THAT(partition.closed(), IsEmpty());
  EXPECT_EQ(partition.windows().closed, 4U);
}

TEST(WindowsDeath, NoMoreCanBeForgottenThanThereAre) {
  Partition partition(kTumbling);
  EXPECT_DEATH(partition.state().forget_closed(1), "count");
}

TEST(Windows, WithoutATopicAreNotKept) {
  Declaration declaration = counting(kTumbling);
  declaration.insights[0].output.reset();
  Partition partition(declaration);
  for (const int64_t time : {0, 10, 20}) partition.count(time);
  EXPECT_THAT(partition.closed(), IsEmpty());
  EXPECT_EQ(partition.windows().closed, 2U);
  EXPECT_EQ(partition.result().counted, 3U);
}

// Two insights whose windows a batch closes: by the record that did it, then by insight, then by
// end.
TEST(Windows, OfSeveralInsightsCloseInTheOrderOfTheInput) {
  Declaration declaration = counting(kTumbling);
  declaration.insights.push_back(declaration.insights[0]);
  declaration.insights[1].part = 1;
  declaration.parts.push_back(declaration.parts[0]);
  declaration.parts[1].window = Windowing{.size_ms = 15, .hop_ms = 5};
  State state(declaration);
  Shard shard(declaration);
  int64_t offset = 0;
  for (const int64_t time : {3, 7, 16, 31}) {
    const std::string_view key = "a";
    for (const size_t part : {0U, 1U}) {
      shard.set_time(part, time, {offset});
      shard.add_key(part, {&key, 1});
    }
    ++offset;
  }
  state.add(shard, {0}, {});

  std::vector<std::string> order;
  for (const ClosedWindow& window : state.closed())
    order.push_back(fmt::format("@{} {} {}", window.closed_by.value, window.insight, window.start));
  EXPECT_THAT(order, ElementsAre("@1 1 -10", "@2 0 0", "@2 1 -5", "@2 1 0", "@3 0 10", "@3 1 5",
                                 "@3 1 10", "@3 1 15"));
}

TEST(IdleWindows, AreClosedByTheClockAndStayClosed) {
  Declaration declaration = counting(kTumbling);
  declaration.insights[0].close_idle_after = 30s;
  Partition partition(declaration);
  partition.count(5, "a");
  EXPECT_FALSE(partition.state().close_idle(29s));
  EXPECT_THAT(partition.closed(), IsEmpty());

  EXPECT_TRUE(partition.state().close_idle(30s));
  EXPECT_THAT(partition.closed(), ElementsAre("0: a=1"));
  EXPECT_FALSE(partition.state().closed().front().closed_by.valid());
  EXPECT_FALSE(partition.state().close_idle(60s));

  partition.count(6, "late");
  EXPECT_EQ(partition.result().late, 1U);
  EXPECT_EQ(partition.windows().watermark, 6);
  EXPECT_THAT(partition.open(), IsEmpty());
  partition.count(10, "b");
  EXPECT_THAT(partition.open(), ElementsAre("10: b=1"));

  // Also after a restart.
  auto loaded = load_state(partition.state().declaration(), save_state(partition.state(), 2));
  ASSERT_NE(loaded, nullptr);
  EXPECT_EQ(dump(*loaded, {}), dump(partition.state(), {}));
  partition.put(9, "late");
  loaded->add(partition.shard(), {9}, {});
  EXPECT_EQ(loaded->result(0, {}).late, 2U);
}

TEST(IdleWindows, CloseAllThatAreOpenInTheOrderOfTheirEnds) {
  Declaration declaration = counting(Windowing{.size_ms = 20, .hop_ms = 10, .grace_ms = 50});
  declaration.insights[0].close_idle_after = 1s;
  Partition partition(declaration);
  for (const int64_t time : {35, 5, 20}) partition.count(time);
  EXPECT_TRUE(partition.state().close_idle(1s));
  EXPECT_THAT(partition.closed(),
              ElementsAre("-10: a=1", "0: a=1", "10: a=1", "20: a=2", "30: a=1"));
}

TEST(IdleWindows, WaitForEverUnlessTheySayOtherwise) {
  Partition partition(kTumbling);
  partition.count(5);
  EXPECT_FALSE(partition.state().close_idle(std::chrono::hours{1'000}));
  EXPECT_THAT(partition.open(), ElementsAre("0: a=1"));
}

TEST(Windows, OfPartitionsAddUpByTheirStarts) {
  const Declaration declaration = counting(kTumbling);
  Partition one(declaration);
  Partition other(declaration);
  State merged(one.state().declaration());
  for (const int64_t time : {1, 11, 12, 2}) one.count(time, "a");
  merged.merge(one.state());
  EXPECT_EQ(std::get<WindowResult>(merged.result(0, {}).value).watermark, 12);

  // (Both are of one declaration.)
  State second(one.state().declaration());
  Shard shard(one.state().declaration());
  for (const int64_t time : {5, 15}) {
    const std::string_view key = "b";
    shard.set_time(0, time, {time});
    shard.add_key(0, {&key, 1});
    second.add(shard, {time}, {});
    shard.clear();
  }
  merged.merge(second);

  const Result result = merged.result(0, {});
  const auto& windows = std::get<WindowResult>(result.value);
  ASSERT_EQ(windows.open.size(), 1U);
  EXPECT_EQ(windows.open[0].start, 10);
  EXPECT_EQ(windows.open[0].counted, 3U);
  EXPECT_EQ(windows.watermark, 12);  // of the one that is behind
  EXPECT_EQ(windows.closed, 2U);
  EXPECT_EQ(result.late, 1U);
  EXPECT_EQ(result.counted, 5U);
  EXPECT_THAT(merged.closed(), IsEmpty());
}

TEST(WindowsDeath, NeedAWindowThatTheHopDivides) {
  EXPECT_DEATH(State{counting(Windowing{.size_ms = 10, .hop_ms = 4})}, "hop_ms");
  EXPECT_DEATH(State{counting(Windowing{.size_ms = 10, .hop_ms = 0})}, "hop_ms");
  Declaration live = counting(kTumbling);
  live.insights[0].live = true;
  EXPECT_DEATH(State{live}, "live");
}

TEST(WindowsDeath, TimesAreOfPartsWithWindows) {
  Declaration declaration = counting(kTumbling);
  declaration.parts[0].window.reset();
  Shard shard(declaration);
  EXPECT_DEATH(shard.set_time(0, 1, {1}), "windows");
}

}  // namespace
}  // namespace millrace::insights
