// SPDX-License-Identifier: Apache-2.0
#include "engine/config/schema_json.h"
#include "tests/unit/config/loading.h"

namespace millrace::config {
namespace {

std::string with_schema(const std::string& schema) {
  return smallest_with("schema: " + schema + "\n");
}

std::string json_of(const std::string& schema) {
  const PipelineConfig config = config_of(with_schema(schema));
  EXPECT_TRUE(config.schema.has_value());
  return config.schema ? config.schema->json : "";
}

TEST(Schema, InlineBecomesJsonWithExactNumbersAndTheRightTypes) {
  EXPECT_EQ(json_of("{type: object, required: [a], properties: {a: {minimum: 1.50, const: '1.50', "
                    "enum: [1e400, -0, yes, True, true, null, ~, 'null', 2024-01-01, 0x1F, 007]}, "
                    "b: true, c: {}, d: []}}"),
            R"({"type":"object","required":["a"],"properties":{"a":{"minimum":1.50,)"
            R"("const":"1.50","enum":[1e400,-0,"yes","True",true,null,null,"null","2024-01-01",)"
            R"("0x1F","007"]},"b":true,"c":{},"d":[]}})");
}

TEST(Schema, InlineTextsAreEscaped) {
  EXPECT_EQ(json_of(R"({"a\"b\\c": "line\nbell\u0007", 'é': '😀'})"),
            R"({"a\"b\\c":"line\nbell\u0007","é":"😀"})");
}

TEST(Schema, InlineHasAPlaceForEveryValue) {
  const PipelineConfig config =
      config_of(smallest_with("schema:\n"
                              "  properties:\n"
                              "    a/b: {type: string}\n"
                              "    c~d: {enum: [1, 22]}\n"
                              "    '': true\n"));

  ASSERT_TRUE(config.schema.has_value());
  EXPECT_EQ(config.schema->file, "");
  EXPECT_EQ(config.schema->place.line, 7);
  EXPECT_EQ(config.schema->place.column, 1);
  const auto at = [&config](const std::string& pointer) {
    const auto found = config.schema->places.find(pointer);
    if (found == config.schema->places.end()) return std::string("absent");
    EXPECT_EQ(found->second.file, "p.yaml");
    return std::to_string(found->second.line) + ":" + std::to_string(found->second.column);
  };
  EXPECT_EQ(at(""), "8:3");
  EXPECT_EQ(at("/properties"), "9:5");
  EXPECT_EQ(at("/properties/a~1b"), "9:10");
  EXPECT_EQ(at("/properties/a~1b/type"), "9:17");
  EXPECT_EQ(at("/properties/c~0d/enum/1"), "10:21");
  EXPECT_EQ(at("/properties/"), "11:9");
  EXPECT_EQ(config.schema->places.size(), 9U);
}

TEST(Schema, TrueAndFalseAreSchemas) {
  EXPECT_EQ(json_of("true"), "true");
  EXPECT_EQ(json_of("false"), "false");
  EXPECT_THAT(problems_in(with_schema("'true'")),
              ElementsAre(HasSubstr("p.yaml:7:9: 'schema' names the file 'true': cannot open")));
}

TEST(Schema, OtherShapesAreErrors) {
  EXPECT_THAT(problems_in(with_schema("[]")),
              ElementsAre("p.yaml:7:9: 'schema' must be a JSON Schema (a map, true or false), not "
                          "a list"));
  EXPECT_THAT(problems_in(with_schema("")),
              ElementsAre("p.yaml:7:1: 'schema' has no value; it must be a JSON Schema (a map, "
                          "true or false)"));
}

TEST(Schema, AnUnsetVariableInsideIsReportedOnce) {
  EXPECT_THAT(problems_in(with_schema("{title: '${ABSENT}', type: object}")),
              ElementsAre(HasSubstr("p.yaml:7:17: the environment variable 'ABSENT' is not set")));
}

TEST(Schema, DeepNestingIsAnErrorAtItsPlace) {
  const std::string deep = std::string(kSchemaDepthMax, '[') + std::string(kSchemaDepthMax, ']');
  EXPECT_THAT(problems_in(with_schema("{a: " + deep.substr(1, deep.size() - 2) + "}")), IsEmpty());
  EXPECT_THAT(problems_in(with_schema("{a: " + deep + "}")),
              ElementsAre("p.yaml:7:268: the schema nests deeper than 256 levels here"));
}

