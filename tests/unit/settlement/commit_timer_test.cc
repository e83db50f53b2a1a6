// SPDX-License-Identifier: Apache-2.0
#include "engine/settlement/commit_timer.h"

#include <chrono>

#include <gtest/gtest.h>

namespace millrace::settlement {
namespace {

using std::chrono::milliseconds;

constexpr CommitTimer::TimePoint kStart{std::chrono::hours{1}};

TEST(CommitTimer, IsDueOneIntervalAfterTheStart) {
  const CommitTimer timer(milliseconds{100}, kStart);
  EXPECT_FALSE(timer.due(kStart));
  EXPECT_FALSE(timer.due(kStart + milliseconds{100} - std::chrono::nanoseconds{1}));
  EXPECT_TRUE(timer.due(kStart + milliseconds{100}));
  EXPECT_EQ(timer.next(), kStart + milliseconds{100});
}

TEST(CommitTimer, CountsFromWhenTheLastCommitBegan) {
  CommitTimer timer(milliseconds{100}, kStart);
  timer.began(kStart + milliseconds{130});
  EXPECT_FALSE(timer.due(kStart + milliseconds{229}));
  EXPECT_TRUE(timer.due(kStart + milliseconds{230}));
}

TEST(CommitTimer, AnIntervalOfZeroIsAlwaysDue) {
  CommitTimer timer(milliseconds{0}, kStart);
  timer.began(kStart);
  EXPECT_TRUE(timer.due(kStart));
}

}  // namespace
}  // namespace millrace::settlement
