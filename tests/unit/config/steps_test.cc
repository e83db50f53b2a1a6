// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/config/one_step.h"

namespace millrace::config {
namespace {

TEST(Steps, KeepTheirOrderPlacesAndNumbers) {
  const PipelineConfig config = config_of(
      smallest_with("steps:\n  - lowercase: [a, b]\n  - rename: {a: c}\n  - keep_if: {field: v, "
                    "version_at_least: 2.3}\n"));

  ASSERT_EQ(config.steps.size(), 3U);
  EXPECT_EQ(config.steps[0].kind, "lowercase");
  EXPECT_EQ(config.steps[0].number, 1U);
  EXPECT_EQ(config.steps[0].place.line, 8);
  EXPECT_EQ(config.steps[0].place.column, 5);
  EXPECT_EQ(config.steps[0].stage, "");
  EXPECT_FALSE(config.steps[0].dead_letters.has_value());
  EXPECT_TRUE(std::holds_alternative<RenameStep>(config.steps[1].step));
  EXPECT_EQ(config.steps[2].kind, "keep_if");
  EXPECT_EQ(config.steps[2].number, 3U);
  EXPECT_EQ(config.steps[2].place.line, 10);
}

TEST(Steps, EachIsAMapWithItsKind) {
  const std::string sentence =
      "a step must be a map with one key, the step's kind: '- lowercase: device_type'";
  EXPECT_THAT(step_problems("lowercase"), ElementsAre("p.yaml:8:5: " + sentence));
  EXPECT_THAT(step_problems("{}"), ElementsAre("p.yaml:8:5: " + sentence));
  EXPECT_THAT(step_problems("dead_letters: t"), ElementsAre("p.yaml:8:5: " + sentence));
  EXPECT_THAT(step_problems("[lowercase]"), ElementsAre("p.yaml:8:5: " + sentence));
  EXPECT_THAT(problems_in(smallest_with("steps: {lowercase: a}\n")),
              ElementsAre("p.yaml:7:8: 'steps' must be a list of steps, not a map"));
  EXPECT_THAT(problems_in(smallest_with("steps: []\n")), IsEmpty());
}

TEST(Steps, HaveOneKind) {
  EXPECT_THAT(step_problems("{lowercase: a, rename: {b: c}}"),
              ElementsAre("p.yaml:8:20: a step has one kind; 'rename' needs an item of its own: "
                          "'- rename: …'"));
  EXPECT_THAT(step_problems("{dead_leters: t, lowercase: a}"),
              ElementsAre("p.yaml:8:6: unknown key 'dead_leters' in the step 'lowercase'; did you "
                          "mean 'dead_letters'?"));
  EXPECT_THAT(step_problems("{lowercase: a, what: t}"),
              ElementsAre("p.yaml:8:20: unknown key 'what' in the step 'lowercase'; known here: "
                          "dead_letters"));
}

TEST(Steps, AnUnknownKindNamesTheNearest) {
  EXPECT_THAT(step_problems("keepif: {field: a}"),
              ElementsAre("p.yaml:8:5: unknown step 'keepif'; did you mean 'keep_if'?"));
  EXPECT_THAT(step_problems("frobnicate: x"),
              ElementsAre("p.yaml:8:5: unknown step 'frobnicate'; known here: stage, keep_if, "
                          "drop_if, reject_if, rename, remove, keep_only, add, default, lowercase, "
                          "uppercase, trim, replace, lookup, cast, parse_time, format_time, "
                          "valid_ip, mask, unwrap, explode, emit or route"));
  EXPECT_THAT(step_problems("script: x"),
              ElementsAre("p.yaml:8:5: the step 'script' is not supported yet"));
}

TEST(Steps, MayHaveTheirOwnDeadLetters) {
  const PipelineConfig config =
      config_of(with_step("cast: {field: a, to: int}\n    dead_letters: bad-casts"));

  ASSERT_EQ(config.steps.size(), 1U);
  ASSERT_TRUE(config.steps[0].dead_letters.has_value());
  EXPECT_EQ(config.steps[0].dead_letters->value, "bad-casts");
  EXPECT_EQ(config.steps[0].dead_letters->place.line, 9);
}

TEST(Steps, TheirDeadLettersAreATopic) {
  EXPECT_THAT(step_problems("{lowercase: a, dead_letters: discard}"),
              ElementsAre("p.yaml:8:34: 'dead_letters' must be a topic here; 'discard' stands at "
                          "the top level only"));
  EXPECT_THAT(step_problems("{lowercase: a, dead_letters: {topic: x}}"),
              ElementsAre("p.yaml:8:34: 'dead_letters' must be the name of a topic (1 to 249 "
                          "letters, digits, '.', '_' and '-'), not a map"));
}

TEST(Stage, IsFlattened) {
  const PipelineConfig config =
      config_of(smallest_with("steps:\n"
                              "  - lowercase: a\n"
                              "  - stage:\n"
                              "      name: transform\n"
                              "      dead_letters: transform-dlq\n"
                              "      steps:\n"
                              "        - trim: b\n"
                              "        - {cast: {field: c, to: int}, dead_letters: casts}\n"
                              "  - uppercase: d\n"));

  ASSERT_EQ(config.steps.size(), 4U);
  EXPECT_EQ(config.steps[0].stage, "");
  EXPECT_EQ(config.steps[1].stage, "transform");
  EXPECT_EQ(config.steps[1].number, 2U);
  EXPECT_EQ(config.steps[1].dead_letters->value, "transform-dlq");
  EXPECT_EQ(config.steps[2].stage, "transform");
  EXPECT_EQ(config.steps[2].dead_letters->value, "casts");
  EXPECT_EQ(config.steps[3].stage, "");
  EXPECT_EQ(config.steps[3].number, 4U);
  EXPECT_FALSE(config.steps[3].dead_letters.has_value());
}

TEST(Stage, NeedsANameAndSteps) {
  EXPECT_THAT(step_problems("stage: {}"),
              ElementsAre("p.yaml:8:5: the key 'name' is missing in 'stage'; write the name of the "
                          "stage",
                          "p.yaml:8:5: the key 'steps' is missing in 'stage'; write the list of "
                          "its steps"));
  EXPECT_THAT(step_problems("stage: [trim: a]"),
              ElementsAre("p.yaml:8:12: 'stage' must be a map such as {name: clean, steps: "
                          "[lowercase: city]}, not a list"));
  EXPECT_THAT(step_problems("stage: {name: a b, steps: []}"),
              ElementsAre("p.yaml:8:19: 'stage.name' must be 1 to 200 letters, digits, '.', '_' "
                          "and '-', not 'a b'",
                          "p.yaml:8:31: 'stage.steps' is an empty list; it must be a list of "
                          "steps"));
  EXPECT_THAT(
      step_problems("stage: {name: a, steps: {trim: a}, dead_letters: discard}"),
      ElementsAre("p.yaml:8:29: 'stage.steps' must be a list of steps, not a map",
                  "p.yaml:8:54: 'stage.dead_letters' must be a topic here; 'discard' stands "
                  "at the top level only"));
  EXPECT_THAT(step_problems("{stage: {name: a, steps: [trim: b]}, dead_letters: t}"),
              ElementsAre("p.yaml:8:42: 'dead_letters' of a stage stands inside of it: 'stage: "
                          "{name: NAME, dead_letters: TOPIC, steps: [...]}'"));
}

TEST(Stage, NeitherNestsNorSharesItsName) {
  EXPECT_THAT(step_problems("stage: {name: a, steps: [stage: {name: b, steps: [trim: c]}]}"),
              ElementsAre("p.yaml:8:30: a stage cannot stand inside of a stage ('a'); write it "
                          "after that one"));
  EXPECT_THAT(
      problems_in(smallest_with("steps:\n  - stage: {name: a, steps: [trim: c]}\n"
                                "  - stage: {name: a, steps: [trim: c]}\n")),
      ElementsAre("p.yaml:9:19: two stages are named 'a' (the other in line 8); give one of "
                  "them another name"));
}

TEST(Steps, AllProblemsAreReportedAtOnce) {
  EXPECT_EQ(
      problems_in(smallest_with("steps:\n  - trim: ''\n  - cast: {}\n  - emit: ' '\n")).size(), 4U);
}

TEST(Steps, AHugeListIsReadInTime) {
  std::string text = "steps:\n";
  for (int i = 0; i < 20'000; ++i) text += "- trim: a\n";

  EXPECT_EQ(config_of(smallest_with(text)).steps.size(), 20'000U);
}

}  // namespace
}  // namespace millrace::config
