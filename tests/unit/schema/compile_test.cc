// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/record/names.h"
#include "engine/schema/keywords.h"
#include "engine/schema/schema.h"
#include "tests/unit/schema/checking.h"

namespace millrace::schema {
namespace {

using ::testing::HasSubstr;

std::vector<Problem> problems_of(std::string_view schema, const Options& options = {}) {
  record::NameTable names;
  Compiled compiled = compile(schema, "https://example.com/root.json", names, options);
  const bool has_error = std::any_of(compiled.problems.begin(), compiled.problems.end(),
                                     [](const Problem& problem) { return !problem.warning; });
  EXPECT_EQ(compiled.schema == nullptr, has_error) << schema;
  return std::move(compiled.problems);
}

Problem only_problem(std::string_view schema, const Options& options = {}) {
  std::vector<Problem> problems = problems_of(schema, options);
  EXPECT_EQ(problems.size(), 1U) << schema;
  return problems.empty() ? Problem{} : problems.front();
}

TEST(Compile, NamesThePlaceOfAProblem) {
  constexpr std::string_view kSchema = R"({"properties": {"a": {"minLength": -1}}})";

  const Problem problem = only_problem(kSchema);

  EXPECT_EQ(problem.uri, "https://example.com/root.json");
  EXPECT_EQ(problem.pointer, "/properties/a/minLength");
  EXPECT_EQ(problem.offset, kSchema.find("-1"));
  EXPECT_EQ(problem.message, "\"minLength\" must be a whole number that is not negative, not -1.");
  EXPECT_FALSE(problem.warning);
}

TEST(Compile, ReportsAllProblemsAtOnce) {
  const std::vector<Problem> problems = problems_of(R"({
    "type": "text", "pattern": "(", "$ref": "#/nowhere", "required": ["a", "a"],
    "properties": {"b": 1}, "maxLenght": 3
  })");

  EXPECT_EQ(problems.size(), 6U);
}

TEST(Compile, WarnsOfAnUnknownKeywordAndNamesTheNearest) {
  constexpr std::string_view kSchema = R"({"maxLenght": 3})";

  const Problem problem = only_problem(kSchema);

  EXPECT_TRUE(problem.warning);
  EXPECT_EQ(problem.offset, kSchema.find("\"maxLenght\""));
  EXPECT_EQ(problem.message,
            "\"maxLenght\" is no keyword and has no effect; the nearest one is \"maxLength\".");
  EXPECT_THAT(only_problem(R"({"zzzzzzzzzz": 3})").message, HasSubstr("is no keyword"));
  EXPECT_TRUE(problems_of(R"({"x-owner": "us", "$comment": "", "title": "t"})").empty());
}

TEST(Compile, WarnsOfKeywordsOfTheOtherDraft) {
  Options draft7;
  draft7.draft = Draft::k7;

  EXPECT_THAT(only_problem(R"({"dependencies": {}})").message, HasSubstr("dependentRequired"));
  EXPECT_THAT(only_problem(R"({"prefixItems": [true]})", draft7).message, HasSubstr("draft-07"));
  EXPECT_THAT(
      only_problem(R"({"definitions": {"a": {}}, "$ref": "#/definitions/a", "minimum": 1})", draft7)
          .message,
      HasSubstr("no effect beside"));
}

TEST(Compile, RefusesReferencesThatLeadNowhere) {
  for (const std::string_view reference :
       {"#/$defs/b", "#b", "other.json", "#/$defs/a/minimum/0", "%zz", "#%zz", "urn:x:y"}) {
    const Problem problem = only_problem(R"({"$defs": {"a": {"minimum": 1}}, "$ref": ")" +
                                         std::string(reference) + R"("})");
    EXPECT_EQ(problem.pointer, "/$ref") << reference;
    EXPECT_THAT(problem.message, HasSubstr("leads nowhere")) << reference;
  }
}

