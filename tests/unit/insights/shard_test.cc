// SPDX-License-Identifier: Apache-2.0
#include "engine/insights/shard.h"

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace millrace::insights {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;

enum : size_t { kByDevice, kByVersionAndDevice, kHours };

const Declaration kDeclaration{
    .insights = {{.kind = Kind::kCountBy, .name = "device", .fields = {"device"}},
                 {.kind = Kind::kCountBy, .name = "both", .fields = {"version", "device"}},
                 {.kind = Kind::kHoursOfDay, .name = "hours", .fields = {"time"}}},
    .rules = {"r0", "r1"}};

std::vector<std::string_view> split(const Shard& shard, size_t insight, size_t entry) {
  return split_key(shard.keys(insight).entries()[entry].key,
                   shard.declaration().insights[insight].fields.size());
}

// Counts of everything that a shard holds, comparable.
struct Contents {
  explicit Contents(const Shard& shard)
      : emitted(shard.emitted()),
        filtered(shard.filtered()),
        dead_letters(shard.dead_letters().begin(), shard.dead_letters().end()),
        hours(shard.hours(kHours)) {
    for (size_t i = 0; i < kDeclaration.insights.size(); ++i) {
      missing.push_back(shard.missing(i));
      keys.emplace_back();
      for (const KeyCounts::Entry& entry : shard.keys(i).entries()) {
        keys.back().emplace_back(entry.key, entry.count);
      }
    }
  }

  bool operator==(const Contents&) const = default;

  uint64_t emitted;
  uint64_t filtered;
  std::vector<uint64_t> dead_letters;
  std::array<uint64_t, 24> hours;
  std::vector<uint64_t> missing;
  std::vector<std::vector<std::pair<std::string, uint64_t>>> keys;
};

// What a worker does with one record, here decided by one number.
void count_record(unsigned record, Shard& shard) {
  if (record % 10 == 0) return shard.count_filtered();
  if (record % 10 == 1) return shard.count_dead_letter(record / 10 % 2);
  shard.count_emitted();
  const std::string version = std::to_string(record / 10 % 7);
  const std::string device = std::to_string(record / 70 % 3);
  const std::array<std::string_view, 2> both{version, device};
  shard.add(kByDevice, std::span(both).subspan(1));
  if (record % 10 == 2) {
    shard.add_missing(kByVersionAndDevice);
  } else {
    shard.add(kByVersionAndDevice, both);
  }
  shard.add_hour(kHours, record / 10 % 24);
}

TEST(Shard, StartsEmpty) {
  const Shard shard(kDeclaration);

  EXPECT_EQ(shard.emitted(), 0U);
  EXPECT_EQ(shard.filtered(), 0U);
  EXPECT_EQ(shard.dead_lettered(), 0U);
  EXPECT_THAT(shard.dead_letters(), ElementsAre(0, 0));
  EXPECT_THAT(shard.hours(kHours), Each(0));
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

TEST(Shard, KeepsASingleValueAsItIs) {
  Shard shard(kDeclaration);
  const std::array<std::string_view, 1> values{"android"};
  shard.add(kByDevice, values);

  EXPECT_EQ(shard.keys(kByDevice).entries()[0].key, "android");
}

TEST(Shard, KeepsValuesOfSeveralFieldsApart) {
  Shard shard(kDeclaration);
  for (const std::array<std::string_view, 2> values :
       {std::array<std::string_view, 2>{"ab", "c"}, {"a", "bc"}, {"", "abc"}, {"abc", ""}}) {
    shard.add(kByVersionAndDevice, values);
  }

  ASSERT_EQ(shard.keys(kByVersionAndDevice).entries().size(), 4U);
  EXPECT_THAT(split(shard, kByVersionAndDevice, 1), ElementsAre("a", "bc"));
  EXPECT_THAT(split(shard, kByVersionAndDevice, 2), ElementsAre("", "abc"));
}

TEST(Shard, IsTheSameForEveryCutIntoBatches) {
  const auto seed = static_cast<unsigned>(::testing::UnitTest::GetInstance()->random_seed());
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  std::vector<unsigned> records(10'000);
  std::generate(records.begin(), records.end(), [&random] { return random() % 100'000; });
  Shard whole(kDeclaration);
  for (const unsigned record : records) count_record(record, whole);

  for (const size_t batch_max : {1U, 13U, 1'000U}) {
    Shard state(kDeclaration);
    Shard batch(kDeclaration);
    for (size_t at = 0; at < records.size();) {
      const size_t end = std::min(records.size(), at + 1 + random() % batch_max);
      for (; at < end; ++at) count_record(records[at], batch);
      state.merge(batch);
      batch.clear();
    }

    EXPECT_EQ(Contents(state), Contents(whole));
  }
}

TEST(Shard, ForgetsEverythingWhenCleared) {
  Shard shard(kDeclaration);
  for (unsigned record = 0; record < 1'000; ++record) count_record(record, shard);
  const size_t footprint = shard.footprint();

  shard.clear();

  EXPECT_EQ(Contents(shard), Contents(Shard(kDeclaration)));
  EXPECT_EQ(shard.footprint(), footprint);
}

TEST(ShardDeath, RefusesAShardOfAnotherDeclaration) {
  const Declaration other{.insights = {}, .rules = {"r0", "r1"}};
  Shard shard(kDeclaration);
  EXPECT_DEATH(shard.merge(Shard(other)), "series_");
}

TEST(JoinedKey, SplitsBackIntoItsValues) {
  const auto seed = static_cast<unsigned>(::testing::UnitTest::GetInstance()->random_seed());
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  // Bytes that look like lengths, and lengths around the borders of their encoding.
  constexpr std::array<size_t, 10> kLengths{0, 1, 2, 127, 128, 129, 255, 256, 16'383, 16'384};
  constexpr std::array kBytes{'\0', '\x01', '\x02', '\x7F', '\x80', '\xFF', '"', 'a'};
  std::vector<char> joined{'x'};
  for (int i = 0; i < 2'000; ++i) {
    std::vector<std::string> values(1 + random() % 4);
    for (std::string& value : values) {
      value.resize(random() % 8 == 0 ? kLengths[random() % kLengths.size()] : random() % 6);
      for (char& byte : value) byte = kBytes[random() % kBytes.size()];
    }
    const std::vector<std::string_view> views(values.begin(), values.end());

    join_key(views, joined);

    ASSERT_EQ(split_key({joined.data(), joined.size()}, values.size()), views);
  }
}

TEST(JoinedKeyDeath, RefusesBytesThatAreNotOne) {
  EXPECT_DEATH((void)split_key("\x05"
                               "abc",
                               1),
               "length");
  EXPECT_DEATH((void)split_key("\x01"
                               "abc",
                               1),
               "key.empty");
  EXPECT_DEATH((void)split_key("", 1), "from.empty");
  EXPECT_DEATH((void)split_key("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80", 1), "shift");
}

}  // namespace
}  // namespace millrace::insights
