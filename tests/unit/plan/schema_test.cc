// SPDX-License-Identifier: Apache-2.0
#include <string>

#include <gtest/gtest.h>

#include "tests/unit/plan/pipeline_run.h"

namespace millrace::plan::testing {
namespace {

Pipeline with_schema(const std::string& schema) {
  return Pipeline(config_of({.rest = "schema: {type: object, " + schema + "}\n"}));
}

bool admits(const std::string& type, const std::string& value) {
  Pipeline pipeline = with_schema("properties: {v: {type: " + type + "}}");
  return !pipeline.one("{\"v\":" + value + "}").dead();
}

TEST(Schema, IntegersAreNumbersOfIntegralValue) {
  for (const char* value :
       {"1", "-1", "0", "1.0", "1e3", "12.50e1", "-0", "1e400", "123456789012345678901234567890"})
    EXPECT_TRUE(admits("integer", value)) << value;
  for (const char* value : {"1.5", "1e-1", "true", "false", "null", "\"1\"", "[1]", "{}", "\"\""})
    EXPECT_FALSE(admits("integer", value)) << value;
}

TEST(Schema, NumbersAreNumbersOnly) {
  for (const char* value : {"1", "1.5", "1e400", "-0.0"})
    EXPECT_TRUE(admits("number", value)) << value;
  for (const char* value : {"true", "null", "\"1\"", "[1]", "{}"})
    EXPECT_FALSE(admits("number", value)) << value;
}

TEST(Schema, EveryOtherTypeAdmitsItsOwnValuesOnly) {
  const std::vector<std::pair<std::string, std::string>> values{
      {"string", "\"x\""}, {"number", "1.5"}, {"boolean", "true"},
      {"'null'", "null"},  {"object", "{}"},  {"array", "[]"}};
  for (const auto& [type, own] : values) {
    for (const auto& [other, value] : values)
      EXPECT_EQ(admits(type, value), type == other) << type << " " << value;
  }
  EXPECT_TRUE(admits("boolean", "false"));
}

TEST(Schema, AListOfTypesAdmitsEach) {
  EXPECT_TRUE(admits("[string, 'null']", "null"));
  EXPECT_TRUE(admits("[string, 'null']", "\"x\""));
  EXPECT_FALSE(admits("[string, 'null']", "1"));
  EXPECT_TRUE(admits("[integer, number]", "1.5"));
}

TEST(Schema, TypedMembersMayBeAbsent) {
  Pipeline pipeline = with_schema("properties: {v: {type: string}}");
  EXPECT_EQ(pipeline.outcome("{\"w\":1}"), "{\"w\":1}");
}

TEST(Schema, PropertiesWithoutATypeAdmitAnything) {
  Pipeline pipeline = with_schema("properties: {v: {}}");
  EXPECT_EQ(pipeline.outcome("{\"v\":[null]}"), "{\"v\":[null]}");
}

TEST(Schema, RequiredMembersMayBeNullUnlessTyped) {
  Pipeline pipeline = with_schema("required: [a]");
  EXPECT_EQ(pipeline.outcome("{\"a\":null}"), "{\"a\":null}");
  EXPECT_EQ(pipeline.outcome("{\"b\":1}"), "schema:/required/a: 'a' is a required property");
}

TEST(Schema, AMemberIsFoundHoweverItsNameIsWritten) {
  Pipeline pipeline = with_schema("required: [a], properties: {a: {type: string}}");
  EXPECT_EQ(pipeline.outcome(R"({"\u0061":"x"})"), R"({"\u0061":"x"})");
  EXPECT_EQ(pipeline.outcome(R"({"\u0061":1})"),
            "schema:/properties/a/type: 1 is not of type 'string'");
}

TEST(Schema, ReportsTheFirstErrorInTheSchemasOrder) {
  Pipeline pipeline =
      with_schema("required: [b, a], properties: {z: {type: string}, a: {type: integer}}");

  EXPECT_EQ(pipeline.outcome("{}"), "schema:/required/b: 'b' is a required property");
  EXPECT_EQ(pipeline.outcome(R"({"b":1,"z":1})"), "schema:/required/a: 'a' is a required property");
  EXPECT_EQ(pipeline.outcome(R"({"a":"x","b":1,"z":1})"),
            "schema:/properties/z/type: 1 is not of type 'string'");
  EXPECT_EQ(pipeline.outcome(R"({"a":"x","b":1,"z":"y"})"),
            "schema:/properties/a/type: 'x' is not of type 'integer'");
}

TEST(Schema, WordsItsReasonsAsTheExistingPipelinesDo) {
  Pipeline text = with_schema("properties: {v: {type: string}}");
  EXPECT_EQ(text.outcome("{\"v\":null}"),
            "schema:/properties/v/type: None is not of type 'string'");
  EXPECT_EQ(text.outcome("{\"v\":1}"), "schema:/properties/v/type: 1 is not of type 'string'");
  Pipeline integer = with_schema("properties: {v: {type: integer}}");
  EXPECT_EQ(integer.outcome("{\"v\":1694479551.5}"),
            "schema:/properties/v/type: 1694479551.5 is not of type 'integer'");
  EXPECT_EQ(integer.outcome("{\"v\":true}"),
            "schema:/properties/v/type: True is not of type 'integer'");
  Pipeline several = with_schema("properties: {v: {type: [string, 'null']}}");
  EXPECT_EQ(several.outcome("{\"v\":1}"),
            "schema:/properties/v/type: 1 is not of type 'string', 'null'");
}

TEST(Schema, SaysWhatIsWrongWithALongValueToo) {
  Pipeline pipeline = with_schema("properties: {v: {type: integer}}");
  const std::string outcome = pipeline.outcome("{\"v\":\"" + std::string(100'000, 'x') + "\"}");
  EXPECT_TRUE(outcome.ends_with("x…' is not of type 'integer'")) << outcome;
}

TEST(Schema, NamesRulesByJsonPointers) {
  Pipeline pipeline =
      with_schema(R"(required: ["a/b", "c~d"], properties: {"a/b": {type: string}})");
  EXPECT_EQ(pipeline.one("{}").header("millrace.reason"), "schema:/required/a~1b");
  EXPECT_EQ(pipeline.one(R"({"a/b":1})").header("millrace.reason"), "schema:/required/c~0d");
  EXPECT_EQ(pipeline.one(R"({"a/b":1,"c~d":1})").header("millrace.reason"),
            "schema:/properties/a~1b/type");
}

}  // namespace
}  // namespace millrace::plan::testing
