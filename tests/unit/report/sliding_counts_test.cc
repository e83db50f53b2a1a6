// SPDX-License-Identifier: Apache-2.0
#include "engine/report/sliding_counts.h"

#include <algorithm>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace millrace::report {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

using Time = SlidingCounts::Time;

Time at(milliseconds time) {
  return Time{} + hours{1000} + time;
}

TEST(SlidingCounts, GrowFromTheFirstPointUntilAPeriodHasPassed) {
  SlidingCounts counts(minutes{5});
  const auto first = counts.add({100, 10}, at(seconds{0}));
  EXPECT_EQ(first.counts.all, 0U);
  EXPECT_EQ(first.over.count(), 0);
  EXPECT_FALSE(first.whole);
  const auto second = counts.add({150, 11}, at(seconds{299}));
  EXPECT_EQ(second.counts.all, 50U);
  EXPECT_EQ(second.counts.some, 1U);
  EXPECT_EQ(second.over.count(), 299);
  EXPECT_FALSE(second.whole);
  EXPECT_TRUE(counts.add({150, 11}, at(seconds{300})).whole);
}

TEST(SlidingCounts, ForgetWhatIsOlderThanThePeriod) {
  SlidingCounts counts(seconds{10});
  // 100 in the first second, then 1 in each.
  static_cast<void>(counts.add({0, 0}, at(seconds{0})));
  for (int i = 1; i <= 30; ++i) {
    const auto all = static_cast<uint64_t>(99 + i);
    const auto growth = counts.add({all, 0}, at(seconds{i}));
    const uint64_t expected = i <= 10 ? all : 10;
    EXPECT_EQ(growth.counts.all, expected) << i;
    EXPECT_EQ(growth.over.count(), std::min(i, 10)) << i;
  }
}

// A process that was stopped for long (SIGSTOP) has no points in between.
TEST(SlidingCounts, SayHowLongThePeriodReallyWas) {
  SlidingCounts counts(seconds{10});
  static_cast<void>(counts.add({0, 0}, at(seconds{0})));
  static_cast<void>(counts.add({5, 0}, at(seconds{1})));
  const auto growth = counts.add({7, 0}, at(seconds{100}));
  EXPECT_EQ(growth.counts.all, 2U);
  EXPECT_EQ(growth.over.count(), 99);
  EXPECT_TRUE(growth.whole);
}

// Against all points, over periods of every kind: the growth since a moment that lies no more than
// a step and the time between two looks before the period's begin. And the memory is bounded.
TEST(SlidingCounts, AgreeWithAllPointsWithinTheirStep) {
  const unsigned seed = 20'261'121;
  std::mt19937 random(seed);
  for (const milliseconds over : {milliseconds{1000}, milliseconds{1001}, milliseconds{7777},
                                  milliseconds{minutes{5}}, milliseconds{hours{24}}}) {
    SCOPED_TRACE(testing::Message() << "seed " << seed << ", over " << over.count() << " ms");
    SlidingCounts counts(over);
    std::vector<std::pair<Time, uint64_t>> all;
    Time now = at(milliseconds{0});
    uint64_t number = 0;
    // Looks that are sometimes quick, sometimes late.
    const auto most = static_cast<int>(std::min<int64_t>(over.count() / 100, 5000));
    size_t points = 0;
    for (int i = 0; i < 4000; ++i) {
      all.emplace_back(now, number);
      const auto growth = counts.add({number, number}, now);
      points = std::max(points, counts.points());
      const auto oldest = static_cast<uint64_t>(number - growth.counts.all);
      const Time begin = now - over;
      const Time begin_max = begin - over / 598 - milliseconds{most} - milliseconds{1};
      // The number as it was at some moment of the allowed ones.
      const bool found = std::any_of(all.begin(), all.end(), [&](const auto& point) {
        return point.second == oldest &&
               (all.front().first > begin ? point.first == all.front().first
                                          : point.first <= begin && point.first >= begin_max);
      });
      ASSERT_TRUE(found) << "at look " << i;
      now += milliseconds{1 + static_cast<int>(random() % static_cast<unsigned>(most))};
      number += 1 + random() % 10;
    }
    EXPECT_LE(points, SlidingCounts::kPointsMax);
  }
}

}  // namespace
}  // namespace millrace::report
