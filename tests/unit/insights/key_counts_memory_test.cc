// SPDX-License-Identifier: Apache-2.0
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "engine/insights/key_counts.h"
#include "engine/insights/shard.h"
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

TEST(ShardMemory, AllocatesNothingWhenRecycled) {
  const Declaration declaration{
      .insights = {{.kind = Kind::kCountBy, .name = "two", .fields = {"a", "b"}},
                   {.kind = Kind::kHoursOfDay, .name = "hours", .fields = {"t"}}},
      .rules = {"rule"}};
  Shard shard(declaration);
  Shard state(declaration);
  const std::vector<std::string> keys = random_keys(2'000, 4);
  const auto fill = [&] {
    for (const std::string& key : keys) {
      const std::array<std::string_view, 2> values{key, "b"};
      shard.add(0, values);
      shard.add_hour(1, 3);
      shard.count_emitted();
    }
    shard.count_dead_letter(0);
    state.merge(shard);
    shard.clear();
  };
  fill();
  const size_t before = tests::allocations();

  for (int batch = 0; batch < 10; ++batch) fill();

  EXPECT_EQ(tests::allocations(), before);
  EXPECT_EQ(state.emitted(), 22'000U);
}

}  // namespace
}  // namespace millrace::insights
