// SPDX-License-Identifier: Apache-2.0
#include "engine/insights/utc_text.h"

#include <gtest/gtest.h>

namespace millrace::insights {
namespace {

TEST(UtcText, IsAsRfc3339HasIt) {
  EXPECT_EQ(utc_text(0), "1970-01-01T00:00:00Z");
  EXPECT_EQ(utc_text(1'720'655'268'000), "2024-07-10T23:47:48Z");
  EXPECT_EQ(utc_text(951'827'696'000), "2000-02-29T12:34:56Z");
  EXPECT_EQ(utc_text(253'402'300'799'000), "9999-12-31T23:59:59Z");
  EXPECT_EQ(utc_text(-62'135'596'800'000), "0001-01-01T00:00:00Z");
}

TEST(UtcText, HasMillisecondsWhereThereAreSomeOrAsAsked) {
  EXPECT_EQ(utc_text(1'720'655'268'123), "2024-07-10T23:47:48.123Z");
  EXPECT_EQ(utc_text(1), "1970-01-01T00:00:00.001Z");
  EXPECT_EQ(utc_text(0, Precision::kMilliseconds), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(utc_text(1'999, Precision::kSeconds), "1970-01-01T00:00:01Z");
}

TEST(UtcText, RoundsDownBefore1970) {
  EXPECT_EQ(utc_text(-1), "1969-12-31T23:59:59.999Z");
  EXPECT_EQ(utc_text(-1'000), "1969-12-31T23:59:59Z");
  EXPECT_EQ(utc_text(-86'400'000), "1969-12-31T00:00:00Z");
  EXPECT_EQ(utc_text(-86'400'001), "1969-12-30T23:59:59.999Z");
}

TEST(UtcText, HasYearsThatRfc3339HasNot) {
  EXPECT_EQ(utc_text(253'402'300'800'000), "+10000-01-01T00:00:00Z");
  EXPECT_EQ(utc_text(-62'135'596'800'000 - 86'400'000), "0000-12-31T00:00:00Z");
  EXPECT_EQ(utc_text(-62'135'596'800'000 - int64_t{366} * 86'400'000 - 1),
            "-0001-12-31T23:59:59.999Z");
  EXPECT_EQ(utc_text(INT64_MAX), "9223372036854775807 ms");
  EXPECT_EQ(utc_text(INT64_MIN), "-9223372036854775808 ms");
}

}  // namespace
}  // namespace millrace::insights
