// SPDX-License-Identifier: Apache-2.0
#include "engine/insights/distinct_accumulator.h"

#include <array>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "engine/insights/distinct_by_accumulator.h"
#include "engine/insights/state.h"

namespace millrace::insights {
namespace {

enum : size_t { kUsers, kDevices };

const Declaration kDeclaration{
    .insights = {{.kind = Kind::kDistinct,
                  .name = "users",
                  .fields = {"user"},
                  .exact_up_to = 100,
                  .part = kUsers},
                 {.kind = Kind::kDistinct,
                  .name = "devices",
                  .fields = {"user", "device"},
                  .by = 1,
                  .exact_up_to = 10,
                  .keys_max = 5'000,
                  .part = kDevices}},
    .parts = {{.kind = PartKind::kKeys, .fields = 1}, {.kind = PartKind::kKeys, .fields = 2}}};

class Distinct : public ::testing::Test {
 protected:
  struct Partition {
    State state{kDeclaration};
    Shard shard{kDeclaration};

    void add_user(int user) {
      const std::string key = std::to_string(user);
      const std::string_view value = key;
      shard.add_key(kUsers, {&value, 1});
    }

    void add_device(const std::string& user, int device) {
      const std::string key = std::to_string(device);
      const std::array<std::string_view, 2> values{user, key};
      shard.add_key(kDevices, values);
    }

    void end_batch() {
      state.add(shard, base::Offset{0});
      shard.clear();
    }

    [[nodiscard]] const DistinctAccumulator& users() const {
      return dynamic_cast<const DistinctAccumulator&>(state.accumulator(0));
    }

    [[nodiscard]] DistinctResult result() const {
      return std::get<DistinctResult>(state.result(0).value);
    }

