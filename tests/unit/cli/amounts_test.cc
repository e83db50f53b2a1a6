// SPDX-License-Identifier: Apache-2.0
#include "engine/cli/amounts.h"

#include <gtest/gtest.h>

namespace millrace::cli {
namespace {

TEST(Amounts, RatesHaveADecimalOnlyBelowTen) {
  EXPECT_EQ(rate_text(0), "0");
  EXPECT_EQ(rate_text(0.01), "<0.1");
  EXPECT_EQ(rate_text(3.44), "3.4");
  EXPECT_EQ(rate_text(9.96), "10");
  EXPECT_EQ(rate_text(20'011.6), "20,012");
}

TEST(Amounts, BytesNeverHaveFourDigits) {
  EXPECT_EQ(bytes_text(0), "0 B");
  EXPECT_EQ(bytes_text(999), "999 B");
  EXPECT_EQ(bytes_text(1000), "1.0 KiB");
  EXPECT_EQ(bytes_text(256.0 * 1024 * 1024), "256 MiB");
  EXPECT_EQ(bytes_text(12.34 * 1024 * 1024), "12.3 MiB");
}

TEST(Amounts, DurationsHaveTwoUnitsAtMost) {
  using std::chrono::duration;
  EXPECT_EQ(duration_text(duration<double>(0.0001)), "0.1 ms");
  EXPECT_EQ(duration_text(duration<double>(0.005)), "5 ms");
  EXPECT_EQ(duration_text(duration<double>(0.4)), "0.4 s");
  EXPECT_EQ(duration_text(duration<double>(59.4)), "59 s");
  EXPECT_EQ(duration_text(duration<double>(125)), "2 min 5 s");
  EXPECT_EQ(duration_text(duration<double>(3600 * 3 + 60 * 20)), "3 h 20 min");
  EXPECT_EQ(duration_text(duration<double>(86'400 * 9 + 3600 * 4)), "9 d 4 h");
  EXPECT_EQ(duration_text(duration<double>(1e300)), "11574 d 1 h");
}

TEST(Amounts, ClocksCountOn) {
  using std::chrono::seconds;
  EXPECT_EQ(clock_text(seconds(5)), "00:05");
  EXPECT_EQ(clock_text(seconds(754)), "12:34");
  EXPECT_EQ(clock_text(seconds(3723)), "1:02:03");
  EXPECT_EQ(clock_text(seconds(3 * 86'400 + 3723)), "3 d 1:02");
}

}  // namespace
}  // namespace millrace::cli
