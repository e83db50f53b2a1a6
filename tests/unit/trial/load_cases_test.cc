// SPDX-License-Identifier: Apache-2.0
#include "engine/trial/load_cases.h"

#include <chrono>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace millrace::trial {
namespace {

using record::Outcome;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<std::string> problems_of(const std::string& text) {
  std::vector<std::string> lines;
  for (const config::Problem& problem : load_cases_text(text, "p.test.yaml").problems)
    lines.push_back(config::to_string(problem));
  return lines;
}

// The one case of a file that says only what is tested.
Case load_one(const std::string& members) {
  const CaseFile file =
      load_cases_text("cases:\n  - name: one\n    " + members + "\n", "p.test.yaml");
  for (const config::Problem& problem : file.problems) ADD_FAILURE() << config::to_string(problem);
  return file.cases.empty() ? Case{} : file.cases.front();
}

Case load_input(const std::string& members) {
  return load_one(members + "\n    expect: filtered");
}

Expectation load_expectation(const std::string& expect) {
  return load_one("input: {}\n    expect: " + expect).expectation;
}

TEST(LoadCases, AnInputIsCompactJsonWithItsNumbersAsWritten) {
  const Case one = load_input("input: {b: 1.50, a: [x, 'true', true, null, 1e400], \"c d\": {}}");

  EXPECT_EQ(one.name, "one");
  EXPECT_EQ(one.place.line, 2);
  EXPECT_EQ(one.record.value, R"({"b":1.50,"a":["x","true",true,null,1e400],"c d":{}})");
}

TEST(LoadCases, AnInputMayBeAnyBytes) {
  EXPECT_EQ(load_input("input_text: '{\"a\": '").record.value, "{\"a\": ");
  EXPECT_EQ(load_input("input_text: ''").record.value, "");
  EXPECT_EQ(load_input("input_text: ${HOME}").record.value, "${HOME}");
  EXPECT_EQ(load_input("input_base64: /wA=").record.value, std::string("\xff\0", 2));
  EXPECT_EQ(load_input("input: null").record.value, "null");
  EXPECT_EQ(load_input("tombstone: true").record.value, std::nullopt);
}

TEST(LoadCases, WhatElseARecordHas) {
  const CaseRecord record = load_input(
                                "input: {}\n    key: k1\n    headers: {a: b, c: null}\n"
                                "    timestamp: 1720655268000\n    topic: t\n"
                                "    partition: 3\n    offset: 42")
                                .record;

  EXPECT_EQ(record.key, "k1");
  ASSERT_EQ(record.headers.size(), 2U);
  EXPECT_EQ(record.headers[0].name, "a");
  EXPECT_EQ(record.headers[0].value, "b");
  EXPECT_EQ(record.headers[1].value, std::nullopt);
  EXPECT_EQ(record.timestamp_ms, 1'720'655'268'000);
  EXPECT_EQ(record.topic, "t");
  EXPECT_EQ(record.partition, 3);
  EXPECT_EQ(record.offset, 42);
}

TEST(LoadCases, TheClockIsTheCasesTheFilesOrFixed) {
  const CaseFile file = load_cases_text(
      "now: 2024-07-10T23:47:48Z\n"
      "cases:\n"
      "  - {name: a, input: {}, expect: filtered}\n"
      "  - {name: b, input: {}, now: 2024-07-10T23:47:49Z, expect: filtered}\n",
      "p.test.yaml");

  ASSERT_TRUE(file.problems.empty());
  EXPECT_EQ(file.cases[0].now, base::WallTime(std::chrono::seconds(1'720'655'268)));
  EXPECT_EQ(file.cases[1].now, base::WallTime(std::chrono::seconds(1'720'655'269)));
  EXPECT_EQ(load_input("input: {}").now, kDefaultNow);
}

TEST(LoadCases, WhatMayBeExpected) {
  using Kind = ExpectedValue::Kind;
  EXPECT_EQ(load_expectation("filtered").outcome, Outcome::kFiltered);
  EXPECT_EQ(load_expectation("emitted").outcome, Outcome::kEmitted);

  const Expectation json = load_expectation("{output: {a: 1}, key: null, topic: t}");
  EXPECT_EQ(json.outcome, Outcome::kEmitted);
  ASSERT_TRUE(json.output);
  EXPECT_EQ(json.output->value.kind, Kind::kJson);
  EXPECT_EQ(json.output->value.text, R"({"a":1})");
  ASSERT_TRUE(json.output->key);
  EXPECT_EQ(*json.output->key, std::nullopt);
  EXPECT_EQ(json.output->topic, "t");

  EXPECT_EQ(load_expectation("{output_text: '{ }'}").output->value.kind, Kind::kText);
  EXPECT_EQ(load_expectation("{tombstone: true}").output->value.kind, Kind::kTombstone);

  const Expectation list =
      load_expectation("{outputs: [{topic: t, value: 1, key: k}, {value_text: x, partition: 0}]}");
  ASSERT_EQ(list.outputs->size(), 2U);
  EXPECT_EQ(list.outputs->at(0).value.text, "1");
  EXPECT_EQ(list.outputs->at(1).partition, 0);

  const Expectation letter = load_expectation(
      "{dead_letter: {reason: step:1:cast, reason_text: no, topic: t, value_text: x}}");
  EXPECT_EQ(letter.outcome, Outcome::kDeadLettered);
  EXPECT_EQ(letter.reason, "step:1:cast");
  EXPECT_EQ(letter.reason_text, "no");
  EXPECT_EQ(letter.output->topic, "t");
  EXPECT_EQ(letter.output->value.text, "x");
  EXPECT_EQ(load_expectation("{dead_letter: step:1:cast}").reason, "step:1:cast");
  EXPECT_FALSE(load_expectation("{dead_letter: step:1:cast}").output);

  const Expectation copies = load_expectation("{filtered: true, outputs: [{topic: t}]}");
  EXPECT_EQ(copies.outcome, Outcome::kFiltered);
  EXPECT_EQ(copies.outputs->size(), 1U);
  EXPECT_TRUE(load_expectation("{outputs: []}").outputs->empty());
}

TEST(LoadCases, AllProblemsComeAtOnceWithTheirPlaces) {
  EXPECT_THAT(
      problems_of("nwo: 1\n"
                  "cases:\n"
                  "  - name: a\n"
                  "    inptu: {}\n"
                  "    expect: {ouput: {}}\n"
                  "  - input: {}\n"
                  "    input_text: x\n"
                  "    timestamp: soon\n"
                  "    expect: rejected\n"),
      ElementsAre(
          HasSubstr("p.test.yaml:1:1: unknown key 'nwo' in the top level; did you mean 'now'?"),
          HasSubstr("p.test.yaml:3:5: the case has no record"),
          HasSubstr("p.test.yaml:4:5: unknown key 'inptu' in 'cases'; did you mean 'input'?"),
          HasSubstr("p.test.yaml:5:13: 'cases.expect' must say what comes out"),
          HasSubstr("p.test.yaml:5:14: unknown key 'ouput' in 'cases.expect'; did you mean "
                    "'output'?"),
          HasSubstr("p.test.yaml:6:5: the key 'name' is missing"),
          HasSubstr("p.test.yaml:7:17: 'cases.input_text' cannot stand beside 'cases.input'"),
          HasSubstr("p.test.yaml:8:16: 'cases.timestamp' must be a whole number"),
          HasSubstr("p.test.yaml:9:13: 'cases.expect' must be filtered or emitted, not "
                    "'rejected'")));
}

TEST(LoadCases, RefusesWhatCannotBeMeant) {
  const auto refused = [](const std::string& members) {
    return problems_of("cases:\n  - {name: a, " + members + "}\n");
  };
  EXPECT_THAT(refused("input: {}"), ElementsAre(HasSubstr("the key 'expect' is missing")));
  EXPECT_THAT(refused("input: {}, expect: {filtered: true, output: {}}"),
              ElementsAre(HasSubstr("that it is not emitted")));
  EXPECT_THAT(refused("input: {}, expect: {filtered: true, dead_letter: x}"),
              ElementsAre(HasSubstr("cannot stand beside 'dead_letter'")));
  EXPECT_THAT(refused("input: {}, expect: {filtered: false}"),
              ElementsAre(HasSubstr("leave it out instead")));
  EXPECT_THAT(refused("input: {}, expect: {dead_letter: {topic: t}}"),
              ElementsAre(HasSubstr("the key 'reason' is missing")));
  EXPECT_THAT(refused("input: {}, expect: {outputs: [{}]}"),
              ElementsAre(HasSubstr("says nothing")));
  EXPECT_THAT(refused("input_base64: '*', expect: filtered"),
              ElementsAre(HasSubstr("must be bytes in base64")));
  EXPECT_THAT(refused("input: {}, now: noon, expect: filtered"),
              ElementsAre(HasSubstr("must be a time such as 2024-07-10T23:47:48Z")));
  EXPECT_THAT(problems_of("cases: []\n"), ElementsAre(HasSubstr("empty list")));
  EXPECT_THAT(problems_of("[]\n"), ElementsAre(HasSubstr("must be a map with the key 'cases'")));
  EXPECT_THAT(problems_of(""), ElementsAre(HasSubstr("the file is empty")));
}

TEST(LoadCases, ANameStandsOnce) {
  EXPECT_THAT(problems_of("cases:\n"
                          "  - {name: a, input: 1, expect: filtered}\n"
                          "  - {name: a, input: 2, expect: filtered}\n"),
              ElementsAre(HasSubstr("p.test.yaml:3:5: a case named 'a' stands in line 2 already")));
}

TEST(LoadCases, AMissingFileIsAProblem) {
  const CaseFile file = load_cases("no/such.test.yaml");

  ASSERT_EQ(file.problems.size(), 1U);
  EXPECT_EQ(file.problems[0].place.file, "no/such.test.yaml");
}

}  // namespace
}  // namespace millrace::trial
