// SPDX-License-Identifier: Apache-2.0
// Copies, routes and pieces: where records go, and how they are counted.
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/plan/pipeline_run.h"

namespace millrace::plan::testing {
namespace {

using record::Outcome;
using record::OutputRole;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// "TOPIC VALUE" of each output.
std::vector<std::string> shown(const std::vector<Sent>& outputs) {
  std::vector<std::string> texts;
  for (const Sent& output : outputs)
    texts.push_back(output.topic + " " + output.value.value_or("null"));
  return texts;
}

std::vector<std::string> sent(const std::string& steps, const std::string& value) {
  Pipeline pipeline(config_with_steps(steps));
  return shown(pipeline.run({{value}}));
}

TEST(Emit, SendsTheRecordAsItIsThereAndGoesOn) {
  Pipeline pipeline(config_with_steps("  - emit: first\n  - add: {b: 2}\n  - emit: second\n"));
  const std::vector<Sent> outputs = pipeline.run({{.value = R"({"a": 1})", .key = "k"}});
  EXPECT_THAT(shown(outputs),
              ElementsAre(R"(first {"a":1})", R"(second {"a":1,"b":2})", R"(out {"a":1,"b":2})"));
  EXPECT_EQ(outputs[0].role, OutputRole::kCopy);
  EXPECT_EQ(outputs[2].role, OutputRole::kRecord);
  EXPECT_EQ(outputs[0].key, "k");
  EXPECT_EQ(pipeline.shard().outputs().copies, 2U);
  EXPECT_EQ(pipeline.shard().emitted(), 1U);
}

TEST(Emit, CopiesStayWhateverBecomesOfTheRecord) {
  const std::string steps = "  - emit: copies\n  - keep_if: {field: v, version_at_least: 2}\n";
  EXPECT_THAT(sent(steps, R"({"v":"1"})"), ElementsAre(R"(copies {"v":"1"})"));
  EXPECT_THAT(sent(steps, R"({"v":1})"), ElementsAre(R"(copies {"v":1})", R"(dead {"v":1})"));
}

TEST(Emit, CopiesCountTowardsTheExpansionOfTheRecord) {
  std::string steps;
  for (int i = 0; i < 20; ++i) steps += "  - emit: copies\n";
  Pipeline pipeline(config_with_steps(steps));
  const std::string value = "{\"v\":\"" + std::string(100'000, 'x') + "\"}";
  const std::vector<Sent> outputs = pipeline.run({{value}});
  EXPECT_EQ(outputs.back().header("millrace.reason"), "output:expansion");
  EXPECT_EQ(pipeline.shard().emitted(), 0U);
  EXPECT_EQ(pipeline.shard().outputs().copies, 16U);
}

TEST(Route, TheFirstCaseThatHoldsDecides) {
  const std::string steps =
      "  - route:\n    - {when: {field: c, equals: DE}, topic: german}\n"
      "    - {when: {field: c, exists: true}, topic: foreign}\n";
  EXPECT_THAT(sent(steps, R"({"c":"DE"})"), ElementsAre(R"(german {"c":"DE"})"));
  EXPECT_THAT(sent(steps, R"({"c":"FR"})"), ElementsAre(R"(foreign {"c":"FR"})"));
  EXPECT_THAT(sent(steps, "{}"), ElementsAre("out {}"));
}

TEST(Route, ACaseWithoutConditionTakesTheRest) {
  const std::string steps =
      "  - route:\n    - {when: {field: c, equals: DE}, topic: german}\n    - {topic: rest}\n";
  EXPECT_THAT(sent(steps, "{}"), ElementsAre("rest {}"));
}

TEST(Route, WhatCannotBeDecidedIsADeadLetter) {
  const std::string steps = "  - route:\n    - {when: {field: n, at_least: 10}, topic: large}\n";
  EXPECT_THAT(sent(steps, R"({"n":10})"), ElementsAre(R"(large {"n":10})"));
  Pipeline pipeline(config_with_steps(steps));
  EXPECT_THAT(pipeline.outcome("{}"), HasSubstr("step:1:route: 'n' is absent"));
}

TEST(Explode, MakesOneRecordOfEachElementInPlaceOfTheArray) {
  Pipeline pipeline(config_with_steps("  - explode: i\n"));
  const std::vector<Sent> outputs =
      pipeline.run({{R"({"a": 1.50, "i": [1, {"x": [ ]}, null], "b": "ü"})"}});
  EXPECT_THAT(shown(outputs), ElementsAre(R"(out {"a":1.50,"i":1,"b":"ü"})",
                                          R"(out {"a":1.50,"i":{"x": [ ]},"b":"ü"})",
                                          R"(out {"a":1.50,"i":null,"b":"ü"})"));
  EXPECT_EQ(outputs[1].role, OutputRole::kPiece);
  EXPECT_EQ(outputs[2].input, 0U);
  EXPECT_EQ(pipeline.shard().emitted(), 1U);
  EXPECT_EQ(pipeline.shard().outputs().exploded, 1U);
  EXPECT_EQ(pipeline.shard().outputs().pieces, 3U);
}

TEST(Explode, TheElementsAloneWhereSaid) {
  EXPECT_THAT(sent("  - explode: {field: i, piece: element}\n", R"({"a":1,"i":[{"x":1},{"x":2}]})"),
              ElementsAre(R"(out {"x":1})", R"(out {"x":2})"));
}

TEST(Explode, StepsBehindItSeeThePieces) {
  const std::string steps =
      "  - explode: {field: i, piece: element}\n"
      "  - keep_if: {field: n, at_least: 2}\n  - add: {d: 1}\n"
      "  - route: [{when: {field: n, at_least: 3}, topic: large}]\n";
  EXPECT_THAT(sent(steps, R"({"i":[{"n":1},{"n":2},{"n":3}]})"),
              ElementsAre(R"(out {"n":2,"d":1})", R"(large {"n":3,"d":1})"));
}

TEST(Explode, IsAllOrNothing) {
  Pipeline pipeline(
      config_with_steps("  - emit: before\n  - explode: {field: i, piece: element}\n"
                        "  - emit: pieces\n  - cast: {field: n, to: int}\n"));
  const std::string value = R"({"i":[{"n":"1"},{"n":"x"}]})";
  const std::vector<Sent> outputs = pipeline.run({{value}});
  EXPECT_THAT(shown(outputs), ElementsAre("before " + value, "dead " + value));
  EXPECT_EQ(outputs[1].header("millrace.reason"), "step:4:cast");
  EXPECT_EQ(outputs[1].header("millrace.value_pointer"), "/n");
  EXPECT_EQ(pipeline.shard().outputs().copies, 1U);
  EXPECT_EQ(pipeline.shard().outputs().pieces, 0U);
  EXPECT_EQ(pipeline.shard().dead_lettered(), 1U);
}

TEST(Explode, ARecordWithoutPiecesIsFiltered) {
  Pipeline pipeline(config_with_steps("  - explode: i\n  - drop_if: {field: i, equals: 1}\n"));
  EXPECT_TRUE(pipeline.run({{R"({"i":[]})"}, {R"({"i":[1,1]})"}}).empty());
  EXPECT_THAT(pipeline.batch().outcomes(), ElementsAre(Outcome::kFiltered, Outcome::kFiltered));
}

TEST(Explode, AnEmptyArrayIsADeadLetterWhereSaid) {
  Pipeline pipeline(config_with_steps("  - explode: {field: i, empty: reject}\n"));
  EXPECT_EQ(pipeline.outcome(R"({"i":[]})"), "step:1:explode: 'i' is empty");
}

TEST(Explode, WhatIsNoArrayIsADeadLetter) {
  Pipeline pipeline(config_with_steps("  - explode: a.i\n"));
  for (const char* value : {R"({"a":{"i":{}}})", R"({"a":{"i":null}})", R"({"a":1})", "{}"})
    EXPECT_EQ(pipeline.outcome(value), "step:1:explode: 'a.i' is no array") << value;
}

TEST(Explode, TwiceMakesPiecesOfPieces) {
  EXPECT_THAT(sent("  - explode: a\n  - explode: a.b\n", R"({"a":[{"b":[1,2]},{"b":[3]}]})"),
              ElementsAre(R"(out {"a":{"b":1}})", R"(out {"a":{"b":2}})", R"(out {"a":{"b":3}})"));
}

TEST(Explode, SeesWhatTheStepsBeforeMade) {
  EXPECT_THAT(sent("  - unwrap: t\n  - uppercase: t[0].x\n  - explode: t\n",
                   R"({"t":"[{\"x\":\"a\"},2]"})"),
              ElementsAre(R"(out {"t":{"x":"A"}})", R"(out {"t":2})"));
}

// 10,000 elements around which 100 KB stand: a gigabyte, were it made.
TEST(Explode, RefusesToGrowBeyondMeasure) {
  std::string value = "{\"around\":\"" + std::string(100'000, 'x') + "\",\"i\":[0";
  for (int i = 0; i < 10'000; ++i) value += ",1";
  value += "]}";
  Pipeline pipeline(config_with_steps("  - explode: i\n"));
  EXPECT_THAT(pipeline.outcome(value), HasSubstr("output:expansion"));
}

// A million pieces of pieces, all of them filtered in the end.
TEST(Explode, RefusesToGrowBeyondMeasureInSteps) {
  std::string list = "[0";
  for (int i = 0; i < 99; ++i) list += ",1";
  list += "]";
  Pipeline pipeline(
      config_with_steps("  - explode: a\n  - explode: b\n  - explode: c\n"
                        "  - drop_if: {field: a, exists: true}\n"));
  EXPECT_THAT(pipeline.outcome("{\"a\":" + list + ",\"b\":" + list + ",\"c\":" + list + "}"),
              HasSubstr("output:expansion"));
}

// What the relay of an older pipeline did: texts that hold JSON, arrays in pieces.
TEST(Explode, TheRecordItself) {
  Pipeline pipeline(config_of({.input = "{topic: in, group: g, values: any}",
                               .rest = "steps:\n  - unwrap: .\n  - explode: .\n"}));
  EXPECT_THAT(shown(pipeline.run({{R"("[{\"a\":1},[2]]")"}})),
              ElementsAre(R"(out {"a":1})", "out [2]"));
  EXPECT_THAT(pipeline.outcome(R"({"a":1})"), HasSubstr("step:1:unwrap"));
}

TEST(Explode, InsightsCountTheRecordOnce) {
  Pipeline pipeline(config_of({.rest = "steps:\n  - explode: i\ninsights:\n  - count_by: c\n"}));
  pipeline.run({{R"({"c":"x","i":[1,2,3]})"}});
  EXPECT_EQ(counts(pipeline.shard(), 0), "x=1");
}

TEST(Stage, SendsItsRejectsToItsOwnTopic) {
  Pipeline pipeline(
      config_with_steps("  - cast: {field: a, to: int}\n"
                        "  - stage:\n      name: second\n      dead_letters: own\n"
                        "      steps: [{cast: {field: b, to: int}}]\n"
                        "  - cast: {field: c, to: int}\n    dead_letters: third\n"));
  const Sent first = pipeline.one(R"({"a":"x"})");
  EXPECT_EQ(first.topic, "dead");
  EXPECT_EQ(first.header("millrace.stage"), "");
  const Sent second = pipeline.one(R"({"b":"x"})");
  EXPECT_EQ(second.topic, "own");
  EXPECT_EQ(second.header("millrace.reason"), "step:2:cast");
  EXPECT_EQ(second.header("millrace.stage"), "second");
  EXPECT_EQ(pipeline.one(R"({"c":"x"})").topic, "third");
  EXPECT_EQ(pipeline.one("{").topic, "dead");
}

TEST(Stage, ItsTopicIsUsedEvenWhereOthersAreDiscarded) {
  config::PipelineConfig config =
      config_of({.dead_letters = "discard",
                 .rest = "steps:\n  - cast: {field: a, to: int}\n    dead_letters: own\n"});
  Pipeline pipeline(config);
  const std::vector<Sent> outputs = pipeline.run({{"{"}, {R"({"a":"x"})"}});
  EXPECT_THAT(shown(outputs), ElementsAre(R"(own {"a":"x"})"));
  EXPECT_EQ(pipeline.shard().outputs().letters_discarded, 1U);
}

}  // namespace
}  // namespace millrace::plan::testing
