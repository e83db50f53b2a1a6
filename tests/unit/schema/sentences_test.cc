// SPDX-License-Identifier: Apache-2.0
#include "engine/schema/sentences.h"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "tests/unit/schema/checking.h"

namespace millrace::schema {
namespace {

struct Example {
  std::string_view schema;
  std::string_view value;
  std::string_view sentence;
};

void expect_sentence(const Example& example, const Options& options = {}) {
  Checked checked(example.schema, options);
  EXPECT_EQ(checked.sentence(example.value), example.sentence)
      << example.schema << " " << example.value;
}

// Produced by jsonschema 4.26.
constexpr Example kExamples[] = {
    {R"({"required": ["device_type"]})", "{}", "'device_type' is a required property"},
    {R"({"type": "string"})", "null", "None is not of type 'string'"},
    {R"({"type": "string"})", "1", "1 is not of type 'string'"},
    {R"({"type": "integer"})", "1694479551.5", "1694479551.5 is not of type 'integer'"},
    {R"({"type": "integer"})", "true", "True is not of type 'integer'"},
    {R"({"type": "integer"})", R"("1694479551")", "'1694479551' is not of type 'integer'"},
    {R"({"type": ["string", "null"]})", "[]", "[] is not of type 'string', 'null'"},
    {R"({"enum": ["android", "iOS"]})", R"("ios")", "'ios' is not one of ['android', 'iOS']"},
    {R"({"enum": [1, null, true]})", "2", "2 is not one of [1, None, True]"},
    {R"({"const": "a"})", R"("b")", "'a' was expected"},
    {R"({"pattern": "^[0-9]+\\.[0-9]+\\.[0-9]+$"})", R"("0.96")",
     R"('0.96' does not match '^[0-9]+\\.[0-9]+\\.[0-9]+$')"},
    {R"({"maxLength": 2})", R"("USA")", "'USA' is too long"},
    {R"({"maxLength": 0})", R"("USA")", "'USA' is expected to be empty"},
    {R"({"minLength": 2})", R"("U")", "'U' is too short"},
    {R"({"minLength": 1})", R"("")", "'' should be non-empty"},
    {R"({"minItems": 1})", "[]", "[] should be non-empty"},
    {R"({"minItems": 2})", "[1]", "[1] is too short"},
    {R"({"maxItems": 1})", "[1, 2]", "[1, 2] is too long"},
    {R"({"maxItems": 0})", "[1]", "[1] is expected to be empty"},
    {R"({"minProperties": 1})", "{}", "{} should be non-empty"},
    {R"({"minProperties": 2})", "{}", "{} does not have enough properties"},
    {R"({"maxProperties": 1})", R"({"a": 1, "b": 2})",
     R"({'a': 1, 'b': 2} has too many properties)"},
    {R"({"maxProperties": 0})", R"({"a": 1})", R"({'a': 1} is expected to be empty)"},
    {R"({"minimum": 0})", "-1", "-1 is less than the minimum of 0"},
    {R"({"maximum": 10})", "10.5", "10.5 is greater than the maximum of 10"},
    {R"({"exclusiveMinimum": 0})", "0", "0 is less than or equal to the minimum of 0"},
    {R"({"exclusiveMaximum": 9})", "9", "9 is greater than or equal to the maximum of 9"},
    {R"({"multipleOf": 2})", "5", "5 is not a multiple of 2"},
    {R"({"uniqueItems": true})", "[1, 1]", "[1, 1] has non-unique elements"},
    {R"({"additionalProperties": false})", R"({"x": 1})",
     "Additional properties are not allowed ('x' was unexpected)"},
    {R"({"additionalProperties": false})", R"({"y": 1, "x": 1})",
     "Additional properties are not allowed ('x', 'y' were unexpected)"},
    {R"({"additionalProperties": false, "patternProperties": {"^b": true, "^a": true}})",
     R"({"x": 1})", "'x' does not match any of the regexes: '^a', '^b'"},
    {R"({"additionalProperties": false, "patternProperties": {"^a": true}})", R"({"x": 1, "c": 1})",
     "'c', 'x' do not match any of the regexes: '^a'"},
    {R"({"anyOf": [{"type": "string"}, {"type": "null"}]})", "1",
     "1 is not valid under any of the given schemas"},
    {R"({"oneOf": [{"type": "string"}, {"type": "null"}]})", "1",
     "1 is not valid under any of the given schemas"},
    {R"({"oneOf": [{"type": "integer"}, {"type": "string"}, {"minimum": 1}]})", "1",
     R"(1 is valid under each of {'minimum': 1}, {'type': 'integer'})"},
    {R"({"not": {"type": "integer"}})", "1", R"(1 should not be valid under {'type': 'integer'})"},
    {R"({"properties": {"a": false}})", R"({"a": 1})", "False schema does not allow 1"},
    {R"({"dependentRequired": {"b": ["a"]}})", R"({"b": 1})", "'a' is a dependency of 'b'"},
    {R"({"contains": {"type": "null"}})", "[1]",
     "[1] does not contain items matching the given schema"},
    {R"({"contains": {"type": "null"}, "minContains": 2})", "[1, null]",
     "Too few items match the given schema (expected at least 2 but only 1 matched)"},
    {R"({"contains": {"type": "null"}, "maxContains": 1})", "[null, null]",
     "Too many items match the given schema (expected at most 1)"},
    {R"({"prefixItems": [true], "items": false})", "[1, 2]",
     "Expected at most 1 item but found 1 extra: 2"},
    {R"({"items": false})", R"([1, "a"])", "Expected at most 0 items but found 2 extra: [1, 'a']"},
    {R"({"unevaluatedProperties": false})", R"({"b": 1, "a": 2})",
     "Unevaluated properties are not allowed ('a', 'b' were unexpected)"},
    {R"({"unevaluatedProperties": {"type": "null"}})", R"({"b": 1})",
     "Unevaluated properties are not valid under the given schema "
     "('b' was unevaluated and invalid)"},
    {R"({"unevaluatedItems": false})", "[1]",
     "Unevaluated items are not allowed (1 was unexpected)"},
    {R"({"unevaluatedItems": {"type": "null"}})", "[1]",
     "Unevaluated items are not allowed (1 was unexpected)"},
    {R"({"propertyNames": {"maxLength": 2}})", R"({"abc": 1})", "'abc' is too long"},
};

TEST(Sentences, AreThoseOfThePythonReaders) {
  for (const Example& example : kExamples) expect_sentence(example);
}

TEST(Sentences, NameTheFormat) {
  Options options;
  options.assert_formats = true;
  expect_sentence({R"({"format": "date-time"})", R"("x")", "'x' is not a 'date-time'"}, options);
}

TEST(Sentences, OfDraft7AreItsOwn) {
  Options options;
  options.draft = Draft::k7;
  expect_sentence(
      {R"({"dependencies": {"b": ["a"]}})", R"({"b": 1})", "'a' is a dependency of 'b'"}, options);
  expect_sentence({R"({"items": [true], "additionalItems": false})", "[1, 2, 3]",
                   "Additional items are not allowed (2, 3 were unexpected)"},
                  options);
  expect_sentence(
      {R"({"contains": {"type": "null"}})", "[1]", "None of [1] are valid under the given schema"},
      options);
}

TEST(Sentences, OfDraft7AreOfEachElementWhereItemsIsFalse) {
  Options options;
  options.draft = Draft::k7;
  Checked checked(R"({"items": false})", options);

  const Checked::Answer answer = checked.answer("[1]");

  EXPECT_EQ(answer.rule, "/items");
  EXPECT_EQ(answer.pointer, "/0");
  EXPECT_EQ(answer.sentence, "False schema does not allow 1");
}

TEST(Sentences, StayShortWhateverTheSchemaAndTheValue) {
  std::string list = "1";
  std::string object = R"("a": 1)";
  for (int i = 0; i < 9'000; ++i) {
    list += "," + std::to_string(i + 10);
    object += R"(,"member_)" + std::to_string(i) + R"(": 1)";
  }

  Checked many_values(R"({"enum": [)" + list + "]}");
  Checked no_member(R"({"additionalProperties": false})");
  Checked no_element(R"({"items": false})");

  EXPECT_LT(many_values.sentence("\"" + std::string(100'000, 'x') + "\"").size(), 2000U);
  EXPECT_LT(no_member.sentence("{" + object + "}").size(), 2000U);
  EXPECT_LT(no_element.sentence("[" + list + "]").size(), 2000U);
}

TEST(Sentences, ResolveEscapesInNames) {
  Checked checked(R"({"required": ["a\"b"], "additionalProperties": false})");

  EXPECT_EQ(checked.sentence("{}"), R"('a"b' is a required property)");
  EXPECT_EQ(checked.sentence(R"({"a\u0022b": 1, "\u0041": 2})"),
            "Additional properties are not allowed ('A', 'a\"b' were unexpected)");
}

}  // namespace
}  // namespace millrace::schema
