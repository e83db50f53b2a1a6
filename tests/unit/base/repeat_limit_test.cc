// SPDX-License-Identifier: Apache-2.0
#include "engine/base/repeat_limit.h"

#include <chrono>
#include <string>

#include <gtest/gtest.h>

namespace millrace::base {
namespace {

using std::chrono::seconds;

constexpr RepeatLimit::Time kBegin{std::chrono::hours(1)};

TEST(RepeatLimit, SaysTheFirstAndThenHowManyMore) {
  RepeatLimit limit(seconds(10));
  EXPECT_EQ(limit.admit("a", "It broke.", kBegin), "It broke.");
  for (int i = 0; i < 312; ++i)
    EXPECT_EQ(limit.admit("a", "It broke.", kBegin + seconds(9)), std::nullopt);
  EXPECT_EQ(limit.admit("a", "It broke again.", kBegin + seconds(10)),
            "It broke again. (… and 312 more like it in the last 10 s)");
  EXPECT_EQ(limit.admit("a", "It broke.", kBegin + seconds(19)), std::nullopt);
  EXPECT_EQ(limit.admit("a", "It broke.", kBegin + seconds(40)),
            "It broke. (… and 1 more like it in the last 30 s)");
  EXPECT_EQ(limit.admit("a", "It broke.", kBegin + seconds(60)), "It broke.");
}

TEST(RepeatLimit, OfOtherKindsKeepsNothingBack) {
  RepeatLimit limit(seconds(10));
  EXPECT_EQ(limit.admit("a", "A.", kBegin), "A.");
  EXPECT_EQ(limit.admit("b", "B.", kBegin), "B.");
  EXPECT_EQ(limit.admit("a", "A.", kBegin), std::nullopt);
}

TEST(RepeatLimit, ForgetsTheOldestKindWhereThereAreTooMany) {
  RepeatLimit limit(seconds(10));
  for (int i = 0; i < 65; ++i) {
    EXPECT_TRUE(limit.admit(std::to_string(i), "x", kBegin + std::chrono::milliseconds(i)));
  }
  EXPECT_TRUE(limit.admit("0", "x", kBegin + seconds(1)));
  EXPECT_FALSE(limit.admit("64", "x", kBegin + seconds(1)));
}

}  // namespace
}  // namespace millrace::base
