// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/steps/step_runner.h"

namespace millrace::steps {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using When = config::DefaultStep::When;

config::StepConfig default_step(
    When when, const std::vector<std::pair<std::string_view, std::string>>& values) {
  config::DefaultStep step;
  step.when = when;
  for (const auto& [field, json] : values) step.values.emplace_back(field_path(field), json);
  return step_config("default", std::move(step));
}

TEST(DefaultStep, FillsWhatIsAbsentOrNull) {
  StepRunner absent(default_step(When::kAbsent, {{"a", "0"}}));
  StepRunner null(default_step(When::kNull, {{"a", "0"}}));
  StepRunner both(default_step(When::kAbsentOrNull, {{"a", R"({"x":[]})"}, {"b.c", "0"}}));

  EXPECT_EQ(absent.run("{}"), R"({"a":0})");
  EXPECT_EQ(absent.run(R"({"a":null})"), R"({"a":null})");
  EXPECT_EQ(absent.run(R"({"a":[]})"), R"({"a":[]})");
  EXPECT_EQ(null.run("{}"), "{}");
  EXPECT_EQ(null.run(R"({"a":null})"), R"({"a":0})");
  EXPECT_EQ(null.run(R"({"a":false})"), R"({"a":false})");
  EXPECT_EQ(both.run("{}"), R"({"a":{"x":[]},"b":{"c":0}})");
  EXPECT_EQ(both.run(R"({"b":{"c":null},"a":null})"), R"({"b":{"c":0},"a":{"x":[]}})");
  EXPECT_EQ(both.run(R"({"b":{"c":1},"a":2})"), R"({"b":{"c":1},"a":2})");
  EXPECT_EQ(both.run(R"({"b":"x","a":2})"),
            "rejected step:1:default at /b: 'b.c' cannot be added: the value at /b is not an "
            "object");
  EXPECT_THAT(absent.rules(), IsEmpty());
  EXPECT_THAT(null.rules(), IsEmpty());
  EXPECT_THAT(both.rules(), ElementsAre("step:1:default"));
}

TEST(DefaultStep, CanRejectRecordsThatAreNoObjects) {
  StepRunner absent(default_step(When::kAbsent, {{"a", "0"}}), {.objects_only = false});
  StepRunner null(default_step(When::kNull, {{"a", "0"}}), {.objects_only = false});

  EXPECT_EQ(absent.run("5"),
            "rejected step:1:default at : 'a' cannot be added: the record is not an object");
  EXPECT_EQ(null.run("5"), "5");
  EXPECT_THAT(null.rules(), IsEmpty());
}

TEST(DefaultStep, ReportsValuesThatAreNoJson) {
  EXPECT_THAT(StepRunner(default_step(When::kAbsent, {{"a", "x"}})).problems(),
              ElementsAre(testing::StartsWith("the value for 'a' cannot be used: ")));
}

}  // namespace
}  // namespace millrace::steps
