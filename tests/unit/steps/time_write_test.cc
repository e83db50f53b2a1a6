// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cstdint>
#include <ctime>
#include <random>
#include <string>
#include <string_view>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "engine/steps/time_format.h"
#include "tests/unit/steps/time_texts.h"

namespace millrace::steps {
namespace {

constexpr Moment kGolden{1720655268, 123'456'789};

std::string write(std::string_view format, const Moment& moment) {
  return TimeTexts(format).write(moment);
}

TEST(TimeWriting, WritesEveryFormat) {
  EXPECT_EQ(write("unix_seconds", kGolden), "1720655268");
  EXPECT_EQ(write("unix_milliseconds", kGolden), "1720655268123");
  EXPECT_EQ(write("unix_microseconds", kGolden), "1720655268123456");
  EXPECT_EQ(write("rfc3339", kGolden), R"("2024-07-10T23:47:48Z")");
  EXPECT_EQ(write("rfc3339_millis", kGolden), R"("2024-07-10T23:47:48.123Z")");
  EXPECT_EQ(write("%Y-%m-%d %H:%M:%S", kGolden), R"("2024-07-10 23:47:48")");
  EXPECT_EQ(write("%Y-%m-%dT%H:%M:%S", kGolden), R"("2024-07-10T23:47:48")");
  EXPECT_EQ(write("%a %A %b %B %d %e %j %y", {1719964800, 0}),
            R"("Wed Wednesday Jul July 03  3 185 24")");
  EXPECT_EQ(write("%H-%M-%S %f %L %z %Z %s %%", kGolden),
            R"("23-47-48 123456 123 +0000 UTC 1720655268 %")");
}

TEST(TimeWriting, RoundsDownAlsoBefore1970) {
  const Moment before{-1, 999'999'999};

  EXPECT_EQ(write("unix_seconds", before), "-1");
  EXPECT_EQ(write("unix_milliseconds", before), "-1");
  EXPECT_EQ(write("unix_microseconds", {-2, 1'999}), "-1999999");
  EXPECT_EQ(write("rfc3339_millis", before), R"("1969-12-31T23:59:59.999Z")");
}

TEST(TimeWriting, ReachesFromTheFirstToTheLastYear) {
  EXPECT_EQ(write("rfc3339", {kUnixSecondsMin, 0}), R"("0001-01-01T00:00:00Z")");
  EXPECT_EQ(write("rfc3339", {kUnixSecondsMax, 0}), R"("9999-12-31T23:59:59Z")");
  EXPECT_EQ(write("unix_microseconds", {kUnixSecondsMin, 0}), "-62135596800000000");
  EXPECT_EQ(write("unix_microseconds", {kUnixSecondsMax, 999'999'999}), "253402300799999999");
  EXPECT_EQ(write("%A %j %y", {kUnixSecondsMin, 0}), R"("Monday 001 01")");
  EXPECT_EQ(write("%A %j %y", {kUnixSecondsMax, 0}), R"("Friday 365 99")");
}

TEST(TimeWriting, EscapesWhatThePatternSays) {
  EXPECT_EQ(write("\"%Y\"", kGolden), R"("\"2024\"")");
  EXPECT_EQ(write("\t\\%Y\n", kGolden), R"("\t\\2024\n")");
  EXPECT_EQ(write("%Y é", kGolden), R"("2024 é")");
  EXPECT_EQ(write("now", kGolden), R"("now")");
}

TEST(TimeWriting, KeepsTheDaysApart) {
  const auto format = TimeFormat::compile(time_format("%F"), TimeFormat::Use::kWrite, nullptr);
  ASSERT_TRUE(format.ok());
  DayCache day_cache;
  std::array<char, 32> text{};
  const auto date = [&](int64_t seconds) {
    char* end = format.value().write({seconds, 0}, day_cache, text.data());
    return std::string(text.data(), static_cast<size_t>(end - text.data()));
  };

  EXPECT_EQ(date(0), R"("1970-01-01")");
  EXPECT_EQ(date(86'399), R"("1970-01-01")");
  EXPECT_EQ(date(86'400), R"("1970-01-02")");
  EXPECT_EQ(date(-1), R"("1969-12-31")");
  EXPECT_EQ(date(0), R"("1970-01-01")");
}

// A directive as C's strftime writes it, but for the leading zeros of years, which it leaves out.
std::string reference(std::string_view directive, std::time_t time, const std::tm& parts) {
  if (directive == "%s") return std::to_string(time);
  if (directive == "%Y") return fmt::format("{:04}", parts.tm_year + 1900);
  if (directive == "%F")
    return fmt::format("{:04}-{:02}-{:02}", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday);
  std::array<char, 40> text{};
  const size_t size =
      std::strftime(text.data(), text.size(), std::string(directive).c_str(), &parts);
  return {text.data(), size};
}

TEST(TimeWriting, AgreesWithTheCLibrary) {
  constexpr std::array<std::string_view, 18> kDirectives{"%Y", "%m", "%d", "%H", "%M", "%S",
                                                         "%j", "%y", "%e", "%b", "%B", "%a",
                                                         "%A", "%F", "%T", "%z", "%s", "%%"};
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  std::uniform_int_distribution<int64_t> any(kUnixSecondsMin, kUnixSecondsMax);
  for (int i = 0; i < 20'000; ++i) {
    const std::time_t time = any(random);
    std::tm parts{};
    ASSERT_NE(gmtime_r(&time, &parts), nullptr);
    std::string pattern = "x";
    std::string expected = "x";
    for (uint64_t count = random() % 6; count > 0; --count) {
      const std::string_view directive = kDirectives[random() % kDirectives.size()];
      const char between = std::string_view("-: T")[random() % 4];
      pattern.append(directive) += between;
      expected.append(reference(directive, time, parts)) += between;
    }
    ASSERT_EQ(write(pattern, {time, 0}), '"' + expected + '"') << pattern << " at " << time;
  }
}

TEST(TimeWriting, IsReadBackAsTheSameMoment) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  std::uniform_int_distribution<int64_t> any(kUnixSecondsMin, kUnixSecondsMax);

  struct Case {
    std::string_view format;
    uint32_t unit;  // nanoseconds
  };

  for (const Case& test :
       {Case{"unix_seconds", 1'000'000'000}, Case{"unix_milliseconds", 1'000'000},
        Case{"unix_microseconds", 1'000}, Case{"rfc3339", 1'000'000'000},
        Case{"rfc3339_millis", 1'000'000}, Case{"%F %T.%f", 1'000}, Case{"%s.%L", 1'000'000},
        Case{"%Y%j%H%M%S%L%z", 1'000'000}, Case{"%a %e %B %Y %T %Z", 1'000'000'000},
        Case{"%b %d %H:%M:%S.%f %Y %A", 1'000}}) {
    const TimeTexts texts(test.format);
    for (int i = 0; i < 2'000; ++i) {
      Moment moment{any(random), static_cast<uint32_t>(random() % 1'000'000'000)};
      moment.nanoseconds -= moment.nanoseconds % test.unit;
      std::string expected = std::to_string(moment.seconds);
      if (moment.nanoseconds != 0) {
        expected += fmt::format(".{:09}", moment.nanoseconds);
        expected.erase(expected.find_last_not_of('0') + 1);
      }
      ASSERT_EQ(texts.read(texts.write(moment)), expected) << test.format;
    }
  }
}

}  // namespace
}  // namespace millrace::steps