TEST(Compile, RefusesAReferenceToWhatIsNoSchema) {
  EXPECT_THAT(only_problem(R"({"minimum": 1, "$ref": "#/minimum"})").message,
              HasSubstr("A schema is an object or a boolean"));
}

TEST(Compile, NamesTheDocumentOfAProblem) {
  Options options;
  options.fetch = [](const std::string& uri) -> std::optional<std::string> {
    if (uri == "https://example.com/a.json") return R"({"minimum": "1"})";
    if (uri == "https://example.com/b.json") return "{";
    return std::nullopt;
  };

  EXPECT_EQ(only_problem(R"({"$ref": "a.json"})", options).uri, "https://example.com/a.json");
  const std::vector<Problem> problems = problems_of(R"({"$ref": "b.json"})", options);
  ASSERT_EQ(problems.size(), 2U);
  EXPECT_EQ(problems[0].uri, "https://example.com/b.json");
  EXPECT_THAT(problems[0].message, HasSubstr("The value is not JSON"));
  EXPECT_THAT(problems[1].message, HasSubstr("leads nowhere"));
}

TEST(Compile, AsksForNoMetaschema) {
  Options options;
  options.fetch = [](const std::string& uri) -> std::optional<std::string> {
    ADD_FAILURE() << "asked for " << uri;
    return std::nullopt;
  };

  Checked checked(R"({"$schema": "https://json-schema.org/draft/2020-12/schema",
                      "$ref": "http://json-schema.org/draft-07/schema#"})",
                  options);
  EXPECT_FALSE(checked.accepts(R"({"minLength": -1})"));
}

TEST(Compile, KnowsTwoDraftsAndNamesThem) {
  for (const std::string_view uri :
       {"https://json-schema.org/draft/2019-09/schema", "http://json-schema.org/draft-04/schema#",
        "https://example.com/nothing"}) {
    const Problem problem = only_problem(R"({"$schema": ")" + std::string(uri) + R"("})");
    EXPECT_EQ(problem.pointer, "/$schema") << uri;
    EXPECT_THAT(problem.message, HasSubstr("https://json-schema.org/draft/2020-12/schema")) << uri;
    EXPECT_THAT(problem.message, HasSubstr("http://json-schema.org/draft-07/schema#")) << uri;
  }
}

Options with_metaschema(std::string text) {
  Options options;
  options.fetch = [text = std::move(text)](const std::string& uri) -> std::optional<std::string> {
    if (uri == "https://example.com/meta") return text;
    return std::nullopt;
  };
  return options;
}

constexpr std::string_view kOwnMeta =
    R"({"$schema": "https://example.com/meta", "format": "ipv4", "minLength": 5})";

TEST(Compile, ReadsVocabulariesOfAMetaschema) {
  constexpr std::string_view kStart =
      R"({"$schema": "https://json-schema.org/draft/2020-12/schema", "$vocabulary": {
          "https://json-schema.org/draft/2020-12/vocab/core": true)";
  const std::string only_formats =
      std::string(kStart) +
      R"(, "https://json-schema.org/draft/2020-12/vocab/format-assertion": true,
          "https://example.com/unknown": false}})";

  Checked checked(kOwnMeta, with_metaschema(only_formats));

  EXPECT_FALSE(checked.accepts(R"("x.y.z.com")"));
  EXPECT_TRUE(checked.accepts(R"("1.1.1.1")"));
}

