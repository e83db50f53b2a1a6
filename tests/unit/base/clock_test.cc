// SPDX-License-Identifier: Apache-2.0
#include "engine/base/clock.h"

#include <chrono>

#include <gtest/gtest.h>

namespace millrace::base {
namespace {

TEST(FixedClock, AlwaysTellsItsTime) {
  const WallTime time{std::chrono::microseconds{1'720'655'268'123'456}};
  const FixedClock clock(time);
  EXPECT_EQ(clock.now(), time);
  EXPECT_EQ(clock.now(), time);
}

TEST(SystemClock, TellsTheTimeOfDay) {
  const SystemClock clock;
  const auto before = std::chrono::system_clock::now() - std::chrono::microseconds{1};
  const WallTime now = clock.now();
  const auto after = std::chrono::system_clock::now();
  EXPECT_GE(now, before);
  EXPECT_LE(now, after);
}

}  // namespace
}  // namespace millrace::base
