// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/config/one_step.h"

namespace millrace::config {
namespace {

using ::testing::Pair;

const std::string kLookupWithCsv = "steps:\n  - lookup: {field: a, csv: table.csv";

// A pipeline in a folder, with a CSV file beside it.
class LookupCsv : public ::testing::Test {
 protected:
  Loaded load_with(const std::string& csv, const std::string& keys = "") {
    folder_.write("table.csv", csv);
    folder_.write("p.yaml", smallest_with(kLookupWithCsv + keys + "}\n"));
    return load_file(folder_.path("p.yaml"), environment({}));
  }

  std::vector<std::pair<std::string, std::string>> table_of(const std::string& csv,
                                                            const std::string& keys = "") {
    const Loaded loaded = load_with(csv, keys);
    EXPECT_THAT(lines_of(loaded), IsEmpty());
    return std::get<LookupStep>(loaded.config.steps.at(0).step).table;
  }

  std::vector<std::string> csv_problems(const std::string& csv, const std::string& keys = "") {
    std::vector<std::string> lines = lines_of(load_with(csv, keys));
    for (std::string& line : lines) {
      for (size_t at = line.find(folder_.path("")); at != std::string::npos;
           at = line.find(folder_.path(""))) {
        line.erase(at, folder_.path("").size());
      }
    }
    return lines;
  }

  TemporaryFolder folder_;
};

TEST(LookupStep, HasATableOfTextsAndValues) {
  const auto step = only_step<LookupStep>(
      "lookup: {field: a.b, table: {android: Android Device, 'null': null, 1: 2, x: [1]}}");

  EXPECT_EQ(step.field.text, "a.b");
  EXPECT_EQ(step.unmapped, LookupStep::Unmapped::kKeep);
  EXPECT_EQ(step.into, std::nullopt);
  EXPECT_THAT(step.table, ElementsAre(Pair("android", "\"Android Device\""), Pair("null", "null"),
                                      Pair("1", "2"), Pair("x", "[1]")));
}

TEST(LookupStep, SaysWhatBecomesOfTheUnmapped) {
  const auto unmapped = [](const std::string& word) {
    return only_step<LookupStep>("lookup: {field: a, table: {x: y}, unmapped: " + word + "}")
        .unmapped;
  };
  EXPECT_EQ(unmapped("keep"), LookupStep::Unmapped::kKeep);
  EXPECT_EQ(unmapped("null"), LookupStep::Unmapped::kNull);
  EXPECT_EQ(unmapped("'null'"), LookupStep::Unmapped::kNull);
  EXPECT_EQ(unmapped("reject"), LookupStep::Unmapped::kReject);
}

TEST(LookupStep, MayWriteElsewhere) {
  EXPECT_EQ(only_step<LookupStep>("lookup: {field: a, table: {x: y}, into: b.c}").into->text,
            "b.c");
  EXPECT_THAT(step_problems("lookup: {field: a, table: {x: y}, into: '[\"a\"]'}"),
              ElementsAre("p.yaml:8:45: 'lookup.into' is the field itself; leave it out, and the "
                          "field gets the new value"));
}

TEST(LookupStep, OtherValuesAreErrors) {
  EXPECT_THAT(step_problems("lookup: {}"),
              ElementsAre("p.yaml:8:5: the key 'field' is missing in 'lookup'; write the path of "
                          "what is looked up",
                          "p.yaml:8:5: 'lookup' needs exactly one of the keys 'table' and 'csv', "
                          "and has none"));
  EXPECT_THAT(step_problems("lookup: {field: a, table: {x: y}, csv: b}"),
              ElementsAre("p.yaml:8:5: 'lookup' needs exactly one of the keys 'table' and 'csv', "
                          "and has both"));
  EXPECT_THAT(step_problems("lookup: {field: a, table: {}, unmapped: drop}"),
              ElementsAre("p.yaml:8:31: 'lookup.table' is empty; write {text: value}",
                          "p.yaml:8:45: 'lookup.unmapped' must be keep, null or reject, not "
                          "'drop'"));
  EXPECT_THAT(step_problems("lookup: {field: a, table: [x], header: true}"),
              ElementsAre("p.yaml:8:31: 'lookup.table' must be a map of texts and what they "
                          "become, not a list",
                          "p.yaml:8:44: 'lookup.header' is about the first row of a 'csv'; there "
                          "is none here"));
  EXPECT_THAT(step_problems("lookup: {field: a, table: {x: 1, x: 2}}"),
              ElementsAre("p.yaml:8:38: duplicate key 'x': it stands in line 8 already"));
}

TEST_F(LookupCsv, IsRelativeToThePipeline) {
  EXPECT_THAT(
      table_of("DE,Germany\n\"A,B\",\"say \"\"hi\"\"\"\nx,1\n"),
      ElementsAre(Pair("DE", "\"Germany\""), Pair("A,B", R"("say \"hi\"")"), Pair("x", "\"1\"")));
}

TEST_F(LookupCsv, MayHaveAHeader) {
  EXPECT_THAT(table_of("code,name\nDE,Germany\n", ", header: true"),
              ElementsAre(Pair("DE", "\"Germany\"")));
  EXPECT_THAT(table_of("code,name\nDE,Germany\n", ", header: false"),
              ElementsAre(Pair("code", "\"name\""), Pair("DE", "\"Germany\"")));
}

TEST_F(LookupCsv, ProblemsHaveTheFileAndTheLine) {
  EXPECT_THAT(
      csv_problems("a,b\nc\nd,e,f\na,x\n\"g\"h,i\n"),
      ElementsAre(
          "table.csv:2:1: this row has 1 columns, and needs two: a text and what it becomes",
          "table.csv:3:1: this row has 3 columns, and needs two: a text and what it becomes",
          "table.csv:4:1: the text 'a' stands in line 1 already",
          "table.csv:5:1: a double quote must begin and end a column; inside of one it is "
          "written twice"));
  EXPECT_THAT(csv_problems("a,b\nc,d\xFF\n"),
              ElementsAre("table.csv:2:4: the file is not valid UTF-8 here"));
  EXPECT_THAT(
      csv_problems("code\n", ", header: true"),
      ElementsAre("table.csv:1:1: this row has 1 columns, and needs two: a text and what it "
                  "becomes"));
}

TEST_F(LookupCsv, AnEmptyFileIsAnError) {
  EXPECT_THAT(csv_problems("\n"),
              ElementsAre("p.yaml:8:29: 'lookup.csv' names the file 'table.csv', which has no "
                          "rows"));
  EXPECT_THAT(csv_problems("a,b\n", ", header: true"), ElementsAre(HasSubstr("which has no rows")));
}

TEST_F(LookupCsv, ManyProblemsAreCutOff) {
  std::string csv;
  for (int i = 0; i < 100'000; ++i) csv += "a\n";

  const auto lines = csv_problems(csv);

  ASSERT_EQ(lines.size(), 21U);
  EXPECT_EQ(lines.back(), "table.csv:21:1: more problems follow in this file");
}

TEST_F(LookupCsv, ALargeFileIsReadInTime) {
  std::string csv;
  for (int i = 0; i < 200'000; ++i) csv += "key" + std::to_string(i) + ",value\n";

  EXPECT_EQ(table_of(csv).size(), 200'000U);
}

TEST_F(LookupCsv, AMissingFileIsAnError) {
  EXPECT_THAT(problems_in(smallest_with(kLookupWithCsv + "}\n")),
              ElementsAre("p.yaml:8:29: 'lookup.csv' names the file 'table.csv': cannot open the "
                          "file: No such file or directory"));
}

}  // namespace
}  // namespace millrace::config
