// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/config/one_step.h"

namespace millrace::config {
namespace {

std::string constant_of(const std::string& value,
                        std::map<std::string, std::string> variables = {}) {
  const auto step = only_step<AddStep>("add: {a: " + value + "}", std::move(variables));
  if (step.members.empty()) return "";
  const auto* const constant = std::get_if<ConstantSource>(&step.members[0].value);
  return constant == nullptr ? "" : constant->json;
}

InputSource input_of(const std::string& value) {
  const auto step = only_step<AddStep>("add: {a: " + value + "}");
  const auto* const input =
      step.members.empty() ? nullptr : std::get_if<InputSource>(&step.members[0].value);
  EXPECT_NE(input, nullptr) << value;
  return input == nullptr ? InputSource{} : *input;
}

TEST(AddStep, ConstantsBecomeJson) {
  EXPECT_EQ(constant_of("web"), R"("web")");
  EXPECT_EQ(constant_of("'true'"), R"("true")");
  EXPECT_EQ(constant_of("true"), "true");
  EXPECT_EQ(constant_of("null"), "null");
  EXPECT_EQ(constant_of("1.50"), "1.50");
  EXPECT_EQ(constant_of(R"("1")"), R"("1")");
  EXPECT_EQ(constant_of(R"("x\"\n")"), R"("x\"\n")");
  EXPECT_EQ(constant_of(""), "null");
  EXPECT_EQ(constant_of("[1, x, {now: rfc3339}]"), R"([1,"x",{"now":"rfc3339"}])");
  EXPECT_EQ(constant_of("{constant: {b: 1, now: 2}}"), R"({"b":1,"now":2})");
  EXPECT_EQ(constant_of("{constant: {}}"), "{}");
  EXPECT_EQ(constant_of("{constant: {constant: x}}"), R"({"constant":"x"})");
}

TEST(AddStep, PathsKeepTheirOrder) {
  const auto step = only_step<AddStep>("add: {z.y: 1, 'a[0]': 2}");

  ASSERT_EQ(step.members.size(), 2U);
  EXPECT_EQ(step.members[0].field.text, "z.y");
  EXPECT_EQ(step.members[1].field.text, "a[0]");
  EXPECT_EQ(step.members[1].field.place.column, 19);
}

TEST(AddStep, NowHasAFormat) {
  const auto step = only_step<AddStep>("add: {a: {now: rfc3339_millis}, b: {now: '%Y'}}");

  ASSERT_EQ(step.members.size(), 2U);
  EXPECT_EQ(std::get<NowSource>(step.members[0].value).as.kind, TimeFormat::Kind::kRfc3339Millis);
  EXPECT_EQ(std::get<NowSource>(step.members[1].value).as.pattern.value, "%Y");
}

TEST(AddStep, TheInputRecordIsASource) {
  EXPECT_EQ(input_of("{topic: true}").what, InputSource::What::kTopic);
  EXPECT_EQ(input_of("{partition: true}").what, InputSource::What::kPartition);
  EXPECT_EQ(input_of("{offset: true}").what, InputSource::What::kOffset);
  EXPECT_EQ(input_of("{key: true}").what, InputSource::What::kKey);
  EXPECT_EQ(input_of("{header: trace-id}").what, InputSource::What::kHeader);
  EXPECT_EQ(input_of("{header: trace-id}").header, "trace-id");
  EXPECT_EQ(input_of("{timestamp: unix_milliseconds}").what, InputSource::What::kTimestamp);
  EXPECT_EQ(input_of("{timestamp: unix_milliseconds}").timestamp_as.kind,
            TimeFormat::Kind::kUnixMilliseconds);
}

TEST(AddStep, TheEnvironmentIsAConstantText) {
  EXPECT_EQ(constant_of("{environment: REGION}", {{"REGION", "eu \"1\""}}), R"("eu \"1\"")");
  EXPECT_EQ(constant_of("{environment: N}", {{"N", "5"}}), R"("5")");
  EXPECT_EQ(constant_of("{environment: {name: N, default: x}}", {{"N", "5"}}), R"("5")");
  EXPECT_EQ(constant_of("{environment: {name: N, default: x}}"), R"("x")");
  EXPECT_EQ(constant_of("{environment: {name: N, default: ''}}"), R"("")");
}

TEST(AddStep, AMissingVariableIsAnError) {
  EXPECT_THAT(step_problems("add: {a: {environment: REGION}}"),
              ElementsAre("p.yaml:8:28: 'add.a.environment' names the environment variable "
                          "'REGION', which is not set; set it, or write {name: REGION, default: "
                          "TEXT}"));
  EXPECT_THAT(step_problems("add: {a: {environment: {}}}"),
              ElementsAre("p.yaml:8:15: the key 'name' is missing in 'add.a.environment'; write "
                          "the name of an environment variable"));
  EXPECT_THAT(step_problems("add: {a: {environment: N}}", {{"N", "secret\xFF"}}),
              ElementsAre("p.yaml:8:28: 'add.a.environment' names the environment variable 'N', "
                          "which is not valid UTF-8"));
}

TEST(AddStep, OtherSourcesAreErrors) {
  EXPECT_THAT(step_problems("add: {a: {nwo: rfc3339}}"),
              ElementsAre("p.yaml:8:15: unknown key 'nwo' in 'add.a'; did you mean 'now'?; a map "
                          "as value is written {constant: {…}}"));
  EXPECT_THAT(step_problems("add: {a: {}}"),
              ElementsAre("p.yaml:8:14: 'add.a' must have exactly one source, such as {now: "
                          "rfc3339}, and has none; a map as value is written {constant: {…}}"));
  EXPECT_THAT(step_problems("add: {a: {now: rfc3339, key: true}}"),
              ElementsAre("p.yaml:8:14: 'add.a' must have exactly one source, such as {now: "
                          "rfc3339}, and has several; a map as value is written {constant: {…}}"));
  EXPECT_THAT(step_problems("add: {a: {topic: false}, b: {offset: x}}"),
              ElementsAre("p.yaml:8:22: 'add.a.topic' must be true, not 'false'",
                          "p.yaml:8:42: 'add.b.offset' must be true or false, not 'x'"));
  EXPECT_THAT(step_problems("add: {a: {now: 5}}"),
              ElementsAre("p.yaml:8:20: 'add.a.now' must be unix_seconds, unix_milliseconds, "
                          "unix_microseconds, rfc3339, rfc3339_millis or a pattern such as "
                          "'%Y-%m-%d %H:%M:%S', not '5'"));
}

TEST(AddStep, OtherValuesAreErrors) {
  EXPECT_THAT(step_problems("add: {}"),
              ElementsAre("p.yaml:8:10: 'add' is empty; write {name: value}"));
  EXPECT_THAT(step_problems("add: x"),
              ElementsAre("p.yaml:8:10: 'add' must be a map such as {name: value}, not 'x'"));
  EXPECT_THAT(step_problems("add: {.: 1}"),
              ElementsAre("p.yaml:8:11: 'add' must be the path of a field, such as user.city, not "
                          "'.', the record itself"));
}

// YAML itself cannot nest as deep; aliases can.
TEST(AddStep, AConstantIsNoDeeperThanARecord) {
  const auto nested = [](size_t outer) {
    return "add: {a: &a " + std::string(300, '[') + std::string(300, ']') +
           ", b: " + std::string(outer, '[') + "*a" + std::string(outer, ']') + "}";
  };

  EXPECT_THAT(step_problems(nested(212)), IsEmpty());
  EXPECT_THAT(step_problems(nested(213)),
              ElementsAre("p.yaml:8:622: 'add.b' is nested deeper than a record may be (512)"));
}

TEST(DefaultStep, IsForAbsentValues) {
  const auto step = only_step<DefaultStep>("default: {a.b: x, c: null, d: {e: [1]}, f: {}}");

  EXPECT_EQ(step.when, DefaultStep::When::kAbsent);
  ASSERT_EQ(step.values.size(), 4U);
  EXPECT_EQ(step.values[0].first.text, "a.b");
  EXPECT_EQ(step.values[0].second, "\"x\"");
  EXPECT_EQ(step.values[1].second, "null");
  EXPECT_EQ(step.values[2].second, R"({"e":[1]})");
  EXPECT_EQ(step.values[3].second, "{}");
}

TEST(DefaultStep, TheLongFormSaysWhen) {
  const auto when = [](const std::string& word) {
    return only_step<DefaultStep>("default: {values: {a: 1}, when: " + word + "}").when;
  };
  EXPECT_EQ(when("absent"), DefaultStep::When::kAbsent);
  EXPECT_EQ(when("null"), DefaultStep::When::kNull);
  EXPECT_EQ(when("'null'"), DefaultStep::When::kNull);
  EXPECT_EQ(when("absent_or_null"), DefaultStep::When::kAbsentOrNull);
  const auto step = only_step<DefaultStep>("default: {values: {when: 1, values: {b: 2}}}");
  EXPECT_EQ(step.when, DefaultStep::When::kAbsent);
  ASSERT_EQ(step.values.size(), 2U);
  EXPECT_EQ(step.values[1].second, R"({"b":2})");
}

TEST(DefaultStep, AFieldNamedValuesIsOneWhereItGetsNoMap) {
  const auto step = only_step<DefaultStep>("default: {values: [], a: 1}");

  ASSERT_EQ(step.values.size(), 2U);
  EXPECT_EQ(step.values[0].first.text, "values");
}

TEST(DefaultStep, OtherValuesAreErrors) {
  EXPECT_THAT(step_problems("default: {a: 1, when: absent}"),
              ElementsAre("p.yaml:8:21: 'default' has the key 'when' without 'values'; write "
                          "{values: {name: value}, when: absent, null or absent_or_null}, also for "
                          "a field that is called 'when'"));
  EXPECT_THAT(step_problems("default: {values: {a: 1}, when: never, b: 2}"),
              ElementsAre("p.yaml:8:37: 'default.when' must be absent, null or absent_or_null, not "
                          "'never'",
                          "p.yaml:8:44: unknown key 'b' in 'default'; known here: values or when"));
  EXPECT_THAT(step_problems("default: {}"),
              ElementsAre("p.yaml:8:14: 'default' is empty; write {name: value}"));
  EXPECT_THAT(step_problems("default: {values: {}}"),
              ElementsAre("p.yaml:8:23: 'default.values' is empty; write {name: value}"));
  EXPECT_THAT(
      step_problems("default: [a]"),
      ElementsAre("p.yaml:8:14: 'default' must be a map such as {name: value}, not a list"));
}

TEST(DefaultStep, IsAConstant) {
  EXPECT_THAT(step_problems("default: {a: {now: rfc3339}}"),
              ElementsAre("p.yaml:8:18: 'default.a' is a constant, not a source ('now'); to mean "
                          "this map, write {constant: {now: …}}"));
  EXPECT_EQ(only_step<DefaultStep>("default: {a: {constant: {now: rfc3339}}}").values.at(0).second,
            R"({"now":"rfc3339"})");
}

}  // namespace
}  // namespace millrace::config
