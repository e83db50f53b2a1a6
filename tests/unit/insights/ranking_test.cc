// SPDX-License-Identifier: Apache-2.0
#include "engine/insights/ranking.h"

#include <algorithm>
#include <random>
#include <string>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace millrace::insights