TEST(Schema, LongNamesAboveManyValuesAreAnError) {
  std::string items;
  for (int i = 0; i < 1000; ++i) items += "1,";

  EXPECT_THAT(
      problems_in(with_schema("{? '" + std::string(100'000, 'x') + "' : [" + items + "1]}")),
      ElementsAre(HasSubstr("the schema has too many values below too long names here")));
}

TEST(Schema, WithoutASchemaWhatSaysHowToReadItIsAnError) {
  EXPECT_THAT(
      problems_in(smallest_with("schema_sources: [{prefix: 'http://x/', dir: /tmp}]\n"
                                "schema_draft: draft-07\nformats: assert\n")),
      ElementsAre("p.yaml:7:1: 'schema_sources' says how to read the schema, and there is no key "
                  "'schema'",
                  "p.yaml:8:1: 'schema_draft' says how to read the schema, and there is no key "
                  "'schema'",
                  "p.yaml:9:1: 'formats' says how to read the schema, and there is no key "
                  "'schema'"));
}

TEST(Schema, DraftAndFormatsAreRead) {
  const PipelineConfig without = config_of(with_schema("{}"));
  EXPECT_EQ(without.schema_draft, SchemaDraft::k202012);
  EXPECT_EQ(without.formats, Formats::kAnnotate);

  const PipelineConfig with = config_of(with_schema("{}\nschema_draft: draft-07\nformats: assert"));
  EXPECT_EQ(with.schema_draft, SchemaDraft::k7);
  EXPECT_EQ(with.formats, Formats::kAssert);

  const PipelineConfig defaults =
      config_of(with_schema("{}\nschema_draft: 2020-12\nformats: annotate"));
  EXPECT_EQ(defaults.schema_draft, SchemaDraft::k202012);
  EXPECT_EQ(defaults.formats, Formats::kAnnotate);

  EXPECT_THAT(problems_in(with_schema("{}\nschema_draft: draft-04\nformats: yes")),
              ElementsAre("p.yaml:8:15: 'schema_draft' must be 2020-12 or draft-07, not 'draft-04'",
                          "p.yaml:9:10: 'formats' must be annotate or assert, not 'yes'"));
}

TEST(SchemaSources, AreReadRelativeToThePipeline) {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder.path("schemas"));
  const std::string path = folder.write(
      "p.yaml", with_schema("{}\nschema_sources: [{prefix: 'http://localhost:1234/', dir: "
                            "schemas}, {prefix: 'urn:x:', dir: .}]"));

  const Loaded loaded = load_file(path, environment({}));

  ASSERT_THAT(lines_of(loaded), IsEmpty());
  ASSERT_EQ(loaded.config.schema_sources.size(), 2U);
  EXPECT_EQ(loaded.config.schema_sources[0].prefix.value, "http://localhost:1234/");
  EXPECT_EQ(loaded.config.schema_sources[0].prefix.place.line, 8);
  EXPECT_EQ(loaded.config.schema_sources[0].dir, folder.path("schemas"));
}

TEST(SchemaSources, WrongOnesAreErrors) {
  const TemporaryFolder folder;
  const std::string file = folder.write("file", "");
  const auto problems_of = [](const std::string& sources) {
    return problems_in(with_schema("{}\nschema_sources: " + sources));
  };

  EXPECT_THAT(problems_of("[{prefix: schemas/, dir: /tmp}]"),
              ElementsAre("p.yaml:8:27: 'schema_sources.prefix' must be the beginning of absolute "
                          "addresses that ends with '/' or ':', such as "
                          "https://example.com/schemas/, not 'schemas/'"));
  EXPECT_THAT(problems_of("[{prefix: 'http://x/', dir: /nowhere/at/all}]"),
              ElementsAre("p.yaml:8:45: 'schema_sources.dir' names the folder '/nowhere/at/all', "
                          "which is not there"));
  EXPECT_THAT(problems_of("[{prefix: 'http://x/', dir: " + file + "}]"),
              ElementsAre("p.yaml:8:45: 'schema_sources.dir' names the folder '" + file +
                          "', which is a file"));
  EXPECT_THAT(problems_of("[{}]"),
              ElementsAre("p.yaml:8:18: the key 'prefix' is missing in 'schema_sources'; write how "
                          "the addresses begin that lie in the folder",
                          "p.yaml:8:18: the key 'dir' is missing in 'schema_sources'; name the "
                          "folder of the schemas"));
  EXPECT_THAT(problems_of("[{prefix: 'http://x/', dir: /tmp, url: x}]"),
              ElementsAre("p.yaml:8:51: unknown key 'url' in 'schema_sources'; known here: prefix "
                          "or dir"));
  EXPECT_THAT(
      problems_of("\n- {prefix: 'http://x/', dir: /tmp}\n- {prefix: 'http://x/', dir: /}"),
      ElementsAre("p.yaml:10:12: 'schema_sources.prefix' is 'http://x/', which stands in line 9 "
                  "already"));
  EXPECT_THAT(problems_of("{prefix: 'http://x/', dir: /tmp}"),
              ElementsAre("p.yaml:8:17: 'schema_sources' must be a list of {prefix: ADDRESS, dir: "
                          "FOLDER}, not a map"));
  EXPECT_THAT(problems_of("[x]"),
              ElementsAre("p.yaml:8:18: 'schema_sources' must be a map such as {prefix: "
                          "'https://example.com/schemas/', dir: schemas}, not 'x'"));
}

TEST(SchemaFile, OfJsonIsTakenAsItStands) {
  const TemporaryFolder folder;
  const std::string text =
      "\n{\n\t\"const\": \"\\ud83d\\ude00 ${NOT_A_VARIABLE}\",\n\t\"minimum\": 1.50\n}\n";
  const std::string file = folder.write("s.json", text);
  const std::string path = folder.write("p.yaml", with_schema("s.json"));

  const Loaded loaded = load_file(path, environment({}));

  ASSERT_THAT(lines_of(loaded), IsEmpty());
  EXPECT_EQ(loaded.config.schema->json, text);
  EXPECT_EQ(loaded.config.schema->file, file);
  EXPECT_EQ(loaded.config.schema->place.file, file);
  EXPECT_EQ(loaded.config.schema->place.line, 1);
  EXPECT_THAT(loaded.config.schema->places, IsEmpty());
}

TEST(SchemaFile, OfJsonMayBeTrueOrFalseAndBeginWithAByteOrderMark) {
  const TemporaryFolder folder;

  EXPECT_EQ(json_of(folder.write("true.json", " true\n")), " true\n");
  EXPECT_EQ(json_of(folder.write("false.json", "false")), "false");
  EXPECT_EQ(json_of(folder.write("mark.json", "\xEF\xBB\xBF{}")), "{}");
}

TEST(SchemaFile, OfYamlIsConvertedAndKeepsVariablesAndPlaces) {
  const TemporaryFolder folder;
  const std::string file =
      folder.write("s.yaml", "required: [a]\ndescription: '${NOT_A_VARIABLE}'\n");

  const PipelineConfig config = config_of(with_schema(file));

  EXPECT_EQ(config.schema->json, R"({"required":["a"],"description":"${NOT_A_VARIABLE}"})");
  EXPECT_EQ(config.schema->file, file);
  EXPECT_EQ(config.schema->places.at("/required/0").file, file);
  EXPECT_EQ(config.schema->places.at("/required/0").line, 1);
  EXPECT_EQ(config.schema->places.at("/required/0").column, 12);
}

TEST(SchemaFile, NamedYamlIsYamlEvenWhereItBeginsWithABrace) {
  const TemporaryFolder folder;

  EXPECT_EQ(json_of(folder.write("s.yml", "{type: object}\n")), R"({"type":"object"})");
}

TEST(SchemaFile, ThatCannotBeReadIsAnErrorAtItsName) {
  EXPECT_THAT(problems_in(with_schema("nowhere/s.json")),
              ElementsAre("p.yaml:7:9: 'schema' names the file 'nowhere/s.json': cannot open the "
                          "file: No such file or directory"));
  EXPECT_THAT(problems_in(with_schema("/tmp")), ElementsAre(HasSubstr("this is a directory")));
}

TEST(SchemaFile, ProblemsPointIntoItAndComeAfterThePipelines) {
  const TemporaryFolder folder;
  const std::string schema = folder.write("s.yaml", "a: 1\na: 2\n");
  const std::string path = folder.write("p.yaml", with_schema("s.yaml") + "workers: 0\n");

  EXPECT_THAT(lines_of(load_file(path, environment({}))),
              ElementsAre(HasSubstr(path + ":8:10: 'workers' must be"),
                          schema + ":2:1: duplicate key 'a': it stands in line 1 already"));
}

TEST(SchemaFile, ThatIsNoSchemaIsAnErrorInside) {
  const TemporaryFolder folder;
  const std::string list = folder.write("list.json", "[1]\n");
  const std::string broken = folder.write("broken.yaml", "{\"a\": \n");
  const std::string empty = folder.write("empty.json", "");

  EXPECT_THAT(problems_in(with_schema(list)),
              ElementsAre(list + ":1:1: 'schema' must be a JSON Schema (a map, true or false), not "
                                 "a list"));
  EXPECT_THAT(problems_in(with_schema(broken)),
              ElementsAre(HasSubstr(broken + ":2:1: this is not valid YAML: ")));
  EXPECT_THAT(problems_in(with_schema(empty)), ElementsAre(empty + ": the file is empty"));
}

}  // namespace
}  // namespace millrace::config
