// SPDX-License-Identifier: Apache-2.0
#include "engine/insights/ranking.h"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

#include "engine/insights/joined_key.h"

namespace millrace::insights {
namespace {

TEST(Ranking, AgreesWithSortingEverything) {
  const auto seed = static_cast<unsigned>(::testing::UnitTest::GetInstance()->random_seed());
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  for (const uint64_t counts : {1U, 2U, 50U}) {
    KeyCounts keys;
    for (int i = 0; i < 300; ++i) keys.add(std::to_string(random() % 1'000), 1 + random() % counts);
    std::vector<size_t> expected(keys.entries().size());
    for (size_t i = 0; i < expected.size(); ++i) expected[i] = i;
    std::sort(expected.begin(), expected.end(), [&keys](size_t a, size_t b) {
      const KeyCounts::Entry& x = keys.entries()[a];
      const KeyCounts::Entry& y = keys.entries()[b];
      return std::tuple(y.count, x.key) < std::tuple(x.count, y.key);
    });
    for (const size_t most : {size_t{0}, size_t{1}, size_t{17}, expected.size(), size_t{9'999}}) {
      std::vector<size_t> first = expected;
      first.resize(std::min(most, expected.size()));

      EXPECT_EQ(largest(keys, 1, most), first);
      std::sort(first.begin(), first.end());
      EXPECT_EQ(largest_unordered(keys, 1, most).entries, first);
    }
  }
}

// The first bytes of a key decide where they differ; here they mostly do not, or are a short key's
// end, or above 127.
TEST(Ranking, TiesAreByTheBytesOfAllValues) {
  const auto seed = static_cast<unsigned>(::testing::UnitTest::GetInstance()->random_seed());
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  const std::vector<std::string> heads = {
      "", "a", std::string("a\0", 2), "same-head-", "\x7F", "\x80\xFF", "same-hea"};
  for (const size_t fields : {size_t{1}, size_t{2}}) {
    KeyCounts keys;
    std::vector<char> room;
    for (int i = 0; i < 400; ++i) {
      const std::string first =
          heads[random() % heads.size()] + (random() % 4 == 0 ? "" : std::to_string(random() % 50));
      const std::string second = std::to_string(random() % 3);
      const std::vector<std::string_view> values = {first, second};
      const std::string_view key = fields == 1 ? std::string_view(first) : join_key(values, room);
      if (keys.find(key) == KeyCounts::kNone) keys.add(key, 1);
    }
    std::vector<size_t> all(keys.entries().size());
    for (size_t i = 0; i < all.size(); ++i) all[i] = i;
    std::sort(all.begin(), all.end(), [&](size_t a, size_t b) {
      return values_of(keys.entries()[a].key, fields) < values_of(keys.entries()[b].key, fields);
    });
    for (const size_t count : {size_t{1}, size_t{20}, all.size() / 2, all.size() - 1}) {
      std::vector<size_t> first(all.begin(), all.begin() + static_cast<ptrdiff_t>(count));
      std::sort(first.begin(), first.end());
      EXPECT_EQ(largest_unordered(keys, fields, count).entries, first)
          << fields << " fields, " << count;
    }
  }
}

// Of many keys with the same count those that come first are told apart byte by byte, whether the
// keys differ in their first bytes, in their eighth one, or only behind that.
TEST(Ranking, ManyTiesAreByTheBytesOfTheirValues) {
  const auto seed = static_cast<unsigned>(::testing::UnitTest::GetInstance()->random_seed());
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  for (const std::string& head :
       {std::string(), std::string("\xFFhead:"), std::string("a-head-of-15-:")}) {
    KeyCounts keys;
    while (keys.entries().size() < 5'000) {
      const std::string key = head + std::to_string(random() % 20'000);
      if (keys.find(key) == KeyCounts::kNone) keys.add(key, 5'000 + (random() % 8 == 0 ? 1 : 0));
    }
    const std::span<const KeyCounts::Entry> entries = keys.entries();
    std::vector<size_t> all(entries.size());
    for (size_t i = 0; i < all.size(); ++i) all[i] = i;
    std::sort(all.begin(), all.end(), [entries](size_t a, size_t b) {
      return std::tuple(entries[b].count, entries[a].key) <
             std::tuple(entries[a].count, entries[b].key);
    });
    for (const size_t most : {size_t{600}, size_t{2'500}, size_t{4'999}}) {
      std::vector<size_t> first(all.begin(), all.begin() + static_cast<ptrdiff_t>(most));
      std::sort(first.begin(), first.end());
      for (const uint64_t least : {uint64_t{0}, uint64_t{5'000}}) {
        const Largest largest = largest_unordered(keys, 1, most, least);
        EXPECT_EQ(largest.entries, first);
        EXPECT_EQ(largest.left_out, entries[all[most]].count);
      }
    }
  }
}

// Counts far from each other are put in order, close ones counted.
TEST(Ranking, CountsMayBeAnything) {
  const auto seed = static_cast<unsigned>(::testing::UnitTest::GetInstance()->random_seed());
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  KeyCounts keys;
  for (int i = 0; i < 500; ++i) keys.add(std::to_string(i), 100 + (random() >> (random() % 64)));
  std::vector<uint64_t> counts;
  for (const KeyCounts::Entry& entry : keys.entries()) counts.push_back(entry.count);
  std::sort(counts.begin(), counts.end(), std::greater<>());
  for (const size_t most : {size_t{0}, size_t{1}, size_t{250}, size_t{499}, size_t{500}}) {
    const Largest largest = largest_unordered(keys, 1, most, 100);
    std::vector<uint64_t> chosen;
    for (const size_t entry : largest.entries) chosen.push_back(keys.entries()[entry].count);
    std::sort(chosen.begin(), chosen.end(), std::greater<>());
    EXPECT_EQ(chosen,
              std::vector<uint64_t>(counts.begin(), counts.begin() + static_cast<ptrdiff_t>(most)));
    EXPECT_EQ(largest.left_out, most == counts.size() ? 0 : counts[most]);
  }
}

}  // namespace
}  // namespace millrace::insights
