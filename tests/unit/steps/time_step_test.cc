// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/steps/step_runner.h"
#include "tests/unit/steps/time_texts.h"

namespace millrace::steps {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

config::TimeStep time_step(std::string_view field, std::string_view from, std::string_view as) {
  config::TimeStep step;
  step.field = field_path(field);
  step.from = time_format(from);
  step.as = time_format(as);
  return step;
}

TEST(TimeStep, WritesATimeInAnotherWay) {
  StepRunner rfc3339(step_config("format_time", time_step("at", "unix_seconds", "rfc3339")));
  StepRunner pattern(
      step_config("format_time", time_step("at", "unix_seconds", "%Y-%m-%d %H:%M:%S")));
  StepRunner parse(step_config("parse_time", time_step("at", "%d.%m.%Y", "unix_milliseconds")));

  EXPECT_EQ(rfc3339.run(R"({"at":1720655268,"b":1})"), R"({"at":"2024-07-10T23:47:48Z","b":1})");
  EXPECT_EQ(pattern.run(R"({"at":1720655268.0})"), R"({"at":"2024-07-10 23:47:48"})");
  EXPECT_EQ(parse.run(R"({"at":"10.07.2024"})"), R"({"at":1720569600000})");
  EXPECT_EQ(parse.run(R"({"at":"10.7.2024"})"),
            "rejected step:1:parse_time at /at: '10.7.2024' is not a time of the form %d.%m.%Y");
  EXPECT_THAT(rfc3339.rules(), ElementsAre("step:1:format_time"));
}

TEST(TimeStep, LeavesAbsentAndNullTimes) {
  config::TimeStep step = time_step("at", "unix_seconds", "rfc3339");
  step.into = field_path("text");
  StepRunner run(step_config("format_time", step));

  EXPECT_EQ(run.run(R"({"b":1})"), R"({"b":1})");
  EXPECT_EQ(run.run(R"({"at":null})"), R"({"at":null})");
}

TEST(TimeStep, KeepsTheOriginalBesideWhatIsWrittenInto) {
  config::TimeStep step = time_step("timestamp", "unix_seconds", "%Y-%m-%d %H:%M:%S");
  step.into = field_path("timestamp_in_utc");
  step.accept_text = true;
  step.truncate = true;
  StepRunner run(step_config("format_time", step));

  EXPECT_EQ(run.run(R"({"timestamp":"1694479551","a":1})"),
            R"({"timestamp":"1694479551","a":1,"timestamp_in_utc":"2023-09-12 00:45:51"})");
  EXPECT_EQ(run.run(R"({"timestamp":1694479551.9,"timestamp_in_utc":[1,{}]})"),
            R"({"timestamp":1694479551.9,"timestamp_in_utc":"2023-09-12 00:45:51"})");
}

TEST(TimeStep, FindsNestedTimes) {
  config::TimeStep step = time_step("items[1].at", "unix_seconds", "rfc3339");
  step.into = field_path("meta.at.text");
  StepRunner run(step_config("format_time", step));

  EXPECT_EQ(run.run(R"({"items":[0,{"at":0}]})"),
            R"({"items":[0,{"at":0}],"meta":{"at":{"text":"1970-01-01T00:00:00Z"}}})");
  EXPECT_EQ(run.run(R"({"items":[{"at":0}]})"), R"({"items":[{"at":0}]})");
  EXPECT_EQ(run.run(R"({"items":[0,{"at":0}],"meta":{"at":5}})"),
            "rejected step:1:format_time at /meta/at: 'meta.at.text' cannot be added: the value at "
            "/meta/at is not an object");
}

TEST(TimeStep, RejectsWithASentence) {
  StepRunner run(step_config("format_time", time_step("at", "unix_seconds", "rfc3339")));
  const auto rejected = [&](const std::string& value) {
    return run.run("{\"at\":" + value + "}").substr(sizeof("rejected step:1:format_time at /at:"));
  };

  EXPECT_EQ(rejected(R"("1694479551")"), "'1694479551' is not a whole number of Unix seconds");
  EXPECT_EQ(rejected("1.5"), "1.5 is not a whole number of Unix seconds");
  EXPECT_EQ(rejected("true"), "True is not a whole number of Unix seconds");
  EXPECT_EQ(rejected("[1]"), "[1] is not a whole number of Unix seconds");
  EXPECT_EQ(rejected("1720655268000"), "1720655268000 lies outside the years 1 to 9999");
  EXPECT_EQ(rejected("1e40"), "1e40 lies outside the years 1 to 9999");
  const std::string huge(5'000, '7');
  EXPECT_LT(rejected(huge).size(), 400U);
}

TEST(TimeStep, ReadsAndWritesPatternsInAZone) {
  config::TimeStep step = time_step("at", "%d.%m.%Y %H:%M", "rfc3339");
  step.zone = "Europe/Berlin";
  StepRunner read(step_config("parse_time", step));
  step = time_step("at", "unix_seconds", "%F %T %Z");
  step.zone = "Europe/Berlin";
  StepRunner write(step_config("format_time", step));

  EXPECT_EQ(read.run(R"({"at":"11.07.2024 01:47"})"), R"({"at":"2024-07-10T23:47:00Z"})");
  EXPECT_EQ(read.run(R"({"at":"31.03.2024 02:30"})"),
            "rejected step:1:parse_time at /at: '31.03.2024 02:30' is skipped by the clocks of "
            "Europe/Berlin");
  EXPECT_EQ(read.run(R"({"at":"27.10.2024 02:30"})"), R"({"at":"2024-10-27T00:30:00Z"})");
  EXPECT_EQ(write.run(R"({"at":1720655268})"), R"({"at":"2024-07-11 01:47:48 CEST"})");
  EXPECT_EQ(write.run(R"({"at":253402300799})"),
            "rejected step:1:format_time at /at: 253402300799 lies outside the years 1 to 9999");
}

TEST(TimeStep, ReportsWhatCannotBeCompiled) {
  config::TimeStep step = time_step("at", "%H:%M", "%Q");
  step.zone = "Mars/Olympus";
  StepRunner run(step_config("parse_time", step));

  EXPECT_THAT(run.problems(), ElementsAre(testing::StartsWith("'Mars/Olympus' is no time zone"),
                                          testing::StartsWith("the pattern does not tell the year"),
                                          testing::StartsWith("the pattern has '%Q'")));
  EXPECT_THAT(run.rules(), IsEmpty());
  for (const char* name : {"", "../../etc/passwd", "Europe", "europe/berlin "}) {
    step = time_step("at", "%F", "rfc3339");
    step.zone = name;
    EXPECT_EQ(StepRunner(step_config("parse_time", step)).problems().size(), 1U) << name;
  }
}

TEST(TimeStep, WarnsOfAZoneWithoutAPattern) {
  config::TimeStep step = time_step("at", "unix_seconds", "rfc3339");
  step.zone = "Europe/Berlin";
  StepRunner run(step_config("format_time", step));

  EXPECT_THAT(run.problems(),
              ElementsAre("warning: 'zone' changes nothing here: it is for patterns"));
  EXPECT_EQ(run.run(R"({"at":0})"), R"({"at":"1970-01-01T00:00:00Z"})");
}

TEST(TimeStep, TakesTheRecordItself) {
  StepRunner run(step_config("format_time", time_step(".", "unix_seconds", "rfc3339")),
                 {.objects_only = false});

  EXPECT_EQ(run.run("0"), R"("1970-01-01T00:00:00Z")");
  EXPECT_EQ(run.run("{}"),
            "rejected step:1:format_time at : {} is not a whole number of Unix seconds");
}

}  // namespace
}  // namespace millrace::steps
