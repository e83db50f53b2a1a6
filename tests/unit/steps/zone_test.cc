// SPDX-License-Identifier: Apache-2.0
#include "engine/steps/zone.h"

#include <array>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <optional>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "engine/steps/moment.h"
#include "engine/steps/zone_rule.h"
#include "tests/unit/steps/time_texts.h"

namespace millrace::steps {
namespace {

Zone zone(const std::string& name) {
  auto found = Zone::find(name);
  EXPECT_TRUE(found.ok()) << name;
  return std::move(found.value());
}

// The zone of the C library while this lives.
class LocalZone {
 public:
  explicit LocalZone(const char* name) {
    setenv("TZ", name, 1);  // NOLINT(concurrency-mt-unsafe): the test has one thread
    tzset();
  }

  ~LocalZone() {
    unsetenv("TZ");  // NOLINT(concurrency-mt-unsafe): the test has one thread
    tzset();
  }

  LocalZone(const LocalZone&) = delete;
  LocalZone& operator=(const LocalZone&) = delete;

  [[nodiscard]] static std::tm at(std::time_t time) {
    std::tm parts{};
    EXPECT_NE(localtime_r(&time, &parts), nullptr);
    return parts;
  }
};

constexpr std::array<const char*, 12> kZones{
    "Europe/Berlin", "America/New_York",  "America/St_Johns", "Australia/Lord_Howe",
    "Europe/Dublin", "Africa/Casablanca", "Asia/Jerusalem",   "Asia/Kolkata",
    "America/Nuuk",  "Pacific/Chatham",   "Asia/Tehran",      "Etc/GMT+12"};

TEST(Zone, AgreesWithTheCLibrary) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  std::uniform_int_distribution<int64_t> any(kUnixSecondsMin, kUnixSecondsMax);
  std::uniform_int_distribution<int64_t> lately(0, int64_t{1} << 32);  // to 2106
  for (const char* name : kZones) {
    const Zone checked = zone(name);
    const LocalZone local(name);
    for (int i = 0; i < 3'000; ++i) {
      const int64_t time = i % 3 == 0 ? any(random) : lately(random);
      const std::tm expected = LocalZone::at(time);
      const Zone::Period& period = checked.at(time);
      ASSERT_EQ(period.offset, expected.tm_gmtoff) << name << " at " << time;
      ASSERT_EQ(period.abbreviation, expected.tm_zone) << name << " at " << time;
      // Back again, but for the second of two equal times.
      const auto again = checked.to_unix(time + period.offset, period.abbreviation);
      ASSERT_TRUE(again.has_value()) << name << " at " << time;
      ASSERT_TRUE(*again == time || checked.at(*again).offset == period.offset);
    }
  }
}

TEST(Zone, ChangesToTheSecond) {
  const Zone berlin = zone("Europe/Berlin");

  EXPECT_EQ(berlin.at(1711846799).abbreviation, "CET");
  EXPECT_EQ(berlin.at(1711846800).abbreviation, "CEST");
  EXPECT_EQ(berlin.at(1729990799).abbreviation, "CEST");
  EXPECT_EQ(berlin.at(1729990800).abbreviation, "CET");
}

TEST(Zone, KnowsTheTimesThatAreThereTwiceAndNot) {
  const Zone berlin = zone("Europe/Berlin");
  constexpr int64_t kSkipped = 1711852200;  // 2024-03-31 02:30
  constexpr int64_t kTwice = 1729996200;    // 2024-10-27 02:30

  EXPECT_EQ(berlin.to_unix(kSkipped, ""), std::nullopt);
  EXPECT_EQ(berlin.to_unix(kSkipped - 1801, ""), kSkipped - 1801 - 3600);
  EXPECT_EQ(berlin.to_unix(kSkipped + 1800, ""), kSkipped + 1800 - 7200);
  EXPECT_EQ(berlin.to_unix(kTwice, ""), kTwice - 7200);
  EXPECT_EQ(berlin.to_unix(kTwice, "CEST"), kTwice - 7200);
  EXPECT_EQ(berlin.to_unix(kTwice, "CET"), kTwice - 3600);
  EXPECT_EQ(berlin.to_unix(kTwice, "EST"), std::nullopt);
  EXPECT_EQ(berlin.to_unix(kTwice + 3600, "CEST"), std::nullopt);
}

TEST(Zone, GoesOnAfterTheDatabaseEnds) {
  const Zone berlin = zone("Europe/Berlin");
  const TimeTexts there("%F %T %Z", &berlin);

  EXPECT_EQ(there.write({4'087'411'200, 0}), R"("2099-07-11 02:00:00 CEST")");
  EXPECT_EQ(there.read(R"("2099-07-11 02:00:00 CEST")"), "4087411200");
  EXPECT_EQ(there.write({253'386'000'000, 0}), R"("9999-06-26 10:00:00 CEST")");
  EXPECT_EQ(there.read(R"("9999-06-26 10:00:00 CEST")"), "253386000000");
}

TEST(Zone, ReadsBackWhatItWrites) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  std::uniform_int_distribution<int64_t> any(kUnixSecondsMin + kSecondsPerDay,
                                             kUnixSecondsMax - kSecondsPerDay);
  for (const char* name : kZones) {
    const Zone checked = zone(name);
    const TimeTexts named("%F %T %Z", &checked);
    for (int i = 0; i < 500; ++i) {
      const int64_t time = any(random);
      ASSERT_EQ(named.read(named.write({time, 0})), std::to_string(time)) << name;
    }
  }
}

TEST(Zone, IsAnErrorWhereTheNameIsUnknown) {
  for (const char* name : {"", ".", "Europe", "Europe/Nowhere", "../../../etc/passwd", "utc ",
                           "/usr/share/zoneinfo/UTC"})
    EXPECT_FALSE(Zone::find(name).ok()) << name;
}

TEST(ZoneRule, ReadsTheFormsOfTheDatabase) {
  const auto berlin = ZoneRule::parse("CET-1CEST,M3.5.0,M10.5.0/3");
  ASSERT_TRUE(berlin && berlin->summer);
  EXPECT_EQ(berlin->standard.seconds, 3600);
  EXPECT_EQ(berlin->summer->seconds, 7200);
  EXPECT_EQ(berlin->summer->abbreviation, "CEST");
  EXPECT_EQ(berlin->change_time(2024, 0), 1711846800);
  EXPECT_EQ(berlin->change_time(2024, 1), 1729990800);

  const auto lord_howe = ZoneRule::parse("<+1030>-10:30<+11>-11,M10.1.0,M4.1.0");
  ASSERT_TRUE(lord_howe && lord_howe->summer);
  EXPECT_EQ(lord_howe->standard.seconds, 37'800);
  EXPECT_EQ(lord_howe->standard.abbreviation, "+1030");
  EXPECT_EQ(lord_howe->summer->seconds, 39'600);

  const auto nuuk = ZoneRule::parse("<-02>2<-01>,M3.5.0/-1,M10.5.0/0");
  ASSERT_TRUE(nuuk && nuuk->summer);
  EXPECT_EQ(nuuk->changes[0].local_seconds, -3600);

  const auto kolkata = ZoneRule::parse("IST-5:30");
  ASSERT_TRUE(kolkata);
  EXPECT_EQ(kolkata->standard.seconds, 19'800);
  EXPECT_FALSE(kolkata->summer);
}

TEST(ZoneRule, IsNothingWhereTheTextIsOfAnotherForm) {
  for (const char* text :
       {"", "CET", "-1", "<+01-1", "CET-1CEST", "CET-1CEST,M3.5.0", "CET-1CEST,J60,J300",
        "CET-1CEST,M13.5.0,M10.5.0", "CET-1CEST,M0.5.0,M10.5.0", "CET-1CEST,M3.6.0,M10.5.0",
        "CET-1CEST,M3.5.7,M10.5.0", "CET-1CEST,M3.5.0,M10.5.0/3x", "CET-1,", "CET-999999999999",
        "CET-1:60"})
    EXPECT_FALSE(ZoneRule::parse(text).has_value()) << text;
}

}  // namespace
}  // namespace millrace::steps
