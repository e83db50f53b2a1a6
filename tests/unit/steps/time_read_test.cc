// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "engine/steps/time_format.h"
#include "tests/unit/steps/time_texts.h"

namespace millrace::steps {
namespace {

constexpr TimeFormat::ReadOptions kAcceptText{.accept_text = true, .truncate = false};
constexpr TimeFormat::ReadOptions kTruncate{.accept_text = false, .truncate = true};
constexpr TimeFormat::ReadOptions kBoth{.accept_text = true, .truncate = true};

std::string read(std::string_view format, std::string_view json,
                 TimeFormat::ReadOptions options = {}) {
  return TimeTexts(format).read(json, options);
}

TEST(TimeReading, TakesWholeNumbersHoweverWritten) {
  for (const char* json : {"1720655268", "1720655268.0", "1.720655268e9", "17206552680e-1",
                           "1720655268.000000000000000000000000000000"})
    EXPECT_EQ(read("unix_seconds", json), "1720655268") << json;
  EXPECT_EQ(read("unix_seconds", "0"), "0");
  EXPECT_EQ(read("unix_seconds", "-0.0"), "0");
  EXPECT_EQ(read("unix_seconds", "-1"), "-1");
  EXPECT_EQ(read("unix_seconds", "1e9"), "1000000000");
}

TEST(TimeReading, KnowsTheUnit) {
  EXPECT_EQ(read("unix_milliseconds", "1720655268123"), "1720655268.123");
  EXPECT_EQ(read("unix_milliseconds", "-1"), "-1.999");
  EXPECT_EQ(read("unix_microseconds", "1720655268123456"), "1720655268.123456");
  EXPECT_EQ(read("unix_microseconds", "-1000001"), "-2.999999");
  EXPECT_EQ(read("unix_microseconds", "253402300799999999.0"), "253402300799.999999");
}

TEST(TimeReading, RefusesFractionsUnlessTheyMayGo) {
  for (const char* json : {"1694479551.9", "0.1", "1e-1", "1.0000000000000000000000000001"})
    EXPECT_EQ(read("unix_seconds", json), "form") << json;
  EXPECT_EQ(read("unix_seconds", "1694479551.9", kTruncate), "1694479551");
  EXPECT_EQ(read("unix_seconds", "-1.9", kTruncate), "-1");
  EXPECT_EQ(read("unix_seconds", "0.1", kTruncate), "0");
  EXPECT_EQ(read("unix_seconds", "1e-999999999999999999999", kTruncate), "0");
  EXPECT_EQ(read("unix_milliseconds", "1.6944795519009e12", kTruncate), "1694479551.9");
}

TEST(TimeReading, TakesNumbersAsTextWhereItMay) {
  EXPECT_EQ(read("unix_seconds", R"("1694479551")"), "form");
  EXPECT_EQ(read("unix_seconds", R"("1694479551")", kAcceptText), "1694479551");
  EXPECT_EQ(read("unix_seconds", R"("16944\u00379551")", kAcceptText), "1694479551");
  EXPECT_EQ(read("unix_seconds", R"("-5")", kAcceptText), "-5");
  for (const char* json : {R"("1694479551.0")", R"("1.7e9")", R"("")", R"(" 1")", R"("1 ")",
                           R"("+1")", R"("01")", R"("-")", R"("0x10")", R"("1_000")", R"("١")"})
    EXPECT_EQ(read("unix_seconds", json, kAcceptText), "form") << json;
  EXPECT_EQ(read("unix_seconds", R"("1694479551.9")", kBoth), "1694479551");
  EXPECT_EQ(read("unix_seconds", R"("1.7e9")", kBoth), "1700000000");
  EXPECT_EQ(read("unix_seconds", R"("1 ")", kBoth), "form");
}

TEST(TimeReading, RefusesValuesThatAreNoNumbers) {
  for (const char* json : {"true", "null", "[]", "{}", R"("x")"})
    for (const auto options : {kAcceptText, kTruncate, kBoth})
      EXPECT_EQ(read("unix_seconds", json, options), "form") << json;
}

TEST(TimeReading, StaysWithinTheYears1To9999) {
  EXPECT_EQ(read("unix_seconds", "-62135596800"), "-62135596800");
  EXPECT_EQ(read("unix_seconds", "-62135596801"), "range");
  EXPECT_EQ(read("unix_seconds", "253402300799"), "253402300799");
  EXPECT_EQ(read("unix_seconds", "253402300800"), "range");
  EXPECT_EQ(read("unix_milliseconds", "253402300799999"), "253402300799.999");
  EXPECT_EQ(read("unix_milliseconds", "-62135596800001"), "range");
  for (const char* json : {"1720655268123456", "9223372036854775807", "-9223372036854775808",
                           "9223372036854775808", "1e40", "-1e40", "1e999999999999999999999999"})
    EXPECT_EQ(read("unix_seconds", json), "range") << json;
  EXPECT_EQ(read("unix_microseconds", "9223372036854775807"), "range");
  EXPECT_EQ(read("unix_seconds", "0e999999999999999999999999"), "0");
  const std::string nines(100'000, '9');
  EXPECT_EQ(read("unix_seconds", nines), "range");
  EXPECT_EQ(read("unix_seconds", "0." + nines), "form");
  EXPECT_EQ(read("unix_seconds", "0." + nines, kTruncate), "0");
}

TEST(TimeReading, TakesWhatRfc3339Allows) {
  EXPECT_EQ(read("rfc3339", R"("2024-07-10T23:47:48Z")"), "1720655268");
  EXPECT_EQ(read("rfc3339", R"("2024-07-10t23:47:48z")"), "1720655268");
  EXPECT_EQ(read("rfc3339", R"("2024-07-11T01:47:48+02:00")"), "1720655268");
  EXPECT_EQ(read("rfc3339", R"("2024-07-10T18:17:48-05:30")"), "1720655268");
  EXPECT_EQ(read("rfc3339", R"("2024-07-10T23:47:48-00:00")"), "1720655268");
  EXPECT_EQ(read("rfc3339", R"("2024-07-10T23:47:48.1Z")"), "1720655268.1");
  EXPECT_EQ(read("rfc3339", R"("2024-07-10T23:47:48.000000001Z")"), "1720655268.000000001");
  EXPECT_EQ(read("rfc3339_millis", R"("2024-07-10T23:47:48.123456+00:00")"), "1720655268.123456");
  EXPECT_EQ(read("rfc3339", R"("2024-07-10\u005423:47:48Z")"), "1720655268");
  EXPECT_EQ(read("rfc3339", R"("1969-12-31T23:59:59.25Z")"), "-1.25");
}

TEST(TimeReading, RefusesWhatRfc3339DoesNotAllow) {
  for (const char* json : {"1720655268",
                           "null",
                           "[]",
                           R"("")",
                           R"("2024-07-10")",
                           R"("2024-07-10 23:47:48Z")",
                           R"("2024-07-10T23:47:48")",
                           R"("2024-07-10T23:47Z")",
                           R"("2024-7-10T23:47:48Z")",
                           R"("2024-07-10T23:47:48+0200")",
                           R"("2024-07-10T23:47:48+02")",
                           R"("2024-07-10T23:47:48+24:00")",
                           R"("2024-07-10T23:47:48+02:60")",
                           R"("2024-07-10T23:47:48.Z")",
                           R"("2024-07-10T23:47:48.1234567890Z")",
                           R"("2024-07-10T23:47:48,5Z")",
                           R"("2024-07-10T23:47:48Z ")",
                           R"(" 2024-07-10T23:47:48Z")",
                           R"("2024-13-10T23:47:48Z")",
                           R"("2024-00-10T23:47:48Z")",
                           R"("2024-07-32T23:47:48Z")",
                           R"("2024-07-00T23:47:48Z")",
                           R"("2023-02-29T00:00:00Z")",
                           R"("2024-07-10T24:00:00Z")",
                           R"("2024-07-10T23:60:00Z")",
                           R"("2024-07-10T23:47:61Z")",
                           R"("-024-07-10T23:47:48Z")",
                           R"("2024-07-10T23:47:48ZZ")",
                           R"("２024-07-10T23:47:48Z")"})
    EXPECT_EQ(read("rfc3339", json), "form") << json;
}

TEST(TimeReading, RefusesYearsThatItCannotWrite) {
  EXPECT_EQ(read("rfc3339", R"("0001-01-01T00:00:00Z")"), "-62135596800");
  EXPECT_EQ(read("rfc3339", R"("0000-12-31T23:59:59Z")"), "range");
  EXPECT_EQ(read("rfc3339", R"("0001-01-01T00:00:00+00:01")"), "range");
  EXPECT_EQ(read("rfc3339", R"("0000-12-31T23:59:59-00:30")"), "-62135595001");
  EXPECT_EQ(read("rfc3339", R"("9999-12-31T23:59:59.999Z")"), "253402300799.999");
  EXPECT_EQ(read("rfc3339", R"("9999-12-31T23:59:59-00:01")"), "range");
  EXPECT_EQ(read("rfc3339", R"("9999-12-31T23:59:60Z")"), "range");
}

TEST(TimeReading, TakesALeapSecondForTheSecondAfterIt) {
  EXPECT_EQ(read("rfc3339", R"("1990-12-31T23:59:60Z")"), "662688000");
  EXPECT_EQ(read("rfc3339", R"("1990-12-31T15:59:60-08:00")"), "662688000");
  EXPECT_EQ(read("rfc3339", R"("1990-12-31T23:59:60.5Z")"), "662688000.5");
  EXPECT_EQ(read("%Y-%m-%d %H:%M:%S", R"("1990-12-31 23:59:60")"), "662688000");
  for (const char* json :
       {R"("1990-12-31T23:58:60Z")", R"("1990-12-31T15:59:60Z")", R"("1990-12-31T23:59:60-08:00")"})
    EXPECT_EQ(read("rfc3339", json), "form") << json;
}

TEST(TimeReading, FollowsPatterns) {
  EXPECT_EQ(read("%Y-%m-%d %H:%M:%S", R"("2024-07-10 23:47:48")"), "1720655268");
  EXPECT_EQ(read("%F %T", R"("2024-07-10 23:47:48")"), "1720655268");
  EXPECT_EQ(read("%d.%m.%Y %H:%M", R"("10.07.2024 23:47")"), "1720655220");
  EXPECT_EQ(read("%Y%m%d%H%M%S%L", R"("20240710234748123")"), "1720655268.123");
  EXPECT_EQ(read("%F %T.%f", R"("2024-07-10 23:47:48.5")"), "1720655268.5");
  EXPECT_EQ(read("%F %T.%f", R"("2024-07-10 23:47:48.000001")"), "1720655268.000001");
  EXPECT_EQ(read("%s", R"("1720655268")"), "1720655268");
  EXPECT_EQ(read("%s.%L", R"("1720655268.25")"), "1720655268.25");
  EXPECT_EQ(read("%Y/%j", R"("2024/366")"), "1735603200");
  EXPECT_EQ(read("%y%m%d", R"("690101")"), "-31536000");
  EXPECT_EQ(read("%y%m%d", R"("680101")"), "3092601600");
  EXPECT_EQ(read("%a, %d %b %Y %T %z", R"("Wed, 10 Jul 2024 23:47:48 +0000")"), "1720655268");
  EXPECT_EQ(read("%A %e %B %Y", R"("wednesday  3 JULY 2024")"), "1719964800");
  EXPECT_EQ(read("%b %e %Y", R"("July 3 2024")"), "1719964800");
  EXPECT_EQ(read("%b %e %Y", R"("May 13 2024")"), "1715558400");
  EXPECT_EQ(read("%F %Z", R"("2024-07-10 UTC")"), "1720569600");
  EXPECT_EQ(read("%F 100%%", R"("2024-07-10 100%")"), "1720569600");
  EXPECT_EQ(read("\"%F\"\té", R"("\"2024-07-10\"\té")"), "1720569600");
}

TEST(TimeReading, TakesOffsetsInEveryUsualForm) {
  for (const char* offset : {"+0200", "+02:00", "+02"})
    EXPECT_EQ(read("%F %T%z", std::string(R"("2024-07-11 01:47:48)") + offset + '"'), "1720655268")
        << offset;
  EXPECT_EQ(read("%F %T%z", R"("2024-07-10 23:47:48Z")"), "1720655268");
  EXPECT_EQ(read("%F%z %H", R"("2024-07-10-03 00")"), "1720580400");
  for (const char* offset : {"", "0200", "+2", "+02:", "+020", "+2400", "+02:0"})
    EXPECT_EQ(read("%F %T%z", std::string(R"("2024-07-11 01:47:48)") + offset + '"'), "form")
        << offset;
}

TEST(TimeReading, RefusesWhatIsNotOfThePattern) {
  for (const char* json :
       {R"("")", "5", "null", R"("2024-07-10")", R"("2024-07-10 23:47:48 ")",
        R"("2024-07-10  23:47:48")", R"("2024-07-10T23:47:48")", R"("2024-7-10 23:47:48")",
        R"("2024-02-30 23:47:48")", R"("2024-07-10 25:47:48")", R"("x")"})
    EXPECT_EQ(read("%F %T", json), "form") << json;
  EXPECT_EQ(read("%a %F", R"("Tue 2024-07-10")"), "form") << "it was a Wednesday";
  EXPECT_EQ(read("%b %d %Y", R"("Jux 10 2024")"), "form");
  EXPECT_EQ(read("%Y/%j", R"("2023/366")"), "form");
  EXPECT_EQ(read("%Y/%j", R"("2023/000")"), "form");
  EXPECT_EQ(read("%F %Z", R"("2024-07-10 CEST")"), "form") << "UTC has no such name";
  EXPECT_EQ(read("%F", R"("0000-07-10")"), "range");
  EXPECT_EQ(read("%s", R"("99999999999999999999")"), "range");
  EXPECT_EQ(read("%s", R"("-")"), "form");
  EXPECT_EQ(read("%F %T.%f", R"("2024-07-10 23:47:48.")"), "form");
  EXPECT_EQ(read("%F %T.%f", R"("2024-07-10 23:47:48.1234567")"), "form");
}

TEST(TimeFormat, SaysWhatIsWrongWithAPattern) {
  const auto error = [](std::string_view pattern, TimeFormat::Use use = TimeFormat::Use::kRead) {
    return compile_error(pattern, use);
  };

  EXPECT_EQ(error(""), "the pattern is empty");
  EXPECT_EQ(error("%F %"), "the pattern ends in a single '%'; the character is '%%'");
  EXPECT_EQ(error("%F %I").substr(0, 36), "the pattern has '%I', which is none ");
  EXPECT_EQ(error("%F %ü").substr(0, 36), "the pattern has '%ü', which is none");
  EXPECT_EQ(error("%H:%M"),
            "the pattern does not tell the year, so that no time can be read by it");
  EXPECT_EQ(error("%Y-%m"), "the pattern does not tell the day, so that no time can be read by it");
  EXPECT_EQ(error("%F %d"), "the pattern tells the day twice");
  EXPECT_EQ(error("%F %j"), "the pattern tells the month twice");
  EXPECT_EQ(error("%s %H"), "%s tells the whole time; to read, only %f or %L go with it");
  for (const char* pattern : {"%H:%M", "%F %d", "%s %H", "today"})
    EXPECT_EQ(error(pattern, TimeFormat::Use::kWrite), "") << pattern;
}

}  // namespace
}  // namespace millrace::steps
