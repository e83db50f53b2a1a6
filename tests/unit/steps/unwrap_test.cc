// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "engine/record/json_writer.h"
#include "tests/unit/steps/step_runner.h"

namespace millrace::steps {
namespace {

StepRunner unwrap(std::string_view field) {
  config::UnwrapStep step;
  step.field = field_path(field);
  return StepRunner(step_config("unwrap", std::move(step)),
                    StepRunner::Options{.objects_only = false});
}

StepRunner unwrap_into(std::string_view field, std::string_view into) {
  config::UnwrapStep step;
  step.field = field_path(field);
  step.into = field_path(into);
  return StepRunner(step_config("unwrap", std::move(step)));
}

// A record whose member `a` is a string with this content.
std::string holding(std::string_view content) {
  std::string record = R"({"a":)";
  record::append_json_string(content, record);
  return record + "}";
}

TEST(UnwrapStep, PutsTheJsonInTheStringsPlace) {
  StepRunner step = unwrap("a");

  EXPECT_EQ(step.run(holding(R"({"x":[1,"é\n"]})")), R"({"a":{"x":[1,"é\n"]}})");
  EXPECT_EQ(step.run(R"({"a":"[1.50, true]","b":2})"), R"({"a":[1.50, true],"b":2})");
  EXPECT_EQ(step.run(R"({"a":"12345678901234567890"})"), R"({"a":12345678901234567890})");
  EXPECT_EQ(step.run(R"({"a":" null "})"), R"({"a":null})");
  EXPECT_EQ(step.run(R"({"a":"\u005b\u005d"})"), R"({"a":[]})");
}

TEST(UnwrapStep, RejectsWhatHoldsNoJson) {
  StepRunner step = unwrap("a");

  EXPECT_EQ(step.run(R"({"a":"hello"})"),
            "rejected step:1:unwrap at /a: 'a' cannot be unwrapped. The value is not JSON.");
  EXPECT_EQ(step.run(R"({"a":""})"),
            "rejected step:1:unwrap at /a: 'a' cannot be unwrapped. The value is empty.");
  EXPECT_EQ(step.run(holding("{'x':1}")),
            "rejected step:1:unwrap at /a: 'a' cannot be unwrapped. The value is not JSON.");
  EXPECT_EQ(step.run(holding(std::string(1000, '[') + std::string(1000, ']'))),
            "rejected step:1:unwrap at /a: 'a' cannot be unwrapped. The value has too many arrays "
            "and objects inside each other.");
}

TEST(UnwrapStep, RejectsWhatIsNoString) {
  StepRunner step = unwrap("a");

  EXPECT_EQ(step.run(R"({"a":{"x":1}})"),
            R"(rejected step:1:unwrap at /a: {'x': 1} is not a string that holds JSON)");
  EXPECT_EQ(step.run(R"({"a":null})"),
            "rejected step:1:unwrap at /a: None is not a string that holds JSON");
  EXPECT_EQ(step.run(R"({"a":1})"),
            "rejected step:1:unwrap at /a: 1 is not a string that holds JSON");
}

TEST(UnwrapStep, LeavesRecordsWithoutTheValueAlone) {
  EXPECT_EQ(unwrap("a").run(R"({"b":"1"})"), R"({"b":"1"})");
  EXPECT_EQ(unwrap("a.b").run(R"({"a":"1"})"), R"({"a":"1"})");
}

TEST(UnwrapStep, UnwrapsTheRecordItself) {
  StepRunner step = unwrap(".");

  EXPECT_EQ(step.run(R"("{\"a\":1}")"), R"({"a":1})");
  EXPECT_EQ(step.run(R"("[1,2]")"), "[1,2]");
  EXPECT_EQ(step.run(R"({"a":1})").substr(0, 24), "rejected step:1:unwrap a");
}

TEST(UnwrapStep, WritesIntoAnotherPlace) {
  StepRunner step = unwrap_into("a", "b.c");

  EXPECT_EQ(step.run(R"({"a":"[1]"})"), R"({"a":"[1]","b":{"c":[1]}})");
  EXPECT_EQ(step.run(R"({"a":"[1]","b":{"c":{"x":1},"d":2}})"),
            R"({"a":"[1]","b":{"c":[1],"d":2}})");
  EXPECT_EQ(
      step.run(R"({"a":"[1]","b":2})"),
      "rejected step:1:unwrap at /b: 'b.c' cannot be added: the value at /b is not an object");
}

TEST(UnwrapStep, TakesHugeValues) {
  std::string list = "[0";
  for (int i = 1; i < 50'000; ++i) list += "," + std::to_string(i);
  list += "]";

  EXPECT_EQ(unwrap("a").run(holding(list)), R"({"a":)" + list + "}");
}

TEST(UnwrapStep, UnwrapsWhatWasUnwrapped) {
  StepRunner step = unwrap("a");
  const std::string once = step.run(holding(R"("[1,\"x\"]")"));

  EXPECT_EQ(once, R"({"a":"[1,\"x\"]"})");
  EXPECT_EQ(step.run(once), R"({"a":[1,"x"]})");
}

}  // namespace
}  // namespace millrace::steps
