// SPDX-License-Identifier: Apache-2.0
#include "engine/flow/poll_inbox.h"

#include <chrono>
#include <thread>

#include <gtest/gtest.h>

namespace millrace::flow {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::hours;
using std::chrono::milliseconds;

TEST(PollInbox, APauseLastsUntilItsTime) {
  PollInbox inbox;
  const auto until = Clock::now() + milliseconds{20};
  inbox.pause_until(until);
  EXPECT_GE(Clock::now(), until);
  inbox.pause_until(until);  // that is over
}

// A wake-up that got lost makes this time out.
TEST(PollInbox, AStopEndsAPauseWheneverItComes) {
  for (int round = 0; round < 200; ++round) {
    PollInbox inbox;
    std::thread stopper([&inbox] { inbox.stop(); });
    inbox.pause_until(Clock::now() + hours{1});
    EXPECT_TRUE(inbox.stopping());
    stopper.join();
    inbox.pause_until(Clock::now() + hours{1});
  }
}

TEST(PollInbox, WhatIsPostedDoesNotEndAPause) {
  PollInbox inbox;
  const auto until = Clock::now() + milliseconds{20};
  std::thread poster([&inbox] { inbox.post_rewind({}); });
  inbox.pause_until(until);
  EXPECT_GE(Clock::now(), until);
  poster.join();
  EXPECT_TRUE(inbox.has_rewind());
}

}  // namespace
}  // namespace millrace::flow
