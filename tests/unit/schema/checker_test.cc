// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/schema/schema.h"
#include "tests/unit/schema/checking.h"

namespace millrace::schema {
namespace {

using ::testing::ElementsAre;

constexpr std::string_view kLogin = R"({
  "type": "object",
  "properties": {
    "user_id": {"type": "string"},
    "app_version": {"type": "string", "pattern": "^[0-9]"},
    "timestamp": {"type": "integer", "minimum": 0}
  },
  "required": ["user_id", "app_version", "timestamp"]
})";

TEST(Checker, ListsEveryRuleThatCanReject) {
  Checked checked(kLogin);

  EXPECT_THAT(checked.rules(),
              ElementsAre("/type", "/required/user_id", "/required/app_version",
                          "/required/timestamp", "/properties/user_id/type",
                          "/properties/app_version/type", "/properties/app_version/pattern",
                          "/properties/timestamp/type", "/properties/timestamp/minimum"));
}

TEST(Checker, DoesNotListWhatIsNeverTheReason) {
  Checked checked(R"({
    "not": {"required": ["a"]},
    "anyOf": [{"type": "object"}, {"type": "array", "minItems": 2}],
    "if": {"required": ["b"]}, "then": {"required": ["c"]},
    "minLength": 0, "required": [], "uniqueItems": false,
    "allOf": [true, {}],
    "properties": {"d": true, "e": {"type": "string", "minimum": 5},
                   "f": {"anyOf": [{"type": "null"}, {}]}},
    "contains": {"type": "null"}, "minContains": 0
  })");

  EXPECT_THAT(checked.rules(),
              ElementsAre("/not", "/anyOf", "/then/required/c", "/properties/e/type"));
}

TEST(Checker, NamesRulesByTheirPlaceInTheDocumentOfTheKeyword) {
  Options options;
  options.fetch = [](const std::string& uri) -> std::optional<std::string> {
    if (uri != "https://example.com/name.json") return std::nullopt;
    return R"({"$defs": {"short": {"maxLength": 3}}, "type": "string"})";
  };
  Checked checked(R"({
    "properties": {
      "a": {"$ref": "#/$defs/text"},
      "b": {"$ref": "#/$defs/text"},
      "c": {"$ref": "name.json#/$defs/short"}
    },
    "$defs": {"text": {"minLength": 1}}
  })",
                  options, "https://example.com/root.json");

  EXPECT_THAT(checked.rules(), ElementsAre("/$defs/text/minLength",
                                           "https://example.com/name.json#/$defs/short/maxLength"));
  EXPECT_EQ(checked.answer(R"({"b": ""})").rule, "/$defs/text/minLength");
  EXPECT_EQ(checked.answer(R"({"c": "long"})").rule,
            "https://example.com/name.json#/$defs/short/maxLength");
}

TEST(Checker, EscapesNamesInRules) {
  Checked checked(R"({"required": ["a/b~c"]})");

  EXPECT_THAT(checked.rules(), ElementsAre("/required/a~1b~0c"));
}

TEST(Checker, ReportsWhatIsSaidOfAValueBeforeWhatIsSaidOfItsMembers) {
  Checked checked(R"({
    "properties": {"a": {"properties": {"b": {"type": "string"}}, "required": ["c"]},
                   "d": {"type": "null"}},
    "allOf": [{"required": ["e"]}]
  })");

  EXPECT_EQ(checked.answer(R"({"a": {"b": 1}, "d": 2})").rule, "/allOf/0/required/e");
  EXPECT_EQ(checked.answer(R"({"d": 2, "a": {"b": 1}, "e": 1})").rule, "/properties/a/required/c");
  EXPECT_EQ(checked.answer(R"({"d": 2, "a": {"b": 1, "c": 1}, "e": 1})").rule,
            "/properties/a/properties/b/type");
  EXPECT_EQ(checked.answer(R"({"d": 2, "a": {"c": 1}, "e": 1})").rule, "/properties/d/type");
}

TEST(Checker, ReportsTheKeywordsOfASchemaInItsOrder) {
  Checked maximum_first(R"({"maximum": 1, "multipleOf": 2})");
  Checked multiple_first(R"({"multipleOf": 2, "maximum": 1})");

  EXPECT_EQ(maximum_first.answer("3").rule, "/maximum");
  EXPECT_EQ(multiple_first.answer("3").rule, "/multipleOf");
}

