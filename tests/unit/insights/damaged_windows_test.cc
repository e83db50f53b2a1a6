// SPDX-License-Identifier: Apache-2.0
// What a state topic has of windows may be anything, too.
#include <cstdint>
#include <limits>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "engine/insights/window_accumulator.h"
#include "tests/unit/insights/saved_state.h"
#include "tests/unit/insights/windowed_stream.h"

namespace millrace::insights {
namespace {

constexpr Windowing kWindow{.size_ms = 40, .hop_ms = 10, .grace_ms = 15, .max_ahead_ms = 1'000};

const Declaration& declaration() {
  static const Declaration kDeclaration = windowed(kWindow);
  return kDeclaration;
}

std::unique_ptr<WindowedPartition> counted(size_t records) {
  auto partition = std::make_unique<WindowedPartition>(declaration());
  std::vector<TimedRecord> all;
  for (size_t i = 0; i < records; ++i) {
    const auto at = static_cast<int64_t>(i);
    all.push_back({at, at * 3 % 101 + at, at, static_cast<unsigned>(i * 7919)});
  }
  partition->count(all, 10);
  return partition;
}

std::unique_ptr<Accumulator> empty(size_t insight) {
  const Insight& of = declaration().insights[insight];
  return Accumulator::make(of, declaration().parts[of.part]);
}

void ask(size_t insight, const Accumulator& accumulator) {
  const Insight& of = declaration().insights[insight];
  Result result;
  result.insight = &of;
  result.part = &declaration().parts[of.part];
  result.counted = accumulator.counted();
  result.late = accumulator.late();
  result.not_kept = accumulator.not_kept();
  result.value = accumulator.result(kNow);
  record::JsonWriter writer;
  write_json(result, writer);
  ASSERT_FALSE(writer.take().empty());
  ASSERT_FALSE(to_text(result, 20).empty());
}

// True where it could be loaded; then it was asked, written, merged and counted on.
bool harmless(size_t insight, std::span<const std::string> chunks) {
  static const std::unique_ptr<WindowedPartition> kOther = counted(60);
  const auto loaded = empty(insight);
  if (!load_chunks(chunks, *loaded)) return false;
  ask(insight, *loaded);
  const auto windows = std::get<WindowResult>(loaded->result(kNow)).open.size();
  EXPECT_LE(windows, open_windows_max(kWindow));
  save_chunks(*loaded, 4);
  Shard batch(declaration());
  for (unsigned i = 0; i < 20; ++i) count_timed({i, 1'000 + i * 20, 5'000, i}, batch);
  loaded->add(batch.part(declaration().insights[insight].part), {.epoch = 7, .now = kNow});
  ask(insight, *loaded);
  const auto merged = empty(insight);
  merged->merge(kOther->state().accumulator(insight));
  merged->merge(*loaded);
  ask(insight, *merged);
  static_cast<WindowAccumulator&>(*loaded).close_all();
  static_cast<void>(static_cast<WindowAccumulator&>(*loaded).take_closed());
  return true;
}

TEST(DamagedWindows, AreNoticedWhereverTheirBytesEnd) {
  for (const size_t records : {0U, 60U}) {
    const auto partition = counted(records);
    for (size_t i = 0; i < declaration().insights.size(); ++i) {
      std::vector<std::string> chunks = save_chunks(partition->state().accumulator(i), 2);
      ASSERT_TRUE(harmless(i, chunks));
      const std::string whole = chunks[0];
      size_t noticed = 0;
      for (size_t size = 0; size < whole.size(); ++size) {
        chunks[0] = whole.substr(0, size);
        chunks[0].shrink_to_fit();
        if (!harmless(i, chunks)) ++noticed;
      }
      // (Between two windows an end is an end. The second chunk then speaks of one that is not
      // there, or of none.)
      EXPECT_GE(noticed + open_windows_max(kWindow), whole.size());
      chunks[0] = whole + '\0';
      EXPECT_FALSE(harmless(i, chunks));
    }
  }
}

TEST(DamagedWindows, RandomDamageDoesNoHarm) {
  const auto seed = static_cast<unsigned>(::testing::UnitTest::GetInstance()->random_seed());
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  const auto partition = counted(80);
  size_t loaded = 0;
  size_t tried = 0;
  for (size_t i = 0; i < declaration().insights.size(); ++i) {
    const std::vector<std::string> whole = save_chunks(partition->state().accumulator(i), 2);
    for (int times = 0; times < 200; ++times) {
      std::vector<std::string> chunks = whole;
      // (Where there are no keys, the second one has nothing.)
      std::string& chunk = chunks[chunks[1].empty() ? 0 : random() % 2];
      chunk[random() % chunk.size()] = static_cast<char>(random());
      ++tried;
      if (harmless(i, chunks)) ++loaded;
    }
  }
  EXPECT_GT(loaded, tried / 100);
  EXPECT_LT(loaded, tried);
}

RC_GTEST_PROP(DamagedWindows, AnyBytesDoNoHarm,
              (const std::vector<std::vector<uint8_t>>& chunks, uint8_t insight)) {
  std::vector<std::string> bytes;
  for (const std::vector<uint8_t>& chunk : chunks) bytes.emplace_back(chunk.begin(), chunk.end());
  harmless(insight % declaration().insights.size(), bytes);
}

// The head of a state with this watermark and these windows, each with a count of records.
std::vector<std::string> state_of(int64_t watermark, int64_t closed_to,
                                  const std::vector<int64_t>& starts) {
  Encoder encoder;
  encoder.number(1);
  encoder.signed_number(watermark);
  encoder.number(1);
  encoder.signed_number(closed_to);
  for (int i = 0; i < 6; ++i) encoder.number(0);
  LateWindows().save(encoder);
  for (const int64_t start : starts) {
    encoder.signed_number(start);
    encoder.text("\5");
  }
  return {encoder.bytes()};
}

TEST(DamagedWindows, OnlyThoseThatCanBeOpenAre) {
  // Insight 0 counts records; closed at 100 is what ends at 80.
  EXPECT_TRUE(harmless(0, state_of(100, 80, {50, 60, 70, 80, 90, 100})));
  EXPECT_TRUE(harmless(0, state_of(100, 90, {60})));
  EXPECT_FALSE(harmless(0, state_of(100, 70, {60})));   // the watermark says more
  EXPECT_FALSE(harmless(0, state_of(100, 85, {60})));   // no end of a window
  EXPECT_FALSE(harmless(0, state_of(100, 80, {40})));   // closed
  EXPECT_FALSE(harmless(0, state_of(100, 80, {110})));  // in the future
  EXPECT_FALSE(harmless(0, state_of(100, 80, {55})));
  EXPECT_FALSE(harmless(0, state_of(100, 80, {60, 60})));
  EXPECT_FALSE(harmless(0, state_of(100, 80, {70, 60})));
}

TEST(DamagedWindows, TimesBeyondAllDatesAreNone) {
  for (const int64_t far :
       {std::numeric_limits<int64_t>::max(), std::numeric_limits<int64_t>::min(),
        int64_t{1'000'000'000'000'000}, int64_t{-1'000'000'000'000'000}}) {
    EXPECT_FALSE(harmless(0, state_of(far, 0, {})));
    EXPECT_FALSE(harmless(0, state_of(0, far, {})));
  }
}

}  // namespace
}  // namespace millrace::insights
