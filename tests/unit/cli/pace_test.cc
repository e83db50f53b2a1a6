// SPDX-License-Identifier: Apache-2.0
#include "engine/cli/pace.h"

#include <gtest/gtest.h>

#include "tests/unit/cli/some_vitals.h"

namespace millrace::cli {
namespace {

TEST(Pace, RatesAreOverTheTimeBetween) {
  const SomeVitals some;
  EXPECT_EQ(rate_of(some.now, some.before, &report::Vitals::consumed), 20'000);
  EXPECT_NEAR(cores_used(some.now, some.before).value(), 1.8, 1e-9);
}

TEST(Pace, ARateOfNoTimeOrOfAnotherRunIsUnknown) {
  const SomeVitals some;
  EXPECT_EQ(rate_of(some.now, some.now, &report::Vitals::consumed), std::nullopt);
  EXPECT_EQ(rate_of(some.before, some.now, &report::Vitals::consumed), std::nullopt);
}

TEST(Pace, TheLagIsGoneWhenItGoesOnShrinkingAsItDoes) {
  const SomeVitals some;
  EXPECT_EQ(time_to_catch_up(some.now, some.before)->count(), 45);
  EXPECT_EQ(catching_up(some.now, some.before), "caught up in 45 s");
}

TEST(Pace, WordsForALagThatDoesNotShrink) {
  SomeVitals some;
  some.now.lag = 550'000;
  EXPECT_EQ(catching_up(some.now, some.before), "growing by 10,000/s");
  some.now.lag = 500'000;
  EXPECT_EQ(catching_up(some.now, some.before), "steady");
  some.now.consumed = some.before.consumed;
  EXPECT_EQ(catching_up(some.now, some.before), "not moving");
}

TEST(Pace, WhatIsReadInASecondIsNoBacklog) {
  SomeVitals some;
  some.now.lag = 20'000;
  EXPECT_EQ(catching_up(some.now, some.before), "keeping up");
  some.now.lag = 0;
  EXPECT_EQ(catching_up(some.now, some.before), "at the end");
  some.now.lag = std::nullopt;
  EXPECT_EQ(catching_up(some.now, some.before), "");
}

TEST(Pace, OnlyWhatCameSinceCounts) {
  report::Durations before;
  before.counts[2] = 10;
  report::Durations now = before;
  EXPECT_EQ(recent(now, before).count(), 10U) << "none came: all of them";
  now.counts[5] = 3;
  EXPECT_EQ(recent(now, before).count(), 3U);
  EXPECT_EQ(quantile_text(recent(now, before), 0.5), "5 ms");
  now.counts.back() = 100;
  EXPECT_EQ(quantile_text(recent(now, before), 0.99), ">30 s");
}

}  // namespace
}  // namespace millrace::cli
