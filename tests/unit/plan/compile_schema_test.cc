// SPDX-License-Identifier: Apache-2.0
#include "engine/plan/compile_schema.h"

#include <filesystem>
#include <fstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/plan/pipeline_run.h"

namespace millrace::plan::testing {
namespace {

using ::testing::HasSubstr;

// A folder of its own with the given files.
class SchemaFilesTest : public ::testing::Test {
 protected:
  SchemaFilesTest()
      : folder_(std::filesystem::path(::testing::TempDir()) /
                ::testing::UnitTest::GetInstance()->current_test_info()->name()) {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_ / "more");
  }

  ~SchemaFilesTest() override { std::filesystem::remove_all(folder_); }

  void write(const std::string& name, const std::string& text) {
    std::ofstream(folder_ / name) << text;
  }

  config::Loaded load(const std::string& rest) {
    write("p.yaml",
          "pipeline: p\nkafka: {bootstrap.servers: \"b:1\"}\ninput: {topic: in, group: g}\n"
          "output: {topic: out}\ndead_letters: {topic: dead}\n"
          "delivery: {guarantee: at_least_once}\n" +
              rest);
    return config::load_file((folder_ / "p.yaml").string(),
                             [](const std::string&) { return std::nullopt; });
  }

  // The first problem as the user sees it, without the folder; "" where there is none.
  std::string problem(const std::string& rest) {
    const config::Loaded loaded = load(rest);
    std::vector<config::Problem> problems = loaded.problems;
    for (config::Problem& one : Plan::compile(loaded.config).problems)
      problems.push_back(std::move(one));
    if (problems.empty()) return "";
    std::string text = config::to_string(problems[0]);
    const std::string folder = folder_.string() + "/";
    for (size_t at = text.find(folder); at != std::string::npos; at = text.find(folder))
      text.erase(at, folder.size());
    return text;
  }

  std::string outcome(const std::string& rest, const std::string& value) {
    config::Loaded loaded = load(rest);
    EXPECT_TRUE(loaded.problems.empty()) << config::to_string(loaded.problems[0]);
    return Pipeline(loaded.config).outcome(value);
  }

  std::filesystem::path folder_;
};

TEST_F(SchemaFilesTest, AFileBesideThePipeline) {
  write("s.json", R"({"required": ["a"]})");
  EXPECT_EQ(outcome("schema: s.json\n", "{}"), "schema:/required/a: 'a' is a required property");
}

TEST_F(SchemaFilesTest, RelativeReferencesAreFilesBesideIt) {
  write("s.json", R"({"properties": {"a": {"$ref": "more/t.json#/$defs/x"}}})");
  write("more/t.json", R"({"$defs": {"x": {"type": "string"}}})");
  EXPECT_THAT(outcome("schema: s.json\n", R"({"a":1})"), HasSubstr("1 is not of type 'string'"));
}

TEST_F(SchemaFilesTest, InlineSchemasReferToFilesToo) {
  write("t.json", R"({"type": "string"})");
  EXPECT_THAT(outcome("schema: {properties: {a: {$ref: t.json}}}\n", R"({"a":1})"),
              HasSubstr("1 is not of type 'string'"));
}

TEST_F(SchemaFilesTest, AddressesAreMappedToFolders) {
  write("more/t.json", R"({"type": "string"})");
  const std::string sources =
      "schema: {properties: {a: {$ref: 'http://localhost:1234/t.json'}}}\n"
      "schema_sources: [{prefix: 'http://localhost:1234/', dir: more}]\n";
  EXPECT_THAT(outcome(sources, R"({"a":1})"), HasSubstr("1 is not of type 'string'"));
}

TEST_F(SchemaFilesTest, NoAddressLeadsOutOfItsFolder) {
  write("t.json", R"({"type": "string"})");
  const std::string reference = problem(
      "schema: {properties: {a: {$ref: 'http://localhost:1234/..%2Ft.json'}}}\n"
      "schema_sources: [{prefix: 'http://localhost:1234/', dir: more}]\n");
  EXPECT_THAT(reference, HasSubstr("localhost:1234"));
}

TEST_F(SchemaFilesTest, NothingIsFetched) {
  EXPECT_THAT(problem("schema: {$ref: 'http://localhost:1234/t.json'}\n"), HasSubstr("p.yaml:7:"));
}

TEST_F(SchemaFilesTest, ProblemsHaveTheirPlaceInTheYaml) {
  EXPECT_THAT(problem("schema:\n  properties:\n    a:\n      pattern: '('\n"),
              HasSubstr("p.yaml:10:16: "));
}

TEST_F(SchemaFilesTest, ProblemsHaveTheirPlaceInAJsonFile) {
  write("s.json", "{\n  \"properties\": {\n    \"a\": {\"pattern\": \"(\"}\n  }\n}\n");
  EXPECT_THAT(problem("schema: s.json\n"), HasSubstr("s.json:3:22: "));
}

TEST_F(SchemaFilesTest, ProblemsHaveTheirPlaceInADocumentThatIsReferredTo) {
  write("s.json", R"({"properties": {"a": {"$ref": "t.json"}}})");
  write("t.json", "{\n  \"type\": \"strin\"\n}\n");
  EXPECT_THAT(problem("schema: s.json\n"), HasSubstr("t.json:2:11: "));
}

TEST_F(SchemaFilesTest, AKeywordThatNobodyKnowsIsAWarning) {
  const std::string text = problem("schema: {require: [a]}\n");
  EXPECT_THAT(text, HasSubstr("warning"));
  EXPECT_THAT(text, HasSubstr("required"));
  EXPECT_EQ(outcome("schema: {require: [a]}\n", "{}"), "{}");
}

TEST_F(SchemaFilesTest, FormatsAreAnnotationsUnlessAsserted) {
  const std::string schema = "schema: {properties: {a: {format: ipv4}}}\n";
  EXPECT_EQ(outcome(schema, R"({"a":"x"})"), R"({"a":"x"})");
  EXPECT_THAT(outcome(schema + "formats: assert\n", R"({"a":"x"})"),
              HasSubstr("schema:/properties/a/format: 'x' is not a 'ipv4'"));
}

TEST_F(SchemaFilesTest, TheDraftIsTheFilesChoiceWhereTheSchemaDoesNotSay) {
  const std::string schema = "schema: {properties: {a: {items: [{type: string}]}}}\n";
  EXPECT_THAT(outcome(schema + "schema_draft: draft-07\n", R"({"a":[1]})"),
              HasSubstr("1 is not of type 'string'"));
  EXPECT_NE(problem(schema), "");
}

}  // namespace
}  // namespace millrace::plan::testing
