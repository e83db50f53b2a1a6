// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/config/loading.h"

namespace millrace::config {
namespace {

// The one step of a list, in line 8.
std::string with_step(const std::string& step) {
  return smallest_with("steps:\n  - " + step + "\n");
}

template <typename T>
T only_step(const std::string& step) {
  const PipelineConfig config = config_of(with_step(step));
  EXPECT_EQ(config.steps.size(), 1U);
  return std::get<T>(config.steps.at(0).step);
}

TEST(Steps, KeepTheirOrderAndPlaces) {
  const PipelineConfig config = config_of(
      smallest_with("steps:\n  - lowercase: [a, b]\n  - rename: {a: c}\n  - keep_if: {field: v, "
                    "version_at_least: 2.3}\n"));

  ASSERT_EQ(config.steps.size(), 4U);
  EXPECT_EQ(std::get<Lowercase>(config.steps[0].step).field.value, "a");
  EXPECT_EQ(std::get<Lowercase>(config.steps[1].step).field.value, "b");
  EXPECT_EQ(config.steps[1].place.line, 8);
  EXPECT_EQ(config.steps[1].place.column, 5);
  EXPECT_TRUE(std::holds_alternative<Rename>(config.steps[2].step));
  EXPECT_EQ(config.steps[3].place.line, 10);
}

TEST(Steps, EachIsAMapWithOneKey) {
  const std::string sentence =
      "a step must be a map with one key, the step's kind: '- lowercase: device_type'";
  EXPECT_THAT(problems_in(with_step("lowercase")), ElementsAre("p.yaml:8:5: " + sentence));
  EXPECT_THAT(problems_in(with_step("{}")), ElementsAre("p.yaml:8:5: " + sentence));
  EXPECT_THAT(problems_in(with_step("{lowercase: a, rename: {b: c}}")),
              ElementsAre("p.yaml:8:5: " + sentence));
  EXPECT_THAT(problems_in(smallest_with("steps: {lowercase: a}\n")),
              ElementsAre("p.yaml:7:8: 'steps' must be a list of steps, not a map"));
}

TEST(Steps, AnUnknownStepNamesTheNearest) {
  EXPECT_THAT(problems_in(with_step("keepif: {field: a}")),
              ElementsAre("p.yaml:8:5: unknown step 'keepif'; did you mean 'keep_if'?"));
  EXPECT_THAT(problems_in(with_step("frobnicate: x")),
              ElementsAre("p.yaml:8:5: unknown step 'frobnicate'; known here: keep_if, lowercase, "
                          "rename, format_time or add"));
}

class PlannedStep : public ::testing::TestWithParam<std::string> {};

TEST_P(PlannedStep, IsNotSupportedYet) {
  EXPECT_THAT(problems_in(with_step(GetParam() + ": {whatever: 1}")),
              ElementsAre("p.yaml:8:5: the step '" + GetParam() + "' is not supported yet"));
}

INSTANTIATE_TEST_SUITE_P(Names, PlannedStep,
                         ::testing::Values("drop_if", "reject_if", "remove", "keep_only", "default",
                                           "uppercase", "trim", "replace", "lookup", "cast",
                                           "parse_time", "valid_ip", "mask", "unwrap", "explode",
                                           "emit", "route", "stage", "script"));

TEST(KeepIf, TheVersionIsTheTextAsWritten) {
  EXPECT_EQ(
      only_step<KeepIf>("keep_if: {field: v, version_at_least: 2.3.0}").version_at_least.value,
      "2.3.0");
  EXPECT_EQ(only_step<KeepIf>("keep_if: {field: v, version_at_least: 2.30}").version_at_least.value,
            "2.30");
}

TEST(KeepIf, WhatIsNoVersionIsAnError) {
  for (const std::string version : {"2..3", ".2", "2.", "v2", "2.x", "-1", "'2.3 '"}) {
    EXPECT_THAT(problems_in(with_step("keep_if: {field: v, version_at_least: " + version + "}")),
                ElementsAre(HasSubstr("p.yaml:8:43: 'keep_if.version_at_least' must be a version "
                                      "(numbers with dots: 2.3.0), not ")))
        << version;
  }
}

TEST(KeepIf, MissingAndPlannedKeysAreErrors) {
  EXPECT_THAT(problems_in(with_step("keep_if: {}")),
              ElementsAre("p.yaml:8:5: the key 'field' is missing in 'keep_if'; name the member to "
                          "look at",
                          "p.yaml:8:5: the key 'version_at_least' is missing in 'keep_if'; write "
                          "the lowest version to keep"));
  EXPECT_THAT(problems_in(with_step("keep_if: {field: a, version_at_least: 1, equals: x}")),
              ElementsAre("p.yaml:8:46: the key 'equals' in 'keep_if' is not supported yet"));
}

TEST(Lowercase, NeedsMemberNames) {
  EXPECT_THAT(problems_in(with_step("lowercase: []")),
              ElementsAre("p.yaml:8:16: 'lowercase' is an empty list; it must be the name of a "
                          "member, or a list of names"));
  EXPECT_THAT(problems_in(with_step("lowercase: {a: b}")),
              ElementsAre("p.yaml:8:16: 'lowercase' must be the name of a member, or a list of "
                          "names, not a map"));
  EXPECT_THAT(problems_in(with_step("lowercase:")),
              ElementsAre("p.yaml:8:5: 'lowercase' has no value; it must be the name of a member, "
                          "or a list of names"));
  EXPECT_THAT(problems_in(with_step("lowercase: [a, [b], 'items[0].sku']")),
              ElementsAre("p.yaml:8:20: 'lowercase' must be the name of a member of the record, "
                          "not a list",
                          "p.yaml:8:25: 'lowercase' names a nested member ('items[0].sku'); that "
                          "is not supported yet"));
}

TEST(Rename, KeepsTheOrderWritten) {
  const auto step = only_step<Rename>("rename: {z: y, a: b, m: n}");

  ASSERT_EQ(step.names.size(), 3U);
  EXPECT_EQ(step.names[0].first.value, "z");
  EXPECT_EQ(step.names[0].second.value, "y");
  EXPECT_EQ(step.names[2].first.value, "m");
  EXPECT_EQ(step.names[2].first.place.column, 26);
}

TEST(Rename, SenselessNamesAreErrors) {
  EXPECT_THAT(problems_in(with_step("rename: {a: a}")),
              ElementsAre("p.yaml:8:17: 'rename.a' renames a member to its own name"));
  EXPECT_THAT(problems_in(with_step("rename: {a: c, b: c}")),
              ElementsAre("p.yaml:8:23: 'rename.b' renames a second member to 'c'"));
  EXPECT_THAT(problems_in(with_step("rename: {a.b: c, d: ''}")),
              ElementsAre("p.yaml:8:14: 'rename' names a nested member ('a.b'); that is not "
                          "supported yet",
                          "p.yaml:8:25: 'rename.d' is empty; it must be the name of a member of "
                          "the record"));
  EXPECT_THAT(problems_in(with_step("rename: {}")),
              ElementsAre("p.yaml:8:13: 'rename' is empty; write {old_name: new_name}"));
  EXPECT_THAT(problems_in(with_step("rename: {a: b, a: c}")),
              ElementsAre("p.yaml:8:20: duplicate key 'a': it stands in line 8 already"));
}

TEST(FormatTime, IsRead) {
  const auto step =
      only_step<FormatTime>("format_time: {field: t, from: unix_milliseconds, as: rfc3339}");

  EXPECT_EQ(step.field.value, "t");
  EXPECT_EQ(step.from, TimeSource::kUnixMilliseconds);
  EXPECT_EQ(step.as, TimeFormat::kRfc3339);
}

TEST(FormatTime, EveryPartMustBeSaid) {
  EXPECT_THAT(problems_in(with_step("format_time: {field: t}")),
              ElementsAre("p.yaml:8:5: the key 'from' is missing in 'format_time'; say what the "
                          "numbers are: unix_seconds or unix_milliseconds",
                          "p.yaml:8:5: the key 'as' is missing in 'format_time'; write "
                          "'rfc3339'"));
  EXPECT_THAT(
      problems_in(with_step("format_time: {field: t, from: unix_microseconds, as: '%Y', into: x}")),
      ElementsAre("p.yaml:8:35: 'format_time.from': 'unix_microseconds' is not supported yet",
                  "p.yaml:8:58: 'format_time.as' must be rfc3339, not '%Y'",
                  "p.yaml:8:64: the key 'into' in 'format_time' is not supported yet"));
}

TEST(AddStep, ConstantsBecomeJson) {
  const auto step = only_step<Add>(
      "add: {a: web, b: 'true', c: true, d: null, e: 1.50, f: \"1\", g: \"x\\\"\\n\", h: , "
      "i: ~}");

  std::vector<std::string> texts;
  for (const Add::Member& member : step.members) {
    texts.push_back(std::get<Add::Constant>(member.value).json);
  }
  EXPECT_THAT(texts, ElementsAre(R"("web")", R"("true")", "true", "null", "1.50", R"("1")",
                                 R"("x\"\n")", "null", "null"));
}

TEST(AddStep, NowHasAFormat) {
  const auto step = only_step<Add>("add: {a: {now: rfc3339}, b: {now: unix_milliseconds}}");

  ASSERT_EQ(step.members.size(), 2U);
  EXPECT_EQ(std::get<Add::Now>(step.members[0].value).as, TimeFormat::kRfc3339);
  EXPECT_EQ(std::get<Add::Now>(step.members[1].value).as, TimeFormat::kUnixMilliseconds);
}

TEST(AddStep, OtherValuesAreErrors) {
  EXPECT_THAT(problems_in(with_step("add: {a: [1], b: {now: 5}, c: {topic: x}, d: {}}")),
              ElementsAre("p.yaml:8:14: 'add.a': a list as constant is not supported yet",
                          "p.yaml:8:28: 'add.b.now' must be rfc3339, unix_seconds or "
                          "unix_milliseconds, not '5'",
                          "p.yaml:8:36: the key 'topic' in 'add.c' is not supported yet",
                          "p.yaml:8:50: 'add.d' must be a constant or {now: FORMAT}, not a map"));
  EXPECT_THAT(problems_in(with_step("add: {}")),
              ElementsAre("p.yaml:8:10: 'add' is empty; write {name: value}"));
  EXPECT_THAT(problems_in(with_step("add: {a: {nwo: rfc3339}}")),
              ElementsAre("p.yaml:8:15: unknown key 'nwo' in 'add.a'; did you mean 'now'?"));
  EXPECT_THAT(problems_in(with_step("add: x")),
              ElementsAre("p.yaml:8:10: 'add' must be a map of names and values, not 'x'"));
}

}  // namespace
}  // namespace millrace::config
