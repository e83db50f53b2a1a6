// SPDX-License-Identifier: Apache-2.0
#include "engine/insights/key_counts.h"

#include <algorithm>
#include <limits>
#include <random>
#include <string>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/base/limits.h"

namespace millrace::insights {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

constexpr size_t kNoLimit = 1'000'000;

using Pairs = std::vector<std::pair<std::string, uint64_t>>;

// In the order of the entries.
Pairs pairs_of(const KeyCounts& counts) {
  Pairs pairs;
  for (const KeyCounts::Entry& entry : counts.entries()) pairs.emplace_back(entry.key, entry.count);
  return pairs;
}

// What std::unordered_map and a list of the keys say.
struct Model {
  std::unordered_map<std::string, uint64_t> counts;
  std::vector<std::string> order;

  void add(const std::string& key, uint64_t count) {
    if (!counts.contains(key)) order.push_back(key);
    counts[key] += count;
  }

  [[nodiscard]] Pairs pairs() const {
    Pairs pairs;
    for (const std::string& key : order) pairs.emplace_back(key, counts.at(key));
    return pairs;
  }
};

class RandomKeyCounts : public ::testing::Test {
 protected:
  RandomKeyCounts() : trace_(__FILE__, __LINE__, "random seed " + std::to_string(seed())) {}

  static unsigned seed() {
    return static_cast<unsigned>(::testing::UnitTest::GetInstance()->random_seed());
  }

  // Any bytes, 0 to 40 of them, out of about `keys_max` different keys.
  std::string random_key(size_t keys_max) {
    std::mt19937 key_random(static_cast<unsigned>(random_() % keys_max));
    std::string key(key_random() % 41, '\0');
    for (char& byte : key) byte = static_cast<char>(key_random());
    return key;
  }

  std::mt19937 random_{seed()};