    // Of one group.
    [[nodiscard]] DistinctResult of(const std::string& user) const {
      const auto result = std::get<DistinctByResult>(state.result(1).value);
      for (const DistinctByResult::Row& row : result.rows)
        if (row.values[0] == user) return row.distinct;
      ADD_FAILURE() << user << " is not there";
      return {};
    }
  };
};

TEST_F(Distinct, KeepsTheKeysUpToItsLimit) {
  Partition partition;
  for (int i = 0; i < 300; ++i) partition.add_user(i % 100);
  partition.end_batch();
  EXPECT_EQ(partition.users().sketch(), nullptr);
  EXPECT_EQ(partition.result().value, 100U);
  EXPECT_TRUE(partition.result().exact);

  partition.add_user(100);
  partition.end_batch();
  EXPECT_NE(partition.users().sketch(), nullptr);
  EXPECT_EQ(partition.users().keys().entries().size(), 0U);
  EXPECT_FALSE(partition.result().exact);
  EXPECT_EQ(partition.result().low, 101U);  // so many are certain
  EXPECT_EQ(partition.users().counted(), 301U);
}

TEST_F(Distinct, WhetherItKeepsTheKeysDependsOnTheirSetAlone) {
  for (const int keys : {100, 101}) {
    Partition a;
    Partition b;
    for (int i = 0; i < keys; ++i) {
      if (i < 60) a.add_user(i);
      if (i >= 40) b.add_user(i);
    }
    a.end_batch();
    b.end_batch();
    ASSERT_TRUE(a.result().exact && b.result().exact);

    a.state.merge(b.state);

    EXPECT_EQ(a.result().exact, keys == 100);
  }
}

TEST_F(Distinct, SaysNoMoreThanThereWereRecords) {
  Partition partition;
  for (int i = 0; i < 120; ++i) partition.add_user(i);
  partition.end_batch();
  EXPECT_LE(partition.result().high, 120U);
}

TEST_F(Distinct, OfAGroupIsExactUpToItsLimit) {
  Partition partition;
  for (int i = 0; i < 50; ++i) partition.add_device("a", i % 10);
  partition.add_device("b", 1);
  partition.end_batch();
  EXPECT_EQ(partition.of("a").value, 10U);
  EXPECT_TRUE(partition.of("a").exact);
  EXPECT_EQ(partition.of("b").value, 1U);

  for (int i = 0; i < 1'000; ++i) partition.add_device("a", i);
  partition.end_batch();
  EXPECT_FALSE(partition.of("a").exact);
  EXPECT_LE(partition.of("a").low, 1'000U);
  EXPECT_GE(partition.of("a").high, 1'000U);
  EXPECT_NEAR(static_cast<double>(partition.of("a").value), 1'000, 40);
  EXPECT_TRUE(partition.of("b").exact);
  EXPECT_EQ(partition.state.result(1).counted, 1'051U);
}

TEST_F(Distinct, BoundsTheGroupsThatGetNoSketch) {
  constexpr int kGroups = DistinctByAccumulator::kSketchesMax + 3;
  Partition partition;
  for (int round = 0; round < 2; ++round) {
    for (int group = 0; group < kGroups; ++group) {
      for (int device = 0; device < 12; ++device)
        partition.add_device(std::to_string(group), device);
    }
    partition.end_batch();
  }

  EXPECT_LE(partition.of("0").high, 13U);
  const DistinctResult last = partition.of(std::to_string(kGroups - 1));
  EXPECT_EQ(last.value, 10U);
  EXPECT_EQ(last.low, 10U);
  EXPECT_EQ(last.high, 14U);  // two more devices, in four records
  EXPECT_FALSE(last.exact);
}

TEST_F(Distinct, KeepsAsManyGroupsAsItMay) {
  Partition partition;
  for (int i = 0; i < 6'000; ++i) partition.add_device(std::to_string(i), 0);
  partition.add_device("0", 1);
  partition.end_batch();

  const Result result = partition.state.result(1);
  EXPECT_EQ(std::get<DistinctByResult>(result.value).rows.size(), 5'000U);
  EXPECT_EQ(result.not_kept, 1'000U);
  EXPECT_EQ(result.counted, 6'001U);
  EXPECT_EQ(partition.of("0").value, 2U);
  EXPECT_TRUE(partition.of("0").exact);
}

TEST_F(Distinct, KeepsAsManyValuesOfAllGroupsAsItMay) {
  Partition partition;
  for (int i = 0; i < 30'000; ++i) partition.add_device(std::to_string(i / 8), i % 8);
  partition.end_batch();

  const auto& by = dynamic_cast<const DistinctByAccumulator&>(partition.state.accumulator(1));
  EXPECT_EQ(by.pairs().entries().size(), 5'000 * DistinctByAccumulator::kValuesPerGroup);
  EXPECT_TRUE(partition.of("0").exact);
  // The first groups that come beyond have sketches, the last ones bounds.
  for (const char* group : {"2600", "3749"}) {
    EXPECT_FALSE(partition.of(group).exact);
    EXPECT_GE(partition.of(group).low, 1U);
    EXPECT_LE(partition.of(group).low, 8U);
    EXPECT_EQ(partition.of(group).high, 8U);
  }
}

TEST_F(Distinct, OfAGroupMergesWhatPartitionsKeepAndSketch) {
  for (const bool sketch_first : {false, true}) {
    Partition few;
    for (int i = 0; i < 8; ++i) few.add_device("a", 10'000 + i);
    few.end_batch();
    Partition many;
    for (int i = 0; i < 2'000; ++i) many.add_device("a", i);
    many.end_batch();
    Partition merged;

    merged.state.merge(sketch_first ? many.state : few.state);
    merged.state.merge(sketch_first ? few.state : many.state);

    EXPECT_LE(merged.of("a").low, 2'008U);
    EXPECT_GE(merged.of("a").high, 2'008U);
    EXPECT_GT(merged.of("a").value, many.of("a").value);
  }
}

TEST_F(Distinct, OfAGroupStaysExactWhereTwoPartitionsKnowAllOfIt) {
  Partition a;
  Partition b;
  for (int i = 0; i < 10; ++i) a.add_device("u", i);
  for (int i = 5; i < 15; ++i) b.add_device("u", i);
  a.end_batch();
  b.end_batch();

  a.state.merge(b.state);

  EXPECT_EQ(a.of("u").value, 15U);
  EXPECT_TRUE(a.of("u").exact);
}

}  // namespace
}  // namespace millrace::insights
