// SPDX-License-Identifier: Apache-2.0
#include "engine/insights/shard.h"

#include <array>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/insights/joined_key.h"

namespace millrace::insights {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

enum : size_t { kByDevice, kByVersionAndDevice, kHours, kAmounts, kLatencies, kRecords, kParts };

const Declaration kDeclaration{.insights = {},
                               .parts = {{.kind = PartKind::kKeys,
                                          .fields = 1,
                                          .edges = {{Edge::kFirst, "ip"}, {Edge::kLast, "ip"}}},
                                         {.kind = PartKind::kKeys, .fields = 2},
                                         {.kind = PartKind::kHours},
                                         {.kind = PartKind::kNumbers},
                                         {.kind = PartKind::kSketch},
                                         {.kind = PartKind::kCounter, .selection = 1}},
                               .selections = 2,
                               .rules = {"r0", "r1"}};

size_t add(Shard& shard, size_t part, const std::vector<std::string_view>& values) {
  return shard.add_key(part, values);
}

void fill(Shard& shard) {
  shard.count_emitted();
  shard.count_filtered();
  shard.count_dead_letter(1);
  shard.count_outputs({.copies = 3});
  shard.select(1);
  const size_t entry = add(shard, kByDevice, {"ios"});
  shard.set_edge(kByDevice, entry, 0, {.text = "1.1.1.1", .is_string = true});
  add(shard, kByVersionAndDevice, {"2.3", "ios"});
  shard.add_hour(kHours, 23);
  shard.add_number(kAmounts, Number(0.5));
  shard.add_number(kLatencies, Number(0.25));
  shard.add_one(kRecords);
  shard.add_missing(kHours);
}

void expect_empty(const Shard& shard) {
  EXPECT_EQ(shard.emitted(), 0U);
  EXPECT_EQ(shard.filtered(), 0U);
  EXPECT_EQ(shard.dead_lettered(), 0U);
  EXPECT_EQ(shard.outputs().copies, 0U);
  EXPECT_THAT(shard.dead_letters(), ElementsAre(0, 0));
  EXPECT_THAT(shard.selected(), ElementsAre(0, 0));
  for (size_t part = 0; part < kParts; ++part) {
    const Shard::PartCounts& counts = shard.part(part);
    EXPECT_EQ(counts.counted, 0U);
    EXPECT_EQ(counts.missing, 0U);
    EXPECT_THAT(counts.keys.entries(), IsEmpty());
    EXPECT_EQ(counts.keys.overflow(), 0U);
    EXPECT_THAT(counts.hours, Each(0));
    EXPECT_EQ(counts.sum.count(), 0U);
    EXPECT_FALSE(counts.range.least.has_value());
    EXPECT_EQ(counts.magnitudes.total(), 0U);
  }
  EXPECT_FALSE(shard.part(kByDevice).edges.get(0, 0).has_value());
}

TEST(Shard, StartsEmpty) {
  const Shard shard(kDeclaration);

  expect_empty(shard);
  EXPECT_EQ(&shard.declaration(), &kDeclaration);
}

TEST(Shard, CountsOutcomesAndRules) {
  Shard shard(kDeclaration);
  shard.count_emitted();
  shard.count_filtered();
  shard.count_filtered();
  shard.count_dead_letter(1);
  shard.count_dead_letter(1);
  shard.count_dead_letter(0);

  EXPECT_EQ(shard.emitted(), 1U);
  EXPECT_EQ(shard.filtered(), 2U);
  EXPECT_EQ(shard.dead_lettered(), 3U);
  EXPECT_THAT(shard.dead_letters(), ElementsAre(1, 2));
}

TEST(Shard, CountsEachPartByItself) {
  Shard shard(kDeclaration);
  fill(shard);

  for (size_t part = 0; part < kParts; ++part) EXPECT_EQ(shard.part(part).counted, 1U) << part;
  EXPECT_EQ(shard.part(kHours).missing, 1U);
  EXPECT_EQ(shard.part(kHours).hours[23], 1U);
  EXPECT_EQ(shard.part(kAmounts).sum.sum(), Number(0.5));
  EXPECT_EQ(shard.part(kAmounts).range.greatest, Number(0.5));
  EXPECT_EQ(shard.part(kAmounts).magnitudes.total(), 0U);
  EXPECT_EQ(shard.part(kLatencies).magnitudes.total(), 1U);
  EXPECT_EQ(shard.part(kLatencies).sum.count(), 0U);
  EXPECT_THAT(shard.selected(), ElementsAre(0, 1));
}

TEST(Shard, KeepsASingleValueAsItIs) {
  Shard shard(kDeclaration);
  add(shard, kByDevice, {"android"});

  EXPECT_EQ(shard.part(kByDevice).keys.entries()[0].key, "android");
}

TEST(Shard, KeepsValuesOfSeveralFieldsApart) {
  Shard shard(kDeclaration);
  EXPECT_EQ(add(shard, kByVersionAndDevice, {"ab", "c"}), 0U);
  EXPECT_EQ(add(shard, kByVersionAndDevice, {"a", "bc"}), 1U);
  EXPECT_EQ(add(shard, kByVersionAndDevice, {"", "abc"}), 2U);
  EXPECT_EQ(add(shard, kByVersionAndDevice, {"abc", ""}), 3U);
  EXPECT_EQ(add(shard, kByVersionAndDevice, {"a", "bc"}), 1U);

  const auto entries = shard.part(kByVersionAndDevice).keys.entries();
  ASSERT_EQ(entries.size(), 4U);
  EXPECT_THAT(split_key(entries[1].key, 2), ElementsAre("a", "bc"));
  EXPECT_EQ(entries[1].count, 2U);
  EXPECT_THAT(split_key(entries[2].key, 2), ElementsAre("", "abc"));
}

// Tables of few keys know the recent ones without a hash: also those that look alike at once, that
// have no bytes, that are long, or that were other keys before the shard was cleared.
TEST(Shard, CountsKeysThatLookAlikeApart) {
  const auto seed = static_cast<unsigned>(::testing::UnitTest::GetInstance()->random_seed());
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  Shard shard(kDeclaration);
  for (const size_t others : {5U, 30U, 63U, 64U, 65U, 90U}) {
    std::vector<std::string> values{"",
                                    "a",
                                    "aa",
                                    "a..a",
                                    "a,,a",
                                    "a..........a",
                                    "a,,,,,,,,,,a",
                                    std::string(40, 'a'),
                                    std::string(127, 'a'),
                                    std::string(128, 'a'),
                                    std::string(128, '\x80')};
    for (size_t i = 0; i < others; ++i) values.push_back(std::to_string(random() % 1'000));
    std::map<std::string, uint64_t> ones;
    std::map<std::pair<std::string, std::string>, uint64_t> pairs;
    for (int i = 0; i < 3'000; ++i) {
      const std::string& one = values[random() % values.size()];
      const std::string& other = values[random() % 3];
      const size_t entry = add(shard, kByDevice, {one});
      ASSERT_EQ(shard.part(kByDevice).keys.entries()[entry].key, one);
      const size_t pair = add(shard, kByVersionAndDevice, {one, other});
      ASSERT_THAT(split_key(shard.part(kByVersionAndDevice).keys.entries()[pair].key, 2),
                  ElementsAre(one, other));
      ++ones[one];
      ++pairs[{one, other}];
    }
    EXPECT_EQ(shard.part(kByDevice).counted, 3'000U);
    ASSERT_EQ(shard.part(kByDevice).keys.entries().size(), ones.size());
    for (const KeyCounts::Entry& entry : shard.part(kByDevice).keys.entries())
      EXPECT_EQ(entry.count, ones[std::string(entry.key)]);
    ASSERT_EQ(shard.part(kByVersionAndDevice).keys.entries().size(), pairs.size());
    for (const KeyCounts::Entry& entry : shard.part(kByVersionAndDevice).keys.entries()) {
      const std::vector<std::string_view> pair = split_key(entry.key, 2);
      EXPECT_EQ(entry.count, (pairs[{std::string(pair[0]), std::string(pair[1])}]));
    }
    shard.clear();
  }
}

TEST(Shard, KeepsTheFirstAndTheLastValueOfAKey) {
  Shard shard(kDeclaration);
  for (const std::string_view ip : {"1", "2", "3"}) {
    const size_t entry = add(shard, kByDevice, {"ios"});
    // The last record has no value: an earlier one stays.
    if (ip == "3") break;
    shard.set_edge(kByDevice, entry, 0, {.text = ip});
    shard.set_edge(kByDevice, entry, 1, {.text = ip});
  }
  add(shard, kByDevice, {"web"});

  const EdgeValues& edges = shard.part(kByDevice).edges;
  EXPECT_EQ(edges.get(0, 0)->text, "1");
  EXPECT_EQ(edges.get(0, 1)->text, "2");
  EXPECT_FALSE(edges.get(1, 0).has_value());
}

TEST(Shard, KeepsEveryKey) {
  Shard shard(kDeclaration);
  for (int i = 0; i < 200'000; ++i) add(shard, kByDevice, {std::to_string(i)});

  EXPECT_EQ(shard.part(kByDevice).keys.entries().size(), 200'000U);
}

TEST(Shard, ForgetsEverythingWhenCleared) {
  Shard shard(kDeclaration);
  fill(shard);
  const size_t footprint = shard.footprint();

  shard.clear();

  expect_empty(shard);
  EXPECT_EQ(shard.footprint(), footprint);
}

}  // namespace
}  // namespace millrace::insights