TEST(Checker, PointsToTheValue) {
  Checked checked(R"({
    "properties": {"list": {"items": {"required": ["a"], "properties": {"a": {"type": "null"}}}}},
    "propertyNames": {"maxLength": 4}
  })");

  EXPECT_EQ(checked.answer(R"({"list": [{"a": null}, {"a": 1}]})").pointer, "/list/1/a");
  EXPECT_EQ(checked.answer(R"({"list": [{"a": null}, {}]})").pointer, "/list/1");
  EXPECT_EQ(checked.answer(R"({"too_long": 1})").pointer, "");
  EXPECT_EQ(checked.answer(R"({"too_long": 1})").rule, "/propertyNames/maxLength");
}

TEST(Checker, ReportsAlternativesAsOne) {
  Checked checked(R"({"oneOf": [{"required": ["a"]}, {"required": ["b"]}]})");

  EXPECT_EQ(checked.answer("{}").rule, "/oneOf");
  EXPECT_EQ(checked.answer(R"({"a": 1, "b": 2})").rule, "/oneOf");
  EXPECT_TRUE(checked.accepts(R"({"a": 1})"));
}

TEST(Checker, ReportsTheBranchThatACondititionLeadsTo) {
  Checked checked(R"({
    "if": {"properties": {"kind": {"const": 1}}, "required": ["kind"]},
    "then": {"required": ["one"]},
    "else": {"required": ["other"]}
  })");

  EXPECT_EQ(checked.answer(R"({"kind": 1})").rule, "/then/required/one");
  EXPECT_EQ(checked.answer(R"({"kind": 2})").rule, "/else/required/other");
}

TEST(Checker, KnowsWhatWasEvaluatedThroughReferencesAndAlternatives) {
  Checked checked(R"({
    "$ref": "#/$defs/base",
    "anyOf": [{"properties": {"x": {"type": "integer"}}, "required": ["x"]}, {"required": ["b"]}],
    "unevaluatedProperties": false,
    "$defs": {"base": {"properties": {"b": true}}}
  })");

  EXPECT_TRUE(checked.accepts(R"({"b": 1})"));
  EXPECT_TRUE(checked.accepts(R"({"b": 1, "x": 1})"));
  EXPECT_EQ(checked.answer(R"({"b": 1, "x": "1"})").sentence,
            "Unevaluated properties are not allowed ('x' was unexpected)");
  EXPECT_EQ(checked.answer(R"({"x": 1, "z": 1})").rule, "/unevaluatedProperties");
}

TEST(Checker, LooksAtMembersOfAllDepthsAlike) {
  constexpr std::string_view kInner =
      R"({"required": ["a", "b"], "properties": {"a": {"type": "null"}}})";
  Checked at_root(kInner);
  Checked inside(R"({"properties": {"o": )" + std::string(kInner) + "}}");
  for (const std::string_view value :
       {R"({"a": null, "b": 1})", R"({"b": 1})", R"({"a": 1, "b": 1})", R"({"c": 1})",
        R"({"a": 1, "b": 2, "a": null})", R"({"\u0061": null, "b": 1})"}) {
    const Checked::Answer outer = at_root.answer(value);
    const Checked::Answer inner = inside.answer(R"({"o": )" + std::string(value) + "}");

    EXPECT_EQ(outer.valid, inner.valid) << value;
    EXPECT_EQ(outer.sentence, inner.sentence) << value;
  }
}

TEST(Checker, FindsNamesThatLieFarApart) {
  record::NameTable names;
  std::string schema = R"({"properties": {"first": {"type": "null"}, "o": {"properties": {)";
  for (int i = 0; i < 300; ++i) schema += "\"n" + std::to_string(i) + "\": true, ";
  schema += R"("n300": {}}}, "last": {"type": "null"}}, "required": ["first", "last"]})";
  Checked checked(R"({"properties": {"p": )" + schema + "}}");

  EXPECT_TRUE(checked.accepts(R"({"p": {"first": null, "last": null}})"));
  EXPECT_EQ(checked.answer(R"({"p": {"first": null, "last": 1}})").pointer, "/p/last");
  EXPECT_EQ(checked.answer(R"({"p": {"first": 1, "last": null}})").pointer, "/p/first");
  EXPECT_EQ(checked.answer(R"({"p": {"first": null}})").rule, "/properties/p/required/last");
}

