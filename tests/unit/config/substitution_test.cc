// SPDX-License-Identifier: Apache-2.0
#include "engine/config/substitution.h"

#include "tests/unit/config/loading.h"

namespace millrace::config {
namespace {

std::string text_of(const std::string& text) {
  const Substituted result =
      substitute(text, environment({{"A", "1"}, {"B", "two"}, {"EMPTY", ""}, {"TRICK", "${A}"}}));
  EXPECT_THAT(result.problems, IsEmpty());
  return result.text;
}

TEST(Substitution, AVariableIsReplacedByItsValue) {
  EXPECT_EQ(text_of("${A}"), "1");
  EXPECT_EQ(text_of("x${A}y${B}z"), "x1ytwoz");
  EXPECT_EQ(text_of("${EMPTY}"), "");
}

TEST(Substitution, TheDefaultStandsInWhereTheVariableIsUnsetOrEmpty) {
  EXPECT_EQ(text_of("${NONE:-host:9092}"), "host:9092");
  EXPECT_EQ(text_of("${EMPTY:-d}"), "d");
  EXPECT_EQ(text_of("${NONE:-}"), "");
  EXPECT_EQ(text_of("${A:-d}"), "1");
}

TEST(Substitution, OtherDollarsStandForThemselves) {
  EXPECT_EQ(text_of("$"), "$");
  EXPECT_EQ(text_of("^user$"), "^user$");
  EXPECT_EQ(text_of("$A $$ $(A)"), "$A $$ $(A)");
}

TEST(Substitution, TwoDollarsAndABraceAreADollarAndABrace) {
  EXPECT_EQ(text_of("$${A}"), "${A}");
  EXPECT_EQ(text_of("$${${A}}"), "${1}");
  EXPECT_EQ(text_of("$$${A}"), "$${A}");
}

TEST(Substitution, AValueIsNotSubstitutedAgain) {
  EXPECT_EQ(text_of("${TRICK}"), "${A}");
}

class WrongSubstitution : public ::testing::TestWithParam<std::pair<std::string, std::string>> {};

TEST_P(WrongSubstitution, IsAnErrorAtTheScalar) {
  const auto& [scalar, sentence] = GetParam();

  EXPECT_THAT(
      problems_in(smallest_with("report:\n  every: '" + scalar + "'\n"), {{"LATIN", "\xE4"}}),
      ElementsAre(HasSubstr("p.yaml:8:10: " + sentence)));
}

INSTANTIATE_TEST_SUITE_P(
    Scalars, WrongSubstitution,
    ::testing::Values(std::pair("${NONE}",
                                "the environment variable 'NONE' is not set; set it, or give a "
                                "default: ${NONE:-default}"),
                      std::pair("${LATIN}", "the environment variable 'LATIN' is not valid UTF-8"),
                      std::pair("${A:-${B}}", "a ${…} inside a ${…} is not supported: 'A:-${B'"),
                      std::pair("${}", "'${}' is neither ${NAME} nor ${NAME:-default}"),
                      std::pair("${1A}", "'${1A}' is neither"),
                      std::pair("${A?x}", "'${A?x}' is neither"),
                      std::pair("${A-x}", "'${A-x}' is neither"),
                      std::pair("${A", "a ${ without its }")));

TEST(Substitution, EveryUnsetVariableIsNamed) {
  EXPECT_THAT(problems_in(smallest_but("pipeline", "pipeline: ${A}-${B}")),
              ElementsAre(HasSubstr("p.yaml:1:11: the environment variable 'A' is not set"),
                          HasSubstr("p.yaml:1:11: the environment variable 'B' is not set")));
}

TEST(Substitution, HappensInParsedScalarsNotInTheYaml) {
  const PipelineConfig config =
      config_of(smallest_but("pipeline", "pipeline: ${NAME:-x}"), {{"NAME", "a"}});
  EXPECT_EQ(config.pipeline.value, "a");

  EXPECT_THAT(
      problems_in(smallest_but("pipeline", "pipeline: ${NAME}"), {{"NAME", "a\nworkers: 4"}}),
      ElementsAre("p.yaml:1:11: 'pipeline' holds a control character"));
}

TEST(Substitution, InAKeyIsAnError) {
  EXPECT_THAT(problems_in(smallest_with("steps:\n- rename: {'${A}': b}\n"), {{"A", "a"}}),
              ::testing::Contains("p.yaml:8:12: ${…} is substituted in values, not in keys: "
                                  "'${A}'"));
}

}  // namespace
}  // namespace millrace::config
