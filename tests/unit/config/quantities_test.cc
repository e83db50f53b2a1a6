// SPDX-License-Identifier: Apache-2.0
#include "engine/config/quantities.h"

#include <gtest/gtest.h>

namespace millrace::config {
namespace {

TEST(Quantities, DurationsAreWholeNumbersWithAUnit) {
  EXPECT_EQ(parse_duration("100ms")->count(), 100);
  EXPECT_EQ(parse_duration("5s")->count(), 5'000);
  EXPECT_EQ(parse_duration("5 s")->count(), 5'000);
  EXPECT_EQ(parse_duration("1m")->count(), 60'000);
  EXPECT_EQ(parse_duration("2h")->count(), 7'200'000);
  EXPECT_EQ(parse_duration("0")->count(), 0);
  EXPECT_EQ(parse_duration("0ms")->count(), 0);
}

TEST(Quantities, WhatIsNoDurationIsRefused) {
  for (const char* text :
       {"", "5", "s", "-5s", "+5s", "1.5s", "5S", "5sec", "1m30s", " 5s", "5s ", "5  s", "5 ",
        "99999999999999999999s", "9223372036854775807s", "18446744073709551615ms"}) {
    EXPECT_FALSE(parse_duration(text).has_value()) << text;
  }
}

TEST(Quantities, SizesAreBinaryOrDecimal) {
  EXPECT_EQ(parse_bytes("64KiB"), 65'536U);
  EXPECT_EQ(parse_bytes("512MiB"), 536'870'912U);
  EXPECT_EQ(parse_bytes("512 MiB"), 536'870'912U);
  EXPECT_EQ(parse_bytes("1GB"), 1'000'000'000U);
  EXPECT_EQ(parse_bytes("7B"), 7U);
}

TEST(Quantities, WhatIsNoSizeIsRefused) {
  for (const char* text : {"", "512", "512M", "512mib", "0x10MiB", "1.5GiB", "-1GiB",
                           "17179869184GiB", "99999999999999999999B"}) {
    EXPECT_FALSE(parse_bytes(text).has_value()) << text;
  }
}

TEST(Quantities, CountsAreDigits) {
  EXPECT_EQ(parse_count("0"), 0U);
  EXPECT_EQ(parse_count("100000"), 100'000U);
  EXPECT_EQ(parse_count("18446744073709551615"), 18'446'744'073'709'551'615U);
  for (const char* text :
       {"", "-1", "+1", "1e3", "1_000", "0x1", "1.0", " 1", "1 ", "18446744073709551616"}) {
    EXPECT_FALSE(parse_count(text).has_value()) << text;
  }
}

TEST(Quantities, RecordsAreACountedNoun) {
  EXPECT_EQ(parse_records("1 record"), 1U);
  EXPECT_EQ(parse_records("1000 records"), 1'000U);
  EXPECT_FALSE(parse_records("1000").has_value());
  EXPECT_FALSE(parse_records("1000 rows").has_value());
  EXPECT_FALSE(parse_records("many records").has_value());
}

TEST(Quantities, PercentagesAreShares) {
  EXPECT_EQ(parse_percentage("50%"), 0.5);
  EXPECT_EQ(parse_percentage("0.5 %"), 0.005);
  EXPECT_EQ(parse_percentage("12.25%"), 0.1225);
  EXPECT_EQ(parse_percentage("0%"), 0.0);
  EXPECT_EQ(parse_percentage("250%"), 2.5);
  EXPECT_EQ(parse_percentage("999999.999999%"), 9999.99999999);
  for (const char* text : {"", "%", "50", "0.5", "-1%", "+1%", "1e2%", ".5%", "5.%", "1.2.3%",
                           "1.0000000%", "1000000%", "5  %", " 5%", "5% ", "1.-5%", "1. 5%"}) {
    EXPECT_FALSE(parse_percentage(text).has_value()) << text;
  }
}

TEST(Quantities, DecimalsHaveADigitOnEachSideOfThePoint) {
  EXPECT_EQ(parse_decimal("0"), 0.0);
  EXPECT_EQ(parse_decimal("100"), 100.0);
  EXPECT_EQ(parse_decimal("-3"), -3.0);
  EXPECT_EQ(parse_decimal("0.5"), 0.5);
  EXPECT_EQ(parse_decimal("-12.25"), -12.25);
  EXPECT_EQ(parse_decimal("999999999999999.999999"), 999999999999999.999999);
  for (const char* text : {"", "-", "--1", "+1", ".5", "5.", "-.5", "1.2.3", "1e3", "0x1", "1 ",
                           " 1", "1,5", "nan", "inf", "1000000000000000", "1.0000000"}) {
    EXPECT_FALSE(parse_decimal(text).has_value()) << text;
  }
}

TEST(Quantities, TextsReadBackAsTheSame) {
  for (const int64_t ms : {0L, 1L, 100L, 1'500L, 5'000L, 60'000L, 90'000L, 3'600'000L}) {
    EXPECT_EQ(parse_duration(duration_text(std::chrono::milliseconds(ms)))->count(), ms);
  }
  for (const uint64_t bytes : {uint64_t{0}, uint64_t{1}, uint64_t{1000}, uint64_t{1} << 26U,
                               uint64_t{1} << 40U, uint64_t{3'000'000}}) {
    EXPECT_EQ(parse_bytes(bytes_text(bytes)), bytes);
  }
  EXPECT_EQ(duration_text(std::chrono::hours(1)), "1h");
  EXPECT_EQ(bytes_text(uint64_t{64} << 20U), "64MiB");
}

}  // namespace
}  // namespace millrace::config
