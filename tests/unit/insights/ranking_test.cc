// SPDX-License-Identifier: Apache-2.0
#include "engine/insights/ranking.h"

#include <algorithm>
#include <random>
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
      EXPECT_EQ(largest_unordered(keys, 1, most), first);
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
      EXPECT_EQ(largest_unordered(keys, fields, count), first) << fields << " fields, " << count;
    }
  }
}

}  // namespace
}  // namespace millrace::insights