TEST(Compile, RefusesARequiredVocabularyThatIsUnknown) {
  const Problem problem = only_problem(
      kOwnMeta, with_metaschema(R"({"$vocabulary": {"https://example.com/unknown": true}})"));

  EXPECT_EQ(problem.pointer, "/$schema");
  EXPECT_THAT(problem.message, HasSubstr("https://example.com/unknown"));
}

TEST(Compile, RefusesMetaschemasThatDescribeEachOther) {
  EXPECT_THAT(
      only_problem(kOwnMeta, with_metaschema(R"({"$schema": "https://example.com/meta"})")).message,
      HasSubstr("metaschema"));
}

TEST(Compile, RefusesFormatsThatCannotBeAsserted) {
  Options options;
  options.assert_formats = true;

  EXPECT_FALSE(only_problem(R"({"format": "idn-email"})", options).warning);
  EXPECT_TRUE(only_problem(R"({"format": "colour"})", options).warning);
  EXPECT_TRUE(problems_of(R"({"format": "idn-email"})").empty());
}

TEST(Compile, RefusesTwoSchemasOfOneAddress) {
  EXPECT_THAT(only_problem(R"({"$defs": {"a": {"$id": "x"}, "b": {"$id": "x"}}})").message,
              HasSubstr("https://example.com/x"));
  EXPECT_THAT(only_problem(R"({"$defs": {"a": {"$anchor": "x"}, "b": {"$anchor": "x"}}})").message,
              HasSubstr("anchor"));
}

// The form of every keyword is what the metaschema says, which is itself a schema.
TEST(Compile, AgreesWithTheMetaschemasOnTheFormOfKeywords) {
  const std::vector<std::string> values{"null",
                                        "true",
                                        "1",
                                        "0",
                                        "-1",
                                        "1.5",
                                        "2.0",
                                        R"("a")",
                                        R"("string")",
                                        "[]",
                                        "[1]",
                                        "{}",
                                        "[true]",
                                        "[{}]",
                                        R"(["a"])",
                                        R"(["a", "a"])",
                                        R"({"a": 1})",
                                        R"({"a": true})",
                                        R"({"a": ["b"]})",
                                        R"({"a": ["b", "b"]})",
                                        R"(["string", "null"])",
                                        R"(["string", "string"])",
                                        R"({"a": {"minLength": -1}})",
                                        R"([{"minLength": "1"}])",
                                        R"("#a")",
                                        R"("a#b")"};
  const std::vector<std::string> keywords{"$comment",
                                          "$defs",
                                          "$anchor",
                                          "$dynamicAnchor",
                                          "definitions",
                                          "type",
                                          "enum",
                                          "const",
                                          "multipleOf",
                                          "maximum",
                                          "exclusiveMaximum",
                                          "minimum",
                                          "exclusiveMinimum",
                                          "maxLength",
                                          "minLength",
                                          "maxItems",
                                          "minItems",
                                          "uniqueItems",
                                          "maxContains",
                                          "minContains",
                                          "maxProperties",
                                          "minProperties",
                                          "required",
                                          "dependentRequired",
                                          "dependentSchemas",
                                          "dependencies",
                                          "allOf",
                                          "anyOf",
                                          "oneOf",
                                          "not",
                                          "if",
                                          "then",
                                          "else",
                                          "prefixItems",
                                          "items",
                                          "additionalItems",
                                          "contains",
                                          "properties",
                                          "patternProperties",
                                          "additionalProperties",
                                          "propertyNames",
                                          "unevaluatedItems",
                                          "unevaluatedProperties",
                                          "contentEncoding",
                                          "contentMediaType",
                                          "contentSchema",
                                          "title",
                                          "description",
                                          "default",
                                          "deprecated",
                                          "readOnly",
                                          "writeOnly",
                                          "examples",
                                          "format"};
  for (const Draft draft : {Draft::k202012, Draft::k7}) {
    Options options;
    options.draft = draft;
    Checked metaschema(draft == Draft::k7
                           ? R"({"$ref": "http://json-schema.org/draft-07/schema"})"
                           : R"({"$ref": "https://json-schema.org/draft/2020-12/schema"})",
                       options);
    for (const std::string& keyword : keywords) {
      if (find_keyword(keyword, draft) == nullptr) continue;
      // The specification of draft-07 has it, its metaschema forgot it.
      if (keyword == "writeOnly" && draft == Draft::k7) continue;
      for (const std::string& value : values) {
        const std::string schema = fmt::format(R"({{"{}": {}}})", keyword, value);
        record::NameTable names;

        const Compiled compiled = compile(schema, "", names, options);

        EXPECT_EQ(compiled.schema != nullptr, metaschema.accepts(schema))
            << schema << " draft " << static_cast<int>(draft);
      }
    }
  }
}

}  // namespace
}  // namespace millrace::schema
