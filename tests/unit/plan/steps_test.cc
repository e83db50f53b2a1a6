// SPDX-License-Identifier: Apache-2.0
#include <string>

#include <gtest/gtest.h>

#include "tests/unit/plan/pipeline_run.h"

namespace millrace::plan::testing {
namespace {

constexpr const char* kKeepIf = "  - keep_if: {field: v, version_at_least: 2.3.0}\n";
constexpr const char* kLowercase = "  - lowercase: v\n";
constexpr const char* kSeconds = "  - format_time: {field: v, from: unix_seconds, as: rfc3339}\n";
constexpr const char* kMilliseconds =
    "  - format_time: {field: v, from: unix_milliseconds, as: rfc3339}\n";

std::string keep_if(const std::string& value) {
  return outcome_of(kKeepIf, "{\"v\":" + value + "}");
}

TEST(KeepIf, KeepsVersionsFromTheBoundOn) {
  for (const char* version : {"2.3.0", "2.3", "2.3.0.0", "2.10.0", "10", "2.3.1", "02.03"})
    EXPECT_EQ(keep_if('"' + std::string(version) + '"'),
              "{\"v\":\"" + std::string(version) + "\"}");
  for (const char* version : {"2.2.9", "2.2.1", "0.96", "2.00", "1.99.99", "0"})
    EXPECT_EQ(keep_if('"' + std::string(version) + '"'), "filtered") << version;
}

TEST(KeepIf, ReadsEscapedVersions) {
  EXPECT_EQ(keep_if(R"("\u0032.3.0")"), R"({"v":"\u0032.3.0"})");
  EXPECT_EQ(keep_if(R"("\u0031.3.0")"), "filtered");
}

TEST(KeepIf, RejectsWhatHasNoVersionToCompare) {
  EXPECT_EQ(outcome_of(kKeepIf, "{}"), "step:1:keep_if: 'v' is absent");
  EXPECT_EQ(keep_if("null"), "step:1:keep_if: None is not a version");
  EXPECT_EQ(keep_if("2.3"), "step:1:keep_if: 2.3 is not a version");
  EXPECT_EQ(keep_if("\"v2.3.0\""), "step:1:keep_if: 'v2.3.0' is not a version");
  EXPECT_EQ(keep_if("\"\""), "step:1:keep_if: '' is not a version");
  EXPECT_EQ(keep_if("[\"2.3.0\"]"), "step:1:keep_if: ['2.3.0'] is not a version");
}

std::string lowercase(const std::string& value) {
  return outcome_of(kLowercase, "{\"v\":" + value + "}");
}

TEST(Lowercase, LowersTheLettersAToZ) {
  EXPECT_EQ(lowercase(R"("iOS")"), R"({"v":"ios"})");
  EXPECT_EQ(lowercase(R"("AZ@[`{az09")"), R"({"v":"az@[`{az09"})");
  EXPECT_EQ(lowercase(R"("ÄÖÜ É")"), R"({"v":"ÄÖÜ É"})");
  EXPECT_EQ(lowercase(R"("")"), R"({"v":""})");
}

TEST(Lowercase, LowersEscapedLettersAndNotTheEscapes) {
  EXPECT_EQ(lowercase(R"("\u0041\u00DCB")"), R"({"v":"aÜb"})");
  EXPECT_EQ(lowercase(R"("A\n\"B\\N")"), R"({"v":"a\n\"b\\n"})");
  EXPECT_EQ(lowercase(R"("\uD83D\uDE00A")"),
            "{\"v\":\"\xf0\x9f\x98\x80"
            "a\"}");
}

TEST(Lowercase, LeavesOtherValuesAsTheyAre) {
  EXPECT_EQ(outcome_of(kLowercase, "{}"), "{}");
  for (const char* value : {"null", "1E5", "true", "[\"A\"]", "{\"A\":\"B\"}"})
    EXPECT_EQ(lowercase(value), "{\"v\":" + std::string(value) + "}");
}

// A lowered value with escapes is read by the steps and by the key behind it.
TEST(Lowercase, ItsResultCanBeReadOn) {
  Pipeline pipeline(
      config_of({.output = "{topic: out, key: v}", .rest = "steps:\n  - lowercase: v\n"}));
  EXPECT_EQ(pipeline.one(R"({"v":"\u0041\n"})").key, "a\n");
  EXPECT_EQ(pipeline.one(R"({"v":"\u0041B"})").key, "ab");
}

TEST(Rename, RenamesInPlace) {
  EXPECT_EQ(outcome_of("  - rename: {a: z}\n", R"({"a":1,"b":2})"), R"({"z":1,"b":2})");
  EXPECT_EQ(outcome_of("  - rename: {a: z, b: y}\n", R"({"b":2,"a":1})"), R"({"y":2,"z":1})");
}

TEST(Rename, LeavesRecordsWithoutTheMember) {
  EXPECT_EQ(outcome_of("  - rename: {a: z}\n", R"({"z":1})"), R"({"z":1})");
  EXPECT_EQ(outcome_of("  - rename: {a: z}\n", "{}"), "{}");
}

TEST(Rename, RejectsANameThatIsTaken) {
  EXPECT_EQ(outcome_of("  - rename: {a: z}\n", R"({"a":1,"z":2})"),
            "step:1:rename: 'z' is already there");
  EXPECT_EQ(outcome_of("  - rename: {a: z}\n", R"({"a":1,"\u007a":2})"),
            "step:1:rename: 'z' is already there");
}

TEST(Rename, NullIsAValueToo) {
  EXPECT_EQ(outcome_of("  - rename: {a: z}\n", R"({"a":null})"), R"({"z":null})");
  EXPECT_EQ(outcome_of("  - rename: {a: z}\n", R"({"a":1,"z":null})"),
            "step:1:rename: 'z' is already there");
}

// One pair after the other, in the order written.
TEST(Rename, GoesThroughItsPairsInOrder) {
  EXPECT_EQ(outcome_of("  - rename: {b: c, a: b}\n", R"({"a":1,"b":2})"), R"({"b":1,"c":2})");
  EXPECT_EQ(outcome_of("  - rename: {a: b, b: c}\n", R"({"a":1,"b":2})"),
            "step:1:rename: 'b' is already there");
  EXPECT_EQ(outcome_of("  - rename: {a: b, b: a}\n", R"({"a":1,"b":2})"),
            "step:1:rename: 'b' is already there");
  EXPECT_EQ(outcome_of("  - rename: {a: b, b: c}\n", R"({"a":1})"), R"({"c":1})");
}

std::string seconds(const std::string& value) {
  return outcome_of(kSeconds, "{\"v\":" + value + "}");
}

TEST(FormatTime, WritesUnixSecondsAsRfc3339) {
  EXPECT_EQ(seconds("1720655268"), R"({"v":"2024-07-10T23:47:48Z"})");
  EXPECT_EQ(seconds("1720655268.0"), R"({"v":"2024-07-10T23:47:48Z"})");
  EXPECT_EQ(seconds("1.720655268e9"), R"({"v":"2024-07-10T23:47:48Z"})");
  EXPECT_EQ(seconds("0"), R"({"v":"1970-01-01T00:00:00Z"})");
  EXPECT_EQ(seconds("-1"), R"({"v":"1969-12-31T23:59:59Z"})");
}

TEST(FormatTime, RoundsMillisecondsDown) {
  const auto milliseconds = [](const std::string& value) {
    return outcome_of(kMilliseconds, "{\"v\":" + value + "}");
  };
  EXPECT_EQ(milliseconds("1720655268999"), R"({"v":"2024-07-10T23:47:48Z"})");
  EXPECT_EQ(milliseconds("-1"), R"({"v":"1969-12-31T23:59:59Z"})");
  EXPECT_EQ(milliseconds("-1000"), R"({"v":"1969-12-31T23:59:59Z"})");
  EXPECT_EQ(milliseconds("-1001"), R"({"v":"1969-12-31T23:59:58Z"})");
  EXPECT_EQ(milliseconds("253402300799999"), R"({"v":"9999-12-31T23:59:59Z"})");
  EXPECT_EQ(milliseconds("253402300800000"),
            "step:1:format_time: 253402300800000 lies outside the years 1 to 9999");
  EXPECT_EQ(milliseconds("1.5"),
            "step:1:format_time: 1.5 is not a whole number of Unix milliseconds");
}

TEST(FormatTime, LeavesAbsentAndNullTimes) {
  EXPECT_EQ(outcome_of(kSeconds, "{}"), "{}");
  EXPECT_EQ(seconds("null"), R"({"v":null})");
}

TEST(FormatTime, RejectsWhatIsNoTime) {
  const std::string rule = "step:1:format_time: ";
  for (const char* value : {"1.5", "true", "{}", "[1]"})
    EXPECT_EQ(seconds(value), rule + (std::string(value) == "true" ? "True" : value) +
                                  " is not a whole number of Unix seconds");
  for (const char* value : {"1e400", "1234567890123456789012345678901", "9223372036854775808"})
    EXPECT_EQ(seconds(value), rule + value + " lies outside the years 1 to 9999");
  EXPECT_EQ(seconds("\"1694479551\""), rule + "'1694479551' is not a whole number of Unix seconds");
}

TEST(FormatTime, RejectsTimesThatRfc3339CannotWrite) {
  const std::string outside = " lies outside the years 1 to 9999";
  EXPECT_EQ(seconds("253402300799"), R"({"v":"9999-12-31T23:59:59Z"})");
  EXPECT_EQ(seconds("-62135596800"), R"({"v":"0001-01-01T00:00:00Z"})");
  for (const char* value : {"253402300800", "-62135596801", "9223372036854775807",
                            "-9223372036854775808", "1720655268000"})
    EXPECT_EQ(seconds(value), "step:1:format_time: " + (value + outside));
}

TEST(Add, AppendsConstantsAsTheyAreWritten) {
  EXPECT_EQ(outcome_of("  - add: {s: \"a\\\"\\n\", n: 1, b: true, z: null, q: '1'}\n", "{}"),
            R"({"s":"a\"\n","n":1,"b":true,"z":null,"q":"1"})");
}

TEST(Add, ReplacesInPlaceWhatIsThere) {
  EXPECT_EQ(outcome_of("  - add: {a: 9, c: 3}\n", R"({"a":[1],"b":2})"), R"({"a":9,"b":2,"c":3})");
}

TEST(Add, NowIsTheTimeOfTheBatch) {
  EXPECT_EQ(outcome_of("  - add: {t: {now: rfc3339}, s: {now: unix_seconds}, m: {now: "
                       "unix_milliseconds}}\n",
                       "{}"),
            R"({"t":"2024-07-10T23:47:48Z","s":1720655268,"m":1720655268123})");
}

// The kind of an added value is that of its text: what follows sees a string, a number, a null.
TEST(Add, ItsValuesAreReadByTheStepsBehind) {
  EXPECT_EQ(outcome_of(std::string("  - add: {v: ABC}\n") + kLowercase, "{}"), R"({"v":"abc"})");
  EXPECT_EQ(outcome_of(std::string("  - add: {v: \"\\\"A\"}\n") + kLowercase, "{}"),
            R"({"v":"\"a"})");
  EXPECT_EQ(outcome_of(std::string("  - add: {v: {now: unix_seconds}}\n") + kSeconds, "{}"),
            R"({"v":"2024-07-10T23:47:48Z"})");
  EXPECT_EQ(outcome_of(std::string("  - add: {v: null}\n") + kSeconds, "{}"), R"({"v":null})");
  EXPECT_EQ(outcome_of(std::string("  - add: {v: true}\n") + kKeepIf, "{}"),
            "step:2:keep_if: True is not a version");
  EXPECT_EQ(outcome_of(std::string("  - add: {v: -1}\n") + kSeconds, "{}"),
            R"({"v":"1969-12-31T23:59:59Z"})");
}

TEST(Steps, RunInTheOrderWritten) {
  EXPECT_EQ(outcome_of("  - rename: {a: b}\n  - add: {a: 1}\n  - rename: {a: c}\n", R"({"a":0})"),
            R"({"b":0,"c":1})");
}

TEST(Steps, FilterBeforeWhatFollowsCouldReject) {
  EXPECT_EQ(outcome_of(std::string(kKeepIf) +
                           "  - format_time: {field: t, from: unix_seconds, as: rfc3339}\n",
                       R"({"v":"1.0","t":"x"})"),
            "filtered");
}

}  // namespace
}  // namespace millrace::plan::testing
