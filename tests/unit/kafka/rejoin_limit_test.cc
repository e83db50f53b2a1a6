// SPDX-License-Identifier: Apache-2.0
#include "engine/kafka/rejoin_limit.h"

#include <gtest/gtest.h>

namespace millrace::kafka {
namespace {

using std::chrono::seconds;

const RejoinLimit::Clock::time_point kStart{seconds{100'000}};

TEST(RejoinLimit, AFenceWithoutACutOffIsASecondCopys) {
  RejoinLimit limit(seconds{10});
  EXPECT_FALSE(limit.fenced(kStart, std::nullopt));
  EXPECT_EQ(limit.fences(), 1);
}

TEST(RejoinLimit, ACutOffExplainsAFenceForAMinuteOrThreeSessions) {
  EXPECT_TRUE(RejoinLimit(seconds{10}).fenced(kStart + seconds{60}, kStart));
  EXPECT_FALSE(RejoinLimit(seconds{10}).fenced(kStart + seconds{61}, kStart));
  EXPECT_TRUE(RejoinLimit(seconds{45}).fenced(kStart + seconds{135}, kStart));
  EXPECT_FALSE(RejoinLimit(seconds{45}).fenced(kStart + seconds{136}, kStart));
}

TEST(RejoinLimit, TheFourthFenceInARowEndsThoughTheMemberWasCutOffAgainAndAgain) {
  RejoinLimit limit(seconds{10});
  auto now = kStart;
  for (int i = 0; i < RejoinLimit::kRejoins; ++i) {
    EXPECT_TRUE(limit.fenced(now, now)) << i;
    now += seconds{60};
  }
  EXPECT_FALSE(limit.fenced(now, now));
  EXPECT_EQ(limit.fences(), 4);
}

TEST(RejoinLimit, FencesThatAreFarApartAreNotInARow) {
  RejoinLimit limit(seconds{10});
  for (int i = 0; i < 20; ++i) {
    const auto now = kStart + i * seconds{61};
    EXPECT_TRUE(limit.fenced(now, now)) << i;
    EXPECT_EQ(limit.fences(), 1);
  }
}

}  // namespace
}  // namespace millrace::kafka
