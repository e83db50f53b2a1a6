// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/config/loading.h"

namespace millrace::config {
namespace {

std::string with_schema(const std::string& schema) {
  return smallest_with("schema: " + schema + "\n");
}

TEST(Schema, TheSupportedSubsetIsRead) {
  const PipelineConfig config = config_of(with_schema(
      "{$schema: 'https://json-schema.org/draft/2020-12/schema', $id: x, title: t, description: d, "
      "$comment: c, type: object, required: [a, b], properties: {a: {type: string, title: A}, b: "
      "{type: [integer, 'null'], description: B}, c: {}}}"));

  ASSERT_TRUE(config.schema.has_value());
  ASSERT_EQ(config.schema->required.size(), 2U);
  EXPECT_EQ(config.schema->required[1].value, "b");
  ASSERT_EQ(config.schema->properties.size(), 3U);
  EXPECT_EQ(config.schema->properties[0].name.value, "a");
  EXPECT_THAT(config.schema->properties[0].types, ElementsAre(JsonType::kString));
  EXPECT_THAT(config.schema->properties[1].types, ElementsAre(JsonType::kInteger, JsonType::kNull));
  EXPECT_THAT(config.schema->properties[2].types, IsEmpty());
}

class PlannedKeyword : public ::testing::TestWithParam<std::string> {};

TEST_P(PlannedKeyword, IsNotSupportedYet) {
  const std::string sentence = "the schema keyword '" + GetParam() + "' is not supported yet";
  EXPECT_THAT(problems_in(with_schema("{" + GetParam() + ": 1}")),
              ElementsAre(HasSubstr("p.yaml:7:10: " + sentence)));
  EXPECT_THAT(problems_in(with_schema("{properties: {a: {" + GetParam() + ": 1}}}")),
              ElementsAre(HasSubstr("p.yaml:7:27: " + sentence)));
}

INSTANTIATE_TEST_SUITE_P(Names, PlannedKeyword,
                         ::testing::Values("pattern", "enum", "const", "minimum", "maximum",
                                           "minLength", "maxLength", "format", "items",
                                           "additionalProperties", "allOf", "$ref", "$defs",
                                           "default", "examples", "unevaluatedProperties",
                                           "x-mine"));

TEST(Schema, AMisspeltKeywordNamesTheNearest) {
  EXPECT_THAT(problems_in(with_schema("{proprties: {}}")),
              ElementsAre("p.yaml:7:10: the schema keyword 'proprties' is not supported yet; did "
                          "you mean 'properties'?"));
}

TEST(Schema, KeywordsOfTheRootBelongThere) {
  EXPECT_THAT(problems_in(with_schema("{properties: {a: {required: [b], properties: {}}}}")),
              ElementsAre(HasSubstr("the schema keyword 'required' is not supported yet"),
                          HasSubstr("the schema keyword 'properties' is not supported yet")));
}

TEST(Schema, WrongValuesAreErrors) {
  EXPECT_THAT(problems_in(with_schema("{type: array}")),
              ElementsAre("p.yaml:7:16: 'schema.type' must be object (a record is a JSON object), "
                          "not 'array'"));
  EXPECT_THAT(
      problems_in(with_schema("{properties: {a: {type: text}, b: {type: [string, string]}, c: "
                              "{type: []}, d: {type: null}, e: 5, f: true}}")),
      ElementsAre("p.yaml:7:33: 'schema.properties.a.type' must be string, integer, number, "
                  "boolean, null, object or array, not 'text'",
                  "p.yaml:7:59: 'schema.properties.b.type' names the type 'string' twice",
                  "p.yaml:7:79: 'schema.properties.c.type' is an empty list; it must be a type or "
                  "a list of types",
                  "p.yaml:7:94: 'schema.properties.d.type' has no value; a type is a text, and the "
                  "type null is written 'null', in quotes",
                  "p.yaml:7:104: 'schema.properties.e' must be a schema, such as {type: string}, "
                  "not '5'",
                  "p.yaml:7:110: 'schema.properties.f': true as schema is not supported yet"));
  EXPECT_THAT(problems_in(with_schema("{required: [a, a, [b]]}")),
              ElementsAre("p.yaml:7:24: 'schema.required' names 'a' twice",
                          "p.yaml:7:27: 'schema.required' must be the name of a member, not a "
                          "list"));
  EXPECT_THAT(problems_in(with_schema("{required: a, properties: b}")),
              ElementsAre("p.yaml:7:20: 'schema.required' must be a list of member names, not 'a'",
                          "p.yaml:7:35: 'schema.properties' must be a map of names and schemas, "
                          "not 'b'"));
  EXPECT_THAT(problems_in(with_schema("{$schema: 'http://json-schema.org/draft-07/schema#'}")),
              ElementsAre("p.yaml:7:19: 'schema.$schema' names another draft than 2020-12 "
                          "(https://json-schema.org/draft/2020-12/schema); that is not supported "
                          "yet"));
  EXPECT_THAT(problems_in(with_schema("[]")),
              ElementsAre("p.yaml:7:9: 'schema' must be a JSON Schema, not a list"));
}

TEST(Schema, AnEmptyRequiredIsJsonSchemas) {
  EXPECT_TRUE(config_of(with_schema("{required: []}")).schema->required.empty());
}

TEST(SchemaFile, IsFoundBesideThePipeline) {
  const TemporaryFolder folder;
  folder.write("s.json",
               "{\n\t\"required\": [\"a\"],\n\t\"properties\": {\"a\\/b\": {\"type\": "
               "\"null\", \"description\": \"${NOT_A_VARIABLE}\"}}\n}\n");
  const std::string path = folder.write("p.yaml", with_schema("s.json"));

  const Loaded loaded = load_file(path, environment({}));

  ASSERT_THAT(lines_of(loaded), IsEmpty());
  EXPECT_EQ(loaded.config.schema->required.at(0).value, "a");
  EXPECT_EQ(loaded.config.schema->required.at(0).place.file, folder.path("s.json"));
  EXPECT_EQ(loaded.config.schema->required.at(0).place.line, 2);
  EXPECT_EQ(loaded.config.schema->properties.at(0).name.value, "a/b");
  EXPECT_THAT(loaded.config.schema->properties.at(0).types, ElementsAre(JsonType::kNull));
}

TEST(SchemaFile, ProblemsPointIntoItAndComeAfterThePipelines) {
  const TemporaryFolder folder;
  const std::string schema = folder.write("s.json", "{\n  \"enum\": [1],\n  \"type\": 5\n}\n");
  const std::string path = folder.write("p.yaml", with_schema("s.json") + "workers: 0\n");

  EXPECT_THAT(lines_of(load_file(path, environment({}))),
              ElementsAre(HasSubstr(path + ":8:10: 'workers' must be"),
                          schema + ":2:3: the schema keyword 'enum' is not supported yet",
                          schema + ":3:11: 'schema.type' must be object (a record is a JSON "
                                   "object), not '5'"));
}

TEST(SchemaFile, ThatCannotBeReadIsAnErrorAtItsName) {
  EXPECT_THAT(problems_in(with_schema("nowhere/s.json")),
              ElementsAre("p.yaml:7:9: 'schema' names the file 'nowhere/s.json': cannot open the "
                          "file: No such file or directory"));
  EXPECT_THAT(problems_in(with_schema("/tmp")), ElementsAre(HasSubstr("this is a directory")));
}

TEST(SchemaFile, ThatIsNoSchemaIsAnErrorInside) {
  const TemporaryFolder folder;
  const std::string list = folder.write("list.json", "[1]\n");
  const std::string broken = folder.write("broken.json", "{\"a\": \n");
  const std::string empty = folder.write("empty.json", "");

  EXPECT_THAT(problems_in(with_schema(list)),
              ElementsAre(list + ":1:1: 'schema' must be a JSON Schema, not a list"));
  EXPECT_THAT(problems_in(with_schema(broken)),
              ElementsAre(HasSubstr(broken + ":2:1: this is not valid YAML: ")));
  EXPECT_THAT(problems_in(with_schema(empty)), ElementsAre(empty + ": the file is empty"));
}

}  // namespace
}  // namespace millrace::config
