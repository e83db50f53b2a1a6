// SPDX-License-Identifier: Apache-2.0
#include "engine/trial/wall_time.h"

#include <chrono>

#include <gtest/gtest.h>

namespace millrace::trial {
namespace {

base::WallTime at(int64_t micros) {
  return base::WallTime(std::chrono::microseconds(micros));
}

TEST(WallTime, ReadsSecondsFractionsAndOffsets) {
  EXPECT_EQ(parse_wall_time("2024-07-10T23:47:48Z"), at(1'720'655'268'000'000));
  EXPECT_EQ(parse_wall_time("2024-07-10T23:47:48.5Z"), at(1'720'655'268'500'000));
  EXPECT_EQ(parse_wall_time("2024-07-10T23:47:48.000001Z"), at(1'720'655'268'000'001));
  EXPECT_EQ(parse_wall_time("2024-07-11T01:47:48+02:00"), at(1'720'655'268'000'000));
  EXPECT_EQ(parse_wall_time("2024-07-10T18:17:48-05:30"), at(1'720'655'268'000'000));
  EXPECT_EQ(parse_wall_time("1970-01-01 00:00:00z"), at(0));
  EXPECT_EQ(parse_wall_time("2024-02-29T00:00:00Z"), at(1'709'164'800'000'000));
}

TEST(WallTime, RefusesWhatIsNoMoment) {
  for (const char* text : {"", "now", "2024-07-10", "2024-07-10T23:47:48", "2024-07-10T24:00:00Z",
                           "2024-07-10T23:60:00Z", "2024-07-10T23:47:60Z", "2023-02-29T00:00:00Z",
                           "2024-13-01T00:00:00Z", "2024-07-10T23:47:48Zx", "2024-07-10T23:47:48.Z",
                           "2024-07-10T23:47:48.1234567Z", "2024-07-10T23:47:48+2:00",
                           "2024-07-10T23:47:48+24:00", "20240710T234748Z", "-024-07-10T23:47:48Z"})
    EXPECT_EQ(parse_wall_time(text), std::nullopt) << text;
}

}  // namespace
}  // namespace millrace::trial