 private:
  ::testing::ScopedTrace trace_;
};

TEST_F(RandomKeyCounts, AgreesWithAMap) {
  for (const size_t keys : {1U, 3U, 100U, 20'000U}) {
    KeyCounts counts(kNoLimit);
    for (int round = 0; round < 3; ++round) {
      Model model;
      for (int i = 0; i < 30'000; ++i) {
        const std::string key = random_key(keys);
        const uint64_t count = random_() % 5;
        counts.add(key, count);
        model.add(key, count);
      }

      ASSERT_EQ(pairs_of(counts), model.pairs());
      ASSERT_EQ(counts.overflow(), 0U);
      counts.clear();
      ASSERT_THAT(counts.entries(), IsEmpty());
    }
  }
}

TEST_F(RandomKeyCounts, AgreesWithAMapWhereEveryKeyCollides) {
  for (const uint64_t hash_mask :
       {uint64_t{0}, uint64_t{7}, uint64_t{7} << 32, uint64_t{7} << 61}) {
    KeyCounts counts(kNoLimit);
    for (int round = 0; round < 2; ++round) {
      Model model;
      for (int i = 0; i < 3'000; ++i) {
        const std::string key = random_key(300);
        counts.add_hashed(key, std::hash<std::string>()(key) & hash_mask, 1);
        model.add(key, 1);
      }

      ASSERT_EQ(pairs_of(counts), model.pairs());
      counts.clear();
    }
  }
}

TEST(KeyCounts, TellsKeysApartThatDifferInOneByte) {
  for (size_t size = 1; size <= 40; ++size) {
    KeyCounts counts(kNoLimit);
    const std::string plain(size, 'a');
    counts.add_hashed(plain, 0, 1);
    for (size_t at = 0; at < size; ++at) {
      std::string other = plain;
      other[at] = 'b';
      counts.add_hashed(other, 0, 1);
    }
    counts.add_hashed(plain, 0, 1);

    ASSERT_EQ(counts.entries().size(), size + 1) << size;
    ASSERT_EQ(counts.entries()[0].count, 2U) << size;
  }
}

TEST_F(RandomKeyCounts, IsTheSameForEveryCutIntoBatches) {
  for (const size_t keys_max : {kNoLimit, size_t{50}}) {
    std::vector<std::string> keys(5'000);
    for (std::string& key : keys) key = random_key(400);
    KeyCounts whole(keys_max);
    for (const std::string& key : keys) whole.add(key, 1);

    for (const size_t batch_max : {1U, 7U, 300U, 5'000U}) {
      KeyCounts merged(keys_max);
      KeyCounts batch(kNoLimit);
      for (size_t at = 0; at < keys.size();) {
        const size_t end = std::min(keys.size(), at + 1 + random_() % batch_max);
        for (; at < end; ++at) batch.add(keys[at], 1);
        merged.merge(batch);
        batch.clear();
      }

      ASSERT_EQ(pairs_of(merged), pairs_of(whole));
      ASSERT_EQ(merged.overflow(), whole.overflow());
    }
  }
}

TEST_F(RandomKeyCounts, MergesToTheSameCountsInEveryOrder) {
  std::vector<KeyCounts> batches;
  for (int b = 0; b < 20; ++b) {
    batches.emplace_back(kNoLimit);
    for (int i = 0; i < 500; ++i) batches.back().add(random_key(700), 1 + random_() % 3);
  }
  const auto merge_all = [&batches] {
    KeyCounts merged(kNoLimit);
    for (const KeyCounts& batch : batches) merged.merge(batch);
    Pairs pairs = pairs_of(merged);
    std::sort(pairs.begin(), pairs.end());
    return pairs;
  };
  const Pairs expected = merge_all();

  for (int i = 0; i < 5; ++i) {
    std::shuffle(batches.begin(), batches.end(), random_);
    ASSERT_EQ(merge_all(), expected);
  }
}

TEST_F(RandomKeyCounts, MergesToTheSameCountsInEveryGrouping) {
  const auto batch = [this] {
    KeyCounts counts(kNoLimit);
    for (int i = 0; i < 500; ++i) counts.add(random_key(700), 1);
    return counts;
  };
  const KeyCounts a = batch();
  const KeyCounts b = batch();
  const KeyCounts c = batch();

  KeyCounts left(kNoLimit);  // (a + b) + c
  left.merge(a);
  left.merge(b);
  left.merge(c);
  KeyCounts right(kNoLimit);  // a + (b + c)
  KeyCounts inner(kNoLimit);
  inner.merge(b);
  inner.merge(c);
  right.merge(a);
  right.merge(inner);

  EXPECT_EQ(pairs_of(left), pairs_of(right));
}

TEST(KeyCounts, StartsEmpty) {
  KeyCounts counts(10);

  EXPECT_THAT(counts.entries(), IsEmpty());
  EXPECT_EQ(counts.total(), 0U);
  EXPECT_EQ(counts.footprint(), 0U);
  counts.clear();
  EXPECT_THAT(counts.entries(), IsEmpty());
}

TEST(KeyCounts, KeepsKeysInTheOrderOfFirstSight) {
  KeyCounts counts(10);
  for (const char* key : {"b", "a", "b", "c", "a", "b"}) counts.add(key, 1);

  EXPECT_THAT(pairs_of(counts), ElementsAre(Pair("b", 3), Pair("a", 2), Pair("c", 1)));
}

TEST(KeyCounts, CountsTheEmptyKeyLikeAnyOther) {
  KeyCounts counts(10);
  counts.add("", 2);
  counts.add(std::string_view(), 1);
  counts.add(std::string_view("\0", 1), 5);

  EXPECT_THAT(pairs_of(counts), ElementsAre(Pair("", 3), Pair(std::string(1, '\0'), 5)));
}

TEST(KeyCounts, OwnsItsKeys) {
  KeyCounts counts(10);
  std::string key = "a key that is longer than a small string";
  const std::string same = key;
  counts.add(key, 1);
  key.assign(key.size(), '#');
  counts.add(same, 1);

  EXPECT_THAT(pairs_of(counts), ElementsAre(Pair(same, 2)));
}

TEST(KeyCounts, KeepsKeysOfEveryLengthApart) {
  KeyCounts counts(kNoLimit);
  Model model;
  for (int round = 0; round < 2; ++round) {
    for (size_t length = 0; length <= 600; ++length) {
      for (const char byte : {'a', 'b', '\0'}) {
        counts.add(std::string(length, byte), 1);
        model.add(std::string(length, byte), 1);
      }
    }
  }

  EXPECT_EQ(pairs_of(counts), model.pairs());
}

TEST(KeyCounts, CountsKeysBeyondItsLimitTogether) {
  KeyCounts counts(2);
  counts.add("a", 1);
  counts.add("b", 2);
  counts.add("c", 3);
  counts.add("a", 4);
  counts.add("d", 5);

  EXPECT_THAT(pairs_of(counts), ElementsAre(Pair("a", 5), Pair("b", 2)));
  EXPECT_EQ(counts.overflow(), 8U);
  EXPECT_EQ(counts.total(), 15U);
  counts.clear();
  EXPECT_EQ(counts.overflow(), 0U);
}

TEST(KeyCounts, KeepsNothingWhereItsLimitIsZero) {
  KeyCounts counts(0);
  counts.add("a", 3);

  EXPECT_THAT(counts.entries(), IsEmpty());
  EXPECT_EQ(counts.overflow(), 3U);
}

TEST(KeyCounts, MergesWhatDidNotFit) {
  KeyCounts a(1);
  a.add("x", 1);
  a.add("y", 2);
  KeyCounts b(1);
  b.add("y", 10);
  b.add("x", 20);

  a.merge(b);

  EXPECT_THAT(pairs_of(a), ElementsAre(Pair("x", 1)));
  EXPECT_EQ(a.overflow(), 32U);
}

TEST(KeyCounts, SaysWhereAKeyIs) {
  KeyCounts counts(2);

  EXPECT_EQ(counts.find("a"), KeyCounts::kNone);
  EXPECT_EQ(counts.add("a", 1), 0U);
  EXPECT_EQ(counts.add("b", 1), 1U);
  EXPECT_EQ(counts.add("a", 1), 0U);
  EXPECT_EQ(counts.add("c", 1), KeyCounts::kNone);
  EXPECT_EQ(counts.find("b"), 1U);
  EXPECT_EQ(counts.find("c"), KeyCounts::kNone);
}

TEST(KeyCounts, TellsWhereEachMergedKeyWent) {
  KeyCounts to(3);
  to.add("a", 1);
  to.add("b", 1);
  KeyCounts from;
  for (const char* key : {"c", "b", "d"}) from.add(key, 10);
  std::vector<std::tuple<size_t, size_t, bool>> visits;

  to.merge(from, 100,
           [&](size_t i, size_t entry, bool is_new) { visits.emplace_back(i, entry, is_new); });

  EXPECT_THAT(visits, ElementsAre(std::tuple(0, 2, true), std::tuple(1, 1, false),
                                  std::tuple(2, KeyCounts::kNone, false)));
  EXPECT_THAT(pairs_of(to), ElementsAre(Pair("a", 1), Pair("b", 11), Pair("c", 110)));
  EXPECT_EQ(to.overflow(), 10U);
}

TEST(KeyCounts, KeepsEveryKeyOnceItsLimitIsLifted) {
  KeyCounts counts(1);
  counts.add("a", 1);
  counts.add("b", 2);
  counts.lift_limit();
  counts.add("b", 4);

  EXPECT_THAT(pairs_of(counts), ElementsAre(Pair("a", 1), Pair("b", 4)));
  EXPECT_EQ(counts.overflow(), 2U);
}

TEST(KeyCounts, GoesOnWithSomeOfItsEntriesOnly) {
  KeyCounts counts;
  for (int i = 0; i < 1'000; ++i) counts.add(std::to_string(i), static_cast<uint64_t>(i));
  std::vector<size_t> odd;
  for (size_t i = 1; i < 1'000; i += 2) odd.push_back(i);

  counts.keep_only(odd);

  ASSERT_EQ(counts.entries().size(), 500U);
  for (size_t i = 0; i < 500; ++i) {
    ASSERT_EQ(counts.find(std::to_string(2 * i + 1)), i);
    ASSERT_EQ(counts.entries()[i].count, 2 * i + 1);
    ASSERT_EQ(counts.find(std::to_string(2 * i)), KeyCounts::kNone);
  }
  EXPECT_EQ(counts.add("1", 1), 0U);
  EXPECT_EQ(counts.add("2", 1), 500U);
  counts.keep_only({});
  EXPECT_THAT(counts.entries(), IsEmpty());
  EXPECT_EQ(counts.find("1"), KeyCounts::kNone);
}

TEST(KeyCountsDeath, RefusesToMergeWithItself) {
  KeyCounts counts(1);
  EXPECT_DEATH(counts.merge(counts), "other");
}

TEST(KeyCountsDeath, RefusesMoreKeysThanItsSlotsCanName) {
  EXPECT_DEATH(KeyCounts{std::numeric_limits<uint32_t>::max()}, "keys_max");
}

TEST(CutKey, LeavesShortValuesAlone) {
  const std::string longest(base::limits::kInsightKeyBytesMax, 'a');
  EXPECT_EQ(cut_key(""), "");
  EXPECT_EQ(cut_key(longest), longest);
  EXPECT_EQ(cut_key(longest + "b"), longest);
}

TEST(CutKey, CutsBetweenCharacters) {
  for (const std::string character : {"é", "漢", "😀"}) {
    for (size_t before = 0; before < 5; ++before) {
      std::string value(before, 'a');
      while (value.size() < base::limits::kInsightKeyBytesMax * 2) value += character;

      const std::string_view key = cut_key(value);

      EXPECT_LE(key.size(), base::limits::kInsightKeyBytesMax);
      EXPECT_GT(key.size() + character.size(), base::limits::kInsightKeyBytesMax);
      EXPECT_EQ((key.size() - before) % character.size(), 0U);
    }
  }
}

TEST(CutKey, CutsWhatIsNotTextNearItsLimit) {
  const std::string value(1000, '\x80');
  EXPECT_EQ(cut_key(value).size(), base::limits::kInsightKeyBytesMax - 3);
}

TEST(KeyCounts, TakesBackWhatWasKeptWhateverTheLimitIs) {
  KeyCounts counts(2);
  counts.add_overflow(7);
  for (const std::string_view key : {"a", "", "c"}) {
    const size_t entry = counts.add_loaded(key);
    ASSERT_NE(entry, KeyCounts::kNone);
    counts.add_at(entry, 5);
  }
  EXPECT_EQ(counts.add_loaded("c"), KeyCounts::kNone);
  EXPECT_EQ(counts.add_loaded(""), KeyCounts::kNone);

  // The limit holds for what comes next.
  EXPECT_EQ(counts.add("d", 3), KeyCounts::kNone);
  EXPECT_EQ(counts.add("c", 1), 2U);
  EXPECT_THAT(pairs_of(counts), ElementsAre(Pair("a", 5), Pair("", 5), Pair("c", 6)));
  EXPECT_EQ(counts.overflow(), 10U);
  EXPECT_EQ(counts.key_bytes(), 2U);
}

}  // namespace
}  // namespace millrace::insights