TEST(Checker, ComparesNumbersExactly) {
  Checked large(R"({"maximum": 9007199254740992})");
  EXPECT_TRUE(large.accepts("9007199254740992.0"));
  EXPECT_FALSE(large.accepts("9007199254740993"));
  EXPECT_FALSE(large.accepts("9007199254740992.00000000000000000001"));

  Checked huge(R"({"minimum": 1e400, "exclusiveMaximum": 2e400})");
  EXPECT_TRUE(huge.accepts("15e399"));
  EXPECT_FALSE(huge.accepts("2e400"));
  EXPECT_FALSE(huge.accepts("9e399"));

  Checked tenth(R"({"multipleOf": 0.1})");
  EXPECT_TRUE(tenth.accepts("0.3"));
  EXPECT_FALSE(tenth.accepts("0.35"));

  Checked between(R"({"exclusiveMinimum": -1, "maximum": 1})");
  EXPECT_TRUE(between.accepts("-0.5"));
  EXPECT_TRUE(between.accepts("1.000"));
  EXPECT_FALSE(between.accepts("1.001"));
  EXPECT_FALSE(between.accepts("-1.0"));
  EXPECT_FALSE(between.accepts("-1.5"));
}

TEST(Checker, TakesWholeNumbersHoweverTheyAreWritten) {
  Checked whole(R"({"type": "integer"})");
  for (const std::string_view number :
       {"0", "-0", "1", "-17", "12345678", "123456789", "1234567890123456", "12345678901234567",
        "1.0", "1e3", "12.5e1", "123456789012345678901234567890", "-1720655268.0"}) {
    EXPECT_TRUE(whole.accepts(number)) << number;
  }
  for (const std::string_view number : {"0.5", "-1.5", "1e-1", "1234567.5", "12345678.5",
                                        "1234567890.123456", "1720655268.00001"}) {
    EXPECT_FALSE(whole.accepts(number)) << number;
  }
}

TEST(Checker, CountsCodePoints) {
  Checked two(R"({"minLength": 2, "maxLength": 2})");

  EXPECT_TRUE(two.accepts(R"("äö")"));
  EXPECT_TRUE(two.accepts(R"("\ud83d\ude00x")"));
  EXPECT_TRUE(two.accepts("\"😀😀\""));
  EXPECT_FALSE(two.accepts("\"😀\""));
  EXPECT_FALSE(two.accepts(R"("\u00e4")"));
}

TEST(Checker, UsesTheDraftThatTheSchemaNames) {
  constexpr std::string_view kSchema =
      R"({"$schema": "http://json-schema.org/draft-07/schema#", "items": [{"type": "string"}]})";
  Checked draft7(kSchema);
  EXPECT_FALSE(draft7.accepts("[1]"));

  Options options;
  options.draft = Draft::k7;
  Checked by_option(R"({"items": [{"type": "string"}]})", options);
  EXPECT_FALSE(by_option.accepts("[1]"));

  Checked said(R"({"$schema": "https://json-schema.org/draft/2020-12/schema",
                   "prefixItems": [{"type": "string"}]})",
               options);
  EXPECT_FALSE(said.accepts("[1]"));
}

TEST(Checker, AssertsFormatsOnlyWhereAsked) {
  Checked annotation(R"({"format": "ipv4"})");
  EXPECT_TRUE(annotation.accepts(R"("999.999.999.999")"));

  Options options;
  options.assert_formats = true;
  Checked assertion(R"({"format": "ipv4"})", options);
  EXPECT_FALSE(assertion.accepts(R"("999.999.999.999")"));
  EXPECT_TRUE(assertion.accepts(R"("10.0.0.1")"));
}

TEST(Checker, AnswersThroughItsOwnMetaschema) {
  Checked metaschema(R"({"$ref": "https://json-schema.org/draft/2020-12/schema"})");

  EXPECT_TRUE(metaschema.accepts(R"({"properties": {"a": {"minLength": 1}}})"));
  const Checked::Answer answer = metaschema.answer(R"({"properties": {"a": {"minLength": -1}}})");
  EXPECT_EQ(answer.pointer, "/properties/a/minLength");
  EXPECT_EQ(answer.sentence, "-1 is less than the minimum of 0");
}

}  // namespace
}  // namespace millrace::schema
