// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/config/one_step.h"

namespace millrace::config {
namespace {

TEST(TextSteps, TakeOnePathOrAList) {
  const auto lower = only_step<TextStep>("lowercase: [a, user.b]");
  EXPECT_EQ(lower.change, TextStep::Change::kLowercase);
  EXPECT_THAT(texts_of(lower.fields), ElementsAre("a", "user.b"));
  const auto upper = only_step<TextStep>("uppercase: locale");
  EXPECT_EQ(upper.change, TextStep::Change::kUppercase);
  EXPECT_THAT(texts_of(upper.fields), ElementsAre("locale"));
  EXPECT_EQ(only_step<TextStep>("trim: a").change, TextStep::Change::kTrim);
}

TEST(TextSteps, OtherValuesAreErrors) {
  for (const std::string kind : {"lowercase", "uppercase", "trim"}) {
    EXPECT_THAT(step_problems("{" + kind + ": []}"),
                ElementsAre(HasSubstr("'" + kind +
                                      "' is an empty list; it must be the path of a "
                                      "field, or a list of paths")));
    EXPECT_THAT(step_problems("{" + kind + ": [a, a]}"),
                ElementsAre(HasSubstr("'" + kind + "' names 'a' twice")));
  }
}

TEST(ReplaceStep, IsRead) {
  const auto step =
      only_step<ReplaceStep>(R"(replace: {field: a.b, pattern: '([0-9]+)', with: '<\1>'})");

  EXPECT_EQ(step.field.text, "a.b");
  EXPECT_EQ(step.pattern.value, "([0-9]+)");
  EXPECT_EQ(step.pattern.place.column, 36);
  EXPECT_EQ(step.with, "<\\1>");
  EXPECT_EQ(step.with_place.column, 54);
  EXPECT_EQ(only_step<ReplaceStep>("replace: {field: a, pattern: x, with: ''}").with, "");
}

TEST(ReplaceStep, NeedsAllItsKeys) {
  EXPECT_THAT(step_problems("replace: {}"),
              ElementsAre("p.yaml:8:5: the key 'field' is missing in 'replace'; write the path of "
                          "a text",
                          "p.yaml:8:5: the key 'pattern' is missing in 'replace'; write a regular "
                          "expression, such as '[0-9]+'",
                          "p.yaml:8:5: the key 'with' is missing in 'replace'; write what every "
                          "match becomes; '' removes it"));
  EXPECT_THAT(step_problems("replace: {field: a, pattern: '', with: }"),
              ElementsAre("p.yaml:8:34: 'replace.pattern' is empty; it must be a regular "
                          "expression",
                          "p.yaml:8:44: 'replace.with' has no value; it must be a text; '' removes "
                          "every match"));
  EXPECT_THAT(step_problems("replace: a"),
              ElementsAre("p.yaml:8:14: 'replace' must be a map with the keys 'field', 'pattern' "
                          "and 'with', not 'a'"));
  EXPECT_THAT(step_problems("replace: {field: a, pattern: b, with: c, wiht: d}"),
              ElementsAre("p.yaml:8:46: unknown key 'wiht' in 'replace'; did you mean 'with'?"));
}

}  // namespace
}  // namespace millrace::config
