// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/unit/steps/step_runner.h"

namespace millrace::steps {
namespace {

using Unmapped = config::LookupStep::Unmapped;

config::LookupStep lookup(std::string_view field, Unmapped unmapped) {
  config::LookupStep step;
  step.field = field_path(field);
  step.unmapped = unmapped;
  step.table = {{"android", R"("Android Device")"},
                {"é", R"("\u00e9\n")"},
                {"5", "[5]"},
                {"1.50", "1.500"},
                {"true", "false"},
                {"null", R"("nothing")"}};
  return step;
}

StepRunner runner(config::LookupStep step) {
  return StepRunner(step_config("lookup", std::move(step)));
}

TEST(LookupStep, ReplacesWhatIsInTheTable) {
  StepRunner step = runner(lookup("a", Unmapped::kKeep));

  EXPECT_EQ(step.run(R"({"a":"android","b":1.50})"), R"({"a":"Android Device","b":1.50})");
  EXPECT_EQ(step.run(R"({"a":"\u0061ndroid"})"), R"({"a":"Android Device"})");
  EXPECT_EQ(step.run(R"({"a":"\u00e9"})"), R"({"a":"\u00e9\n"})");
}

TEST(LookupStep, TakesScalarsByTheirJsonText) {
  StepRunner step = runner(lookup("a", Unmapped::kKeep));

  EXPECT_EQ(step.run(R"({"a":5})"), R"({"a":[5]})");
  EXPECT_EQ(step.run(R"({"a":"5"})"), R"({"a":[5]})");
  EXPECT_EQ(step.run(R"({"a":1.50})"), R"({"a":1.500})");
  EXPECT_EQ(step.run(R"({"a":1.5})"), R"({"a":1.5})");
  EXPECT_EQ(step.run(R"({"a":true})"), R"({"a":false})");
  EXPECT_EQ(step.run(R"({"a":null})"), R"({"a":"nothing"})");
}

TEST(LookupStep, TreatsWhatIsNotInTheTableAsAsked) {
  StepRunner keep = runner(lookup("a", Unmapped::kKeep));
  StepRunner null = runner(lookup("a", Unmapped::kNull));
  StepRunner reject = runner(lookup("a", Unmapped::kReject));

  for (const char* value : {R"("Android")", "6", R"({"x":1})", "[5]", R"("")"}) {
    const std::string record = std::string(R"({"a":)") + value + "}";
    EXPECT_EQ(keep.run(record), record);
    EXPECT_EQ(null.run(record), R"({"a":null})");
  }
  EXPECT_EQ(reject.run(R"({"a":"web"})"),
            "rejected step:1:lookup at /a: 'web' is not in the table");
  EXPECT_EQ(reject.run(R"({"a":{"x":1}})"),
            R"(rejected step:1:lookup at /a: {'x': 1} is not in the table)");
}

TEST(LookupStep, LeavesRecordsWithoutTheValueAlone) {
  for (const Unmapped unmapped : {Unmapped::kKeep, Unmapped::kNull, Unmapped::kReject}) {
    StepRunner step = runner(lookup("a.b[1]", unmapped));
    EXPECT_EQ(step.run(R"({"a":{"b":["android"]}})"), R"({"a":{"b":["android"]}})");
    EXPECT_EQ(step.run("{}"), "{}");
  }
}

TEST(LookupStep, ReachesNestedValues) {
  StepRunner step = runner(lookup("a.b[1]", Unmapped::kKeep));

  EXPECT_EQ(step.run(R"({"a":{"b":[1,"android",3]}})"), R"({"a":{"b":[1,"Android Device",3]}})");
}

TEST(LookupStep, WritesIntoAnotherPlace) {
  config::LookupStep config = lookup("a", Unmapped::kKeep);
  config.into = field_path("label");
  StepRunner keep = runner(config);
  config.unmapped = Unmapped::kNull;
  StepRunner null = runner(config);

  EXPECT_EQ(keep.run(R"({"a":"android"})"), R"({"a":"android","label":"Android Device"})");
  EXPECT_EQ(keep.run(R"({"label":1,"a":"android"})"),
            R"({"label":"Android Device","a":"android"})");
  EXPECT_EQ(keep.run(R"({"a":"web"})"), R"({"a":"web"})");
  EXPECT_EQ(null.run(R"({"a":"web"})"), R"({"a":"web","label":null})");
}

TEST(LookupStep, RejectsWhereThereIsNoRoomForTheResult) {
  config::LookupStep config = lookup("a", Unmapped::kKeep);
  config.into = field_path("b.c");
  StepRunner step = runner(config);

  EXPECT_EQ(step.run(R"({"a":"android"})"), R"({"a":"android","b":{"c":"Android Device"}})");
  EXPECT_EQ(
      step.run(R"({"a":"android","b":5})"),
      "rejected step:1:lookup at /b: 'b.c' cannot be added: the value at /b is not an object");
}

TEST(LookupStep, HasARuleOnlyWhereItCanReject) {
  config::LookupStep config;
  config.field = field_path("a");
  config.table = {{"x", "1"}};
  EXPECT_TRUE(runner(config).rules().empty());

  config.into = field_path("b");
  EXPECT_TRUE(runner(config).rules().empty());

  config.into = field_path("b.c");
  EXPECT_EQ(runner(config).rules(), std::vector<std::string>{"step:1:lookup"});

  config.into.reset();
  config.unmapped = Unmapped::kReject;
  EXPECT_EQ(runner(config).rules(), std::vector<std::string>{"step:1:lookup"});
}

TEST(LookupStep, IsNotCompiledWithAValueThatIsTooDeep) {
  config::LookupStep config;
  config.field = field_path("a.b");
  config.table = {{"x", std::string(511, '[') + std::string(511, ']')}};

  EXPECT_EQ(
      runner(config).problems(),
      std::vector<std::string>{"the value for 'a.b' would be 513 levels deep; 512 are allowed"});
}

}  // namespace
}  // namespace millrace::steps
