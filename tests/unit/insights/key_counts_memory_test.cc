// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "engine/insights/key_counts.h"
#include "engine/insights/state.h"
#include "tests/counting_new.h"

namespace millrace::insights {
namespace {

std::vector<std::string> random_keys(size_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<std::string> keys;
  for (size_t i = 0; i < count; ++i) {
    keys.push_back("a user of this number: " + std::to_string(random()));
  }
  return keys;
}

TEST(KeyCountsMemory, AllocatesNothingWhereItWasAsFullBefore) {
  KeyCounts counts(1'000'000);
  const std::vector<std::string> first = random_keys(20'000, 1);
  const std::vector<std::string> second = random_keys(20'000, 2);
  for (const std::string& key : first) counts.add(key, 1);
  counts.clear();
  const size_t footprint = counts.footprint();
  const size_t before = tests::allocations();

  for (const std::string& key : second) counts.add(key, 1);
  const size_t during = tests::allocations() - before;

  EXPECT_EQ(during, 0U);
  EXPECT_EQ(counts.footprint(), footprint);
  EXPECT_EQ(counts.entries().size(), second.size());
}

TEST(KeyCountsMemory, AllocatesNothingForKnownKeys) {
  KeyCounts counts(1'000'000);
  const std::vector<std::string> keys = random_keys(1'000, 3);
  for (const std::string& key : keys) counts.add(key, 1);
  const size_t before = tests::allocations();

  for (int round = 0; round < 10; ++round) {
    for (const std::string& key : keys) counts.add(key, 1);
  }

  EXPECT_EQ(tests::allocations(), before);
}

// Every kind of part, and insights that read them.
const Declaration kDeclaration{
    .insights = {{.kind = Kind::kCount, .name = "count", .part = 0},
                 {.kind = Kind::kCountBy,
                  .name = "two",
                  .fields = {"a", "b"},
                  .keys_max = 100'000,
                  .part = 1},
                 {.kind = Kind::kDistinct,
                  .name = "distinct",
                  .fields = {"a"},
                  .exact_up_to = 1'000,
                  .part = 2},
                 {.kind = Kind::kDistinct,
                  .name = "by",
                  .fields = {"a", "b"},
                  .by = 1,
                  .exact_up_to = 64,
                  .keys_max = 100'000,
                  .part = 1},
                 {.kind = Kind::kTop,
                  .name = "top",
                  .fields = {"a"},
                  .exact_up_to = 100'000,
                  .part = 2,
                  .edges = {0}},
                 {.kind = Kind::kHoursOfDay, .name = "hours", .fields = {"t"}, .part = 3},
                 {.kind = Kind::kMean, .name = "mean", .fields = {"x"}, .part = 4},
                 {.kind = Kind::kQuantiles,
                  .name = "quantiles",
                  .fields = {"x"},
                  .quantiles = {0.5},
                  .part = 5},
                 {.kind = Kind::kLast,
                  .name = "last",
                  .fields = {"a"},
                  .keys_max = 100'000,
                  .part = 2,
                  .edges = {0}}},
    .parts = {{.kind = PartKind::kCounter},
              {.kind = PartKind::kKeys, .fields = 2},
              {.kind = PartKind::kKeys, .fields = 1, .edges = {{Edge::kLast, "t"}}},
              {.kind = PartKind::kHours},
              {.kind = PartKind::kNumbers},
              {.kind = PartKind::kSketch}},
    .rules = {"rule"}};

void count_record(const std::string& key, Shard& shard) {
  const std::array<std::string_view, 2> values{key, "b"};
  shard.count_emitted();
  shard.add_one(0);
  shard.add_key(1, values);
  const size_t entry = shard.add_key(2, std::span(values).first(1));
  shard.set_edge(2, entry, 0, {.text = std::string_view(key).substr(5), .is_string = true});
  shard.add_hour(3, 3);
  shard.add_number(4, Number(static_cast<double>(key.size()) / 3));
  shard.add_number(5, Number(static_cast<int64_t>(key.size())));
}

// As the steady state is: every key is known.
TEST(ShardMemory, AllocatesNothingWhenRecycled) {
  Shard shard(kDeclaration);
  State state(kDeclaration);
  const std::vector<std::string> keys = random_keys(2'000, 4);
  int64_t offset = 0;
  const auto fill = [&] {
    for (const std::string& key : keys) count_record(key, shard);
    shard.count_dead_letter(0);
    // Epochs come and go; the table of top is not full.
    state.add(shard, base::Offset{offset});
    offset += State::kEpochOffsets / 3;
    shard.clear();
  };
  fill();
  const size_t before = tests::allocations();

  for (int batch = 0; batch < 10; ++batch) fill();

  EXPECT_EQ(tests::allocations(), before);
  EXPECT_EQ(state.emitted(), 22'000U);
}

TEST(ShardMemory, IsAsLargeAsWhatItHolds) {
  const Shard empty(kDeclaration);
  Shard shard(kDeclaration);
  for (const std::string& key : random_keys(100, 5)) count_record(key, shard);

  EXPECT_LT(empty.footprint(), 16'384U);
  // An arena takes 64 KiB at a time: two tables and the edge values have one each.
  EXPECT_LT(shard.footprint(), empty.footprint() + 3 * 65'536 + 100 * 3 * 100);
}

// Ten times as many records with the same keys need no more.
TEST(StateMemory, DoesNotGrowWithTheRecords) {
  Shard shard(kDeclaration);
  State state(kDeclaration);
  const std::vector<std::string> keys = random_keys(3'000, 6);
  const auto count_all = [&](int times) {
    for (int i = 0; i < times; ++i) {
      for (const std::string& key : keys) count_record(key, shard);
      state.add(shard, base::Offset{i * State::kEpochOffsets});
      shard.clear();
    }
  };
  count_all(10);
  const size_t footprint = state.footprint();
  count_all(100);

  EXPECT_EQ(state.footprint(), footprint);
}

}  // namespace
}  // namespace millrace::insights
