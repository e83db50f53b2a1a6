// SPDX-License-Identifier: Apache-2.0
#include "engine/insights/window_time.h"

#include <gtest/gtest.h>

namespace millrace::insights {
namespace {

TEST(WindowTime, RoundsDownAlsoBelowZero) {
  EXPECT_EQ(round_down(0, 10), 0);
  EXPECT_EQ(round_down(9, 10), 0);
  EXPECT_EQ(round_down(10, 10), 10);
  EXPECT_EQ(round_down(-1, 10), -10);
  EXPECT_EQ(round_down(-10, 10), -10);
  EXPECT_EQ(round_down(-11, 10), -20);
  EXPECT_EQ(round_down(-7, 1), -7);
}

TEST(WindowTime, WindowsAreHalfOpen) {
  const Windowing window{.size_ms = 60, .hop_ms = 20, .grace_ms = 0};
  EXPECT_EQ(last_start(window, 59), 40);
  EXPECT_EQ(last_start(window, 60), 60);
  EXPECT_EQ(last_start(window, -1), -20);
}

TEST(WindowTime, AWindowClosesWhenTheWatermarkIsItsGraceBeyondItsEnd) {
  const Windowing window{.size_ms = 60, .hop_ms = 20, .grace_ms = 5};
  EXPECT_EQ(closed_to(window, 64), 40);
  EXPECT_EQ(closed_to(window, 65), 60);
  EXPECT_EQ(closed_to(window, 4), -20);
}

// Those that begin in (watermark - size - grace, watermark].
TEST(WindowTime, CountsTheWindowsThatCanBeOpen) {
  for (const Windowing& window : {Windowing{.size_ms = 60, .hop_ms = 60},
                                  Windowing{.size_ms = 60, .hop_ms = 20, .grace_ms = 5},
                                  Windowing{.size_ms = 5, .hop_ms = 1, .grace_ms = 100}}) {
    for (int64_t watermark = -200; watermark < 200; ++watermark) {
      size_t open = 0;
      for (int64_t n = -400; n < 400; ++n) {
        const int64_t start = n * window.hop_ms;
        const int64_t end = start + window.size_ms;
        if (start <= watermark && end > closed_to(window, watermark)) ++open;
      }
      ASSERT_LE(open, open_windows_max(window));
      ASSERT_GE(open + 1, open_windows_max(window));
    }
  }
}

}  // namespace
}  // namespace millrace::insights
