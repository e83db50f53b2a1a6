// SPDX-License-Identifier: Apache-2.0
#include "engine/steps/time_text.h"

#include <array>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <limits>
#include <optional>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "engine/record/json_text.h"

namespace millrace::steps {
namespace {

using record::integral_value;

std::string rfc3339(int64_t unix_seconds) {
  std::array<char, kRfc3339Bytes + 1> text{};
  text.back() = '#';
  write_rfc3339(unix_seconds, text.data());
  EXPECT_EQ(text.back(), '#') << "wrote beyond its end";
  return {text.data(), kRfc3339Bytes};
}

TEST(Rfc3339, WritesTheTimeOfTheGoldenRecords) {
  EXPECT_EQ(rfc3339(1720655268), "2024-07-10T23:47:48Z");
  EXPECT_EQ(rfc3339(1694479551), "2023-09-12T00:45:51Z");
}

TEST(Rfc3339, ReachesFromTheFirstToTheLastYearItCanWrite) {
  EXPECT_EQ(rfc3339(kUnixSecondsMin), "0001-01-01T00:00:00Z");
  EXPECT_EQ(rfc3339(kUnixSecondsMax), "9999-12-31T23:59:59Z");
}

TEST(Rfc3339, CountsBackFromTheEpoch) {
  EXPECT_EQ(rfc3339(0), "1970-01-01T00:00:00Z");
  EXPECT_EQ(rfc3339(-1), "1969-12-31T23:59:59Z");
  EXPECT_EQ(rfc3339(-86'400), "1969-12-31T00:00:00Z");
}

TEST(Rfc3339, KnowsLeapYears) {
  EXPECT_EQ(rfc3339(951'782'400), "2000-02-29T00:00:00Z");
  EXPECT_EQ(rfc3339(1'709'164'799), "2024-02-28T23:59:59Z");
  EXPECT_EQ(rfc3339(1'709'164'800), "2024-02-29T00:00:00Z");
  EXPECT_EQ(rfc3339(4'107'542'400), "2100-03-01T00:00:00Z");
  EXPECT_EQ(rfc3339(4'107'542'399), "2100-02-28T23:59:59Z");
}

TEST(Rfc3339, AgreesWithTheCLibrary) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  std::uniform_int_distribution<int64_t> any(kUnixSecondsMin, kUnixSecondsMax);
  for (int i = 0; i < 100'000; ++i) {
    const std::time_t time = any(random);
    std::tm parts{};
    ASSERT_NE(gmtime_r(&time, &parts), nullptr);
    std::array<char, 80> expected{};
    std::snprintf(expected.data(), expected.size(), "%04d-%02d-%02dT%02d:%02d:%02dZ",
                  parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday, parts.tm_hour,
                  parts.tm_min, parts.tm_sec);
    ASSERT_EQ(rfc3339(time), expected.data()) << time;
  }
}

TEST(IntegralValue, ReadsEveryWayToWriteAWholeNumber) {
  EXPECT_EQ(integral_value("1720655268"), 1720655268);
  EXPECT_EQ(integral_value("1720655268.0"), 1720655268);
  EXPECT_EQ(integral_value("1.720655268e9"), 1720655268);
  EXPECT_EQ(integral_value("17206552680e-1"), 1720655268);
  EXPECT_EQ(integral_value("1E3"), 1000);
  EXPECT_EQ(integral_value("-0"), 0);
  EXPECT_EQ(integral_value("-0.0"), 0);
  EXPECT_EQ(integral_value("0e999999999999999999999"), 0);
  EXPECT_EQ(integral_value("-12.50e1"), -125);
}

TEST(IntegralValue, ReadsAll64Bits) {
  EXPECT_EQ(integral_value("9223372036854775807"), std::numeric_limits<int64_t>::max());
  EXPECT_EQ(integral_value("-9223372036854775808"), std::numeric_limits<int64_t>::min());
}

TEST(IntegralValue, RefusesFractions) {
  for (const char* text : {"1.5", "0.1", "1e-1", "-2.25", "1.0000000000000000000000000001"})
    EXPECT_EQ(integral_value(text), std::nullopt) << text;
}

TEST(IntegralValue, RefusesWhatItCannotHoldExactly) {
  for (const char* text :
       {"9223372036854775808", "-9223372036854775809", "1e400", "1e19",
        "123456789012345678901234567890", "9007199254740993.0", "-9007199254740993.0"})
    EXPECT_EQ(integral_value(text), std::nullopt) << text;
  EXPECT_EQ(integral_value("9007199254740991.0"), 9007199254740991);
}

}  // namespace
}  // namespace millrace::steps
