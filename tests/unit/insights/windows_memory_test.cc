// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "engine/insights/window_counts.h"
#include "tests/counting_new.h"
#include "tests/unit/insights/windowed_stream.h"

namespace millrace::insights {
namespace {

std::vector<TimedRecord> records(int64_t from, int64_t step, unsigned seed) {
  std::vector<TimedRecord> all;
  for (int64_t i = 0; i < 1'000; ++i)
    all.push_back({i, from + i * step, 1'000'000'000, seed + static_cast<unsigned>(i % 500)});
  return all;
}

size_t allocations_of(const std::vector<TimedRecord>& batch, Shard& shard) {
  // Of the texts that a record is made of, too.
  size_t made = tests::allocations();
  for (const TimedRecord& record : batch) static_cast<void>(said_by(record));
  made = tests::allocations() - made;
  const size_t before = tests::allocations();
  for (const TimedRecord& record : batch) count_timed(record, shard);
  return tests::allocations() - before - made;
}

TEST(WindowsMemory, ARecycledShardAllocatesNothing) {
  for (const Windowing& window :
       {Windowing{.size_ms = 60'000, .hop_ms = 60'000, .max_ahead_ms = 1},
        Windowing{.size_ms = 60'000, .hop_ms = 10'000, .max_ahead_ms = 1}}) {
    const Declaration declaration = windowed(window);
    Shard shard(declaration);
    for (const TimedRecord& record : records(0, 700, 1)) count_timed(record, shard);
    shard.clear();
    const size_t footprint = shard.footprint();
    // Other windows, the same keys.
    EXPECT_EQ(allocations_of(records(7'200'000, 700, 1), shard), 0U);
    EXPECT_EQ(shard.footprint(), footprint);
  }
}

// Each record is far from the one before: what one such batch took is given back.
TEST(WindowsMemory, ABatchOfVeryManyWindowsDoesNotKeepItsMemory) {
  const Windowing window{.size_ms = 100'000, .hop_ms = 1'000, .max_ahead_ms = 1'000'000'000};
  const Declaration declaration{
      .insights = {}, .parts = {{.kind = PartKind::kKeys, .fields = 1, .window = window}}};
  Shard shard(declaration);
  for (int64_t i = 0; i < 500; ++i) {
    const std::string_view key = "k";
    shard.set_time(0, i * 1'000'000, {i});
    shard.add_key(0, {&key, 1});
  }
  EXPECT_EQ(shard.part(0).windows->windows().size(), 50'000U);
  const size_t full = shard.footprint();
  shard.clear();
  EXPECT_LT(shard.footprint(), full / 3);
  EXPECT_EQ(shard.part(0).windows->windows().size(), 0U);
}

// A window with little in it takes little.
TEST(WindowsMemory, AnOpenWindowIsSmall) {
  const Windowing window{.size_ms = 1'000'000, .hop_ms = 10'000, .max_ahead_ms = 1};
  const Declaration declaration{
      .insights = {{.kind = Kind::kCountBy, .name = "n", .keys_max = 1'000, .part = 0}},
      .parts = {{.kind = PartKind::kKeys, .fields = 1, .window = window}}};
  State state(declaration);
  Shard shard(declaration);
  const std::string_view key = "k";
  shard.set_time(0, 0, {0});
  shard.add_key(0, {&key, 1});
  state.add(shard, {0});
  EXPECT_LT(state.footprint(), 100 * 1'500U);
}

}  // namespace
}  // namespace millrace::insights
