// SPDX-License-Identifier: Apache-2.0
// Windows over random streams, with times that are late, ahead, absent and centuries away: no cut
// into batches changes anything, and it is what an oracle says that goes record by record.
#include <algorithm>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "engine/insights/late_windows.h"
#include "engine/insights/state.h"
#include "engine/insights/window_accumulator.h"
#include "tests/unit/insights/saved_state.h"
#include "tests/unit/insights/window_oracle.h"
#include "tests/unit/insights/windowed_stream.h"

namespace millrace::insights {
namespace {

constexpr int64_t kFourCenturies = int64_t{146'097} * 86'400'000;

Windowing any_window() {
  Windowing window;
  window.hop_ms = *rc::gen::inRange<int64_t>(1, 30);
  window.size_ms = window.hop_ms * *rc::gen::inRange<int64_t>(1, 6);
  window.grace_ms = *rc::gen::oneOf(rc::gen::just<int64_t>(0), rc::gen::inRange<int64_t>(0, 80));
  window.max_ahead_ms = *rc::gen::inRange<int64_t>(0, 100);
  return window;
}

// The time of the next record, where all goes on at about `now`.
int64_t next_time(unsigned kind, std::mt19937& random, const Windowing& window, int64_t now) {
  const auto up_to = [&random](int64_t most) {
    return static_cast<int64_t>(random()) % std::max<int64_t>(1, most);
  };
  switch (kind) {
    case 0:  // where a window begins
      return now / window.hop_ms * window.hop_ms;
    case 1:  // just where one closes, or just before
      return now / window.hop_ms * window.hop_ms + window.size_ms + window.grace_ms -
             static_cast<int64_t>(random() % 2);
    case 2:
      return now - up_to(10 * window.size_ms);
    case 3:
      return now + up_to(3 * window.size_ms);
    default:
      return now - up_to(window.size_ms + window.grace_ms + 2);
  }
}

std::vector<TimedRecord> any_stream(const Windowing& window) {
  const auto moves = *rc::gen::resize(120, rc::gen::arbitrary<std::vector<uint32_t>>());
  std::vector<TimedRecord> records;
  int64_t offset = *rc::gen::inRange<int64_t>(0, 100'000);
  int64_t now = *rc::gen::element<int64_t>(0, -50, 1'720'655'268'123, -50'000'000'000'000);
  for (const uint32_t move : moves) {
    std::mt19937 random(move);
    offset += 1 + (random() % 30 == 0 ? static_cast<int64_t>(random()) % 70'000 : 0);
    now += static_cast<int64_t>(random() % 8) - 1;
    if (random() % 100 == 0) now += random() % 2 == 0 ? kFourCenturies : -kFourCenturies;
    TimedRecord record{.offset = offset, .time = std::nullopt, .timestamp = now, .seed = move};
    const auto kind = static_cast<unsigned>(random() % 12);
    // (Without a time, or too far ahead, or just not.)
    if (kind == 11) record.time = now + window.max_ahead_ms + static_cast<int64_t>(random() % 2);
    if (kind < 10) record.time = next_time(kind, random, window, now);
    records.push_back(record);
  }
  return records;
}

std::vector<WindowOracle::Shown> shown(const State& state) {
  std::vector<WindowOracle::Shown> all;
  for (const ClosedWindow& window : state.closed()) {
    Result result = state.result(window.insight, kNow);
    result.value = window.value;
    record::JsonWriter writer;
    write_json(result, writer);
    all.push_back({window.insight, window.start, window.closed_by.value, writer.take()});
  }
  return all;
}

void expect_as_oracle(const State& state, const WindowOracle& oracle) {
  RC_ASSERT(shown(state) == oracle.closed());
  for (size_t i = 0; i < state.declaration().insights.size(); ++i) {
    const WindowOracle::Counts& counts = oracle.counts(i);
    const Result result = state.result(i, kNow);
    RC_ASSERT(result.counted == counts.counted);
    RC_ASSERT(result.missing == counts.missing);
    RC_ASSERT(result.late == counts.late);
    RC_ASSERT(result.ahead == counts.ahead);
    RC_ASSERT(result.selected == result.counted + result.missing + result.late + result.ahead);
    const auto& windows = std::get<WindowResult>(result.value);
    RC_ASSERT(windows.watermark == counts.watermark);
    RC_ASSERT(windows.closed == counts.closed);
    RC_ASSERT(windows.open.size() == counts.open.size());
    auto open = windows.open.begin();
    for (const auto& [start, records] : counts.open) {
      RC_ASSERT(open->start == start);
      RC_ASSERT(open->counted == records.size());
      Result one = result;
      one.value = open->value;
      record::JsonWriter writer;
      write_json(one, writer);
      RC_ASSERT(writer.take() == oracle.json_of(i, records));
      ++open;
    }
    uint64_t all_late = 0;
    for (const auto& [start, records] : counts.late_windows) all_late += records;
    uint64_t shown_late = windows.late_earlier;
    for (const WindowResult::Late& late : windows.late_windows) {
      RC_ASSERT(counts.late_windows.at(late.start) == late.records);
      shown_late += late.records;
    }
    RC_ASSERT(shown_late == all_late);
  }
}

RC_GTEST_PROP(Windows, AreWhatAnOracleSaysRecordByRecord, ()) {
  const Windowing window = any_window();
  const std::vector<TimedRecord> records = any_stream(window);
  WindowOracle oracle(window);
  for (const TimedRecord& record : records) oracle.add(record);

  const Declaration declaration = windowed(window);
  WindowedPartition partition(declaration);
  partition.count(records, *rc::gen::inRange<size_t>(1, 60));

  expect_as_oracle(partition.state(), oracle);
}

RC_GTEST_PROP(Windows, AreTheSameForEveryCutIntoBatches, ()) {
  const Windowing window = any_window();
  const Declaration declaration = windowed(window);
  const std::vector<TimedRecord> records = any_stream(window);
  WindowedPartition whole(declaration);
  whole.count(records, records.size());

  WindowedPartition cut(declaration);
  for (size_t at = 0; at < records.size();) {
    const size_t batch = std::min(records.size() - at, *rc::gen::inRange<size_t>(1, 20));
    cut.count(std::span(records).subspan(at, batch), batch);
    at += batch;
  }

  RC_ASSERT(shown(cut.state()) == shown(whole.state()));
  RC_ASSERT(save_state(cut.state(), 4) == save_state(whole.state(), 4));
  RC_ASSERT(dump(cut.state(), kNow) == dump(whole.state(), kNow));
}

RC_GTEST_PROP(Windows, GoOnByteForByteAsIfTheProcessHadNeverEnded, ()) {
  const Windowing window = any_window();
  const Declaration declaration = windowed(window);
  const std::vector<TimedRecord> records = any_stream(window);
  WindowedPartition whole(declaration);
  whole.count(records, 7);

  WindowedPartition ended(declaration);
  std::vector<WindowOracle::Shown> gone_out;
  const size_t chunks = size_t{1} << *rc::gen::inRange(0, 4);
  for (size_t at = 0; at < records.size();) {
    const size_t some = std::min(records.size() - at, *rc::gen::inRange<size_t>(1, 40));
    ended.count(std::span(records).subspan(at, some), 5);
    at += some;
    for (WindowOracle::Shown& one : shown(ended.state())) gone_out.push_back(std::move(one));
    auto loaded = load_state(declaration, save_state(ended.state(), chunks));
    RC_ASSERT(loaded != nullptr);
    ended.replace(std::move(loaded));
  }

  RC_ASSERT(gone_out == shown(whole.state()));
  RC_ASSERT(save_state(ended.state(), chunks) == save_state(whole.state(), chunks));
  RC_ASSERT(dump(ended.state(), kNow) == dump(whole.state(), kNow));
}

RC_GTEST_PROP(Windows, OfPartitionsAreMergedToTheSameInEveryOrder, ()) {
  const Windowing window = any_window();
  const Declaration declaration = windowed(window);
  std::vector<std::unique_ptr<WindowedPartition>> partitions;
  std::vector<Result> sums(declaration.insights.size());
  for (int i = 0; i < 4; ++i) {
    partitions.push_back(std::make_unique<WindowedPartition>(declaration));
    partitions.back()->count(any_stream(window), 10);
    for (size_t n = 0; n < sums.size(); ++n) {
      const Result result = partitions.back()->state().result(n, kNow);
      sums[n].counted += result.counted;
      sums[n].late += result.late;
      sums[n].ahead += result.ahead;
      sums[n].missing += result.missing;
    }
  }
  const auto merge_all = [&] {
    State merged(declaration);
    for (const auto& partition : partitions) merged.merge(partition->state());
    for (size_t n = 0; n < sums.size(); ++n) {
      const Result result = merged.result(n, kNow);
      RC_ASSERT(result.counted == sums[n].counted);
      RC_ASSERT(result.late == sums[n].late);
      RC_ASSERT(result.ahead == sums[n].ahead);
      RC_ASSERT(result.missing == sums[n].missing);
    }
    RC_ASSERT(merged.closed().empty());
    return dump(merged, kNow);
  };
  const std::string expected = merge_all();
  for (int i = 0; i < 4; ++i) {
    std::rotate(partitions.begin(), partitions.begin() + *rc::gen::inRange(0, 4), partitions.end());
    RC_ASSERT(merge_all() == expected);
  }
}

// The streams above do what they are about.
TEST(WindowStreams, MeetAllThatCanBecomeOfARecord) {
  uint64_t late = 0;
  uint64_t ahead = 0;
  uint64_t partly_late = 0;
  uint64_t closed = 0;
  uint64_t missing = 0;
  rc::check([&] {
    const Windowing window = any_window();
    const Declaration declaration = windowed(window);
    WindowedPartition partition(declaration);
    partition.count(any_stream(window), 10);
    const Result result = partition.state().result(0, kNow);
    late += result.late;
    ahead += result.ahead;
    missing += result.missing;
    const auto& windows = std::get<WindowResult>(result.value);
    closed += windows.closed;
    uint64_t in_windows = windows.late_earlier;
    for (const WindowResult::Late& one : windows.late_windows) in_windows += one.records;
    const auto of_each = static_cast<uint64_t>(window.size_ms / window.hop_ms);
    partly_late += in_windows - result.late * of_each;
  });
  EXPECT_GT(late, 200U);
  EXPECT_GT(ahead, 50U);
  EXPECT_GT(partly_late, 50U);
  EXPECT_GT(closed, 200U);
  EXPECT_GT(missing, 50U);
}

}  // namespace
}  // namespace millrace::insights
