// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "tests/unit/steps/conditions.h"
#include "tests/unit/steps/step_runner.h"

namespace millrace::steps {
namespace {

template <typename Kind>
std::string words(Kind step) {
  return describe(step_config("kind", std::move(step)));
}

config::Text text(std::string value) {
  return {std::move(value), {}};
}

config::TimeFormat time_format(config::TimeFormat::Kind kind, std::string pattern = {}) {
  return {kind, text(std::move(pattern))};
}

TEST(Describe, TellsFilters) {
  using Action = config::FilterStep::Action;

  EXPECT_EQ(words(config::FilterStep{Action::kKeepIf, equals("a", "1")}), "keep if a is 1");
  EXPECT_EQ(words(config::FilterStep{Action::kDropIf, equals("a", "1")}), "drop if a is 1");
  EXPECT_EQ(words(config::FilterStep{Action::kRejectIf, equals("a", "1")}), "reject if a is 1");
}

TEST(Describe, TellsMemberSteps) {
  EXPECT_EQ(
      words(config::RenameStep{{{field_path("a.b"), text("c")}, {field_path("d"), text("e")}}}),
      "rename a.b to c, d to e");
  EXPECT_EQ(words(config::RemoveStep{{field_path("a"), field_path("b[0]")}}), "remove a, b[0]");
  EXPECT_EQ(words(config::KeepOnlyStep{{text("a"), text("b")}}), "keep only a, b");
  EXPECT_EQ(words(config::DefaultStep{config::DefaultStep::When::kAbsentOrNull,
                                      {{field_path("a"), "\"x\""}}}),
            R"(default, where absent or null: a = "x")");
}

TEST(Describe, TellsWhereAddedValuesComeFrom) {
  using What = config::InputSource::What;
  using Kind = config::TimeFormat::Kind;
  config::AddStep step;
  step.members.push_back({field_path("a"), config::ConstantSource{"[1]"}});
  step.members.push_back(
      {field_path("b"), config::NowSource{time_format(Kind::kUnixMilliseconds)}});
  step.members.push_back({field_path("c"), config::InputSource{What::kHeader, "trace", {}}});
  step.members.push_back(
      {field_path("d"),
       config::InputSource{What::kTimestamp, {}, time_format(Kind::kPattern, "%F")}});

  EXPECT_EQ(words(step),
            "add a = [1], b = now as Unix milliseconds, c = the record's header 'trace', "
            "d = the record's timestamp as \"%F\"");
}

TEST(Describe, TellsTextSteps) {
  EXPECT_EQ(words(config::TextStep{config::TextStep::Change::kTrim,
                                   {field_path("a"), field_path("b.c")}}),
            "trim a, b.c");
  EXPECT_EQ(words(config::ReplaceStep{field_path("a"), text("[0-9]+"), "#", {}}),
            R"(replace "[0-9]+" in a by "#")");
  EXPECT_EQ(words(config::LookupStep{field_path("a"),
                                     field_path("b"),
                                     {{"x", "1"}, {"y", "2"}},
                                     config::LookupStep::Unmapped::kReject}),
            "look up a in a table of 2, into b; others are rejected");
}

TEST(Describe, TellsTypesAndTimes) {
  config::TimeStep step;
  step.field = field_path("t");
  step.from = time_format(config::TimeFormat::Kind::kUnixSeconds);
  step.as = time_format(config::TimeFormat::Kind::kPattern, "%F %T");
  step.into = field_path("u");
  step.zone = "Europe/Berlin";
  step.accept_text = true;
  step.truncate = true;

  EXPECT_EQ(words(step),
            "write t (Unix seconds) as \"%F %T\" in Europe/Berlin, also numbers in text, "
            "fractions cut off, into u");
  EXPECT_EQ(words(config::CastStep{field_path("a"), config::CastStep::Type::kInteger}),
            "cast a to int");
}

TEST(Describe, TellsAddressesMasksAndNesting) {
  EXPECT_EQ(words(config::ValidIpStep{field_path("ip"), config::ValidIpStep::Version::kV4, "null"}),
            "ip must be an IPv4 address; others are null");
  EXPECT_EQ(words(config::MaskStep{field_path("a"), config::MaskStep::How::kKeepLast, {}, 4, {}}),
            "mask a but for the last 4");
  EXPECT_EQ(words(config::UnwrapStep{field_path("."), std::nullopt}), "unwrap the JSON in .");
  EXPECT_EQ(words(config::ExplodeStep{field_path("items"), config::ExplodeStep::Piece::kElement,
                                      config::ExplodeStep::Empty::kReject}),
            "explode items into one record per element; an empty one is rejected");
}

TEST(Describe, TellsWhereRecordsGo) {
  config::RouteStep route;
  route.cases.push_back({equals("country", R"("DE")"), text("orders-de")});
  route.cases.push_back({std::nullopt, text("orders-rest")});

  EXPECT_EQ(words(config::EmitStep{text("raw")}), "emit a copy to raw");
  EXPECT_EQ(words(route), "route to orders-de if country is \"DE\", else to orders-rest");
}

TEST(Describe, CutsWhatIsLong) {
  const std::string described = words(config::DefaultStep{
      config::DefaultStep::When::kAbsent, {{field_path("a"), '"' + std::string(5000, 'x') + '"'}}});

  EXPECT_LT(described.size(), 150U);
  EXPECT_TRUE(described.ends_with("x…")) << described;
}

}  // namespace
}  // namespace millrace::steps
