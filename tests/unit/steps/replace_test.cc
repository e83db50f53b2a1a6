// SPDX-License-Identifier: Apache-2.0
#include <random>
#include <re2/re2.h>
#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/record/json_writer.h"
#include "tests/unit/steps/step_runner.h"

namespace millrace::steps {
namespace {

using testing::ElementsAre;

config::StepConfig replace_step(std::string_view pattern, std::string_view with) {
  config::ReplaceStep step;
  step.field = field_path("a");
  step.pattern.value = pattern;
  step.with = with;
  return step_config("replace", std::move(step));
}

std::string replaced(std::string_view pattern, std::string_view with, std::string_view text) {
  std::string record = "{\"a\":";
  record::append_json_string(text, record);
  return StepRunner(replace_step(pattern, with)).run(record + "}");
}

TEST(ReplaceStep, ReplacesEveryMatch) {
  EXPECT_EQ(replaced("[^0-9+]", "", "+49 (30) 1234"), R"({"a":"+49301234"})");
  EXPECT_EQ(replaced("b+", "x", "abbcbd"), R"({"a":"axcxd"})");
  EXPECT_EQ(replaced(R"((\w+), (\w+))", R"(\2 \1)", "Lovelace, Ada"), R"({"a":"Ada Lovelace"})");
  EXPECT_EQ(replaced("b", R"([\0\\])", "abc"), R"({"a":"a[b\\]c"})");
  EXPECT_EQ(replaced("b?", "-", "abé"), R"({"a":"-a-é-"})");
  EXPECT_EQ(replaced(".", "\"\n", "é"), R"({"a":"\"\n"})");
  EXPECT_EQ(replaced("^a$", "b", "a"), R"({"a":"b"})");
  EXPECT_EQ(replaced("(x)|(y)", R"(<\1|\2>)", "xy"), R"({"a":"<x|><|y>"})");
}

TEST(ReplaceStep, LeavesWhatDoesNotMatchOrIsNoString) {
  StepRunner run(replace_step("x", "y"));

  for (const char* record : {R"({"a":"\u0061bc"})", R"({"a":""})", R"({"a":1})", R"({"a":null})",
                             R"({"b":"x"})", R"({"a":["x"]})", R"({"a":{"x":"x"}})"})
    EXPECT_EQ(run.run(record), record);
  EXPECT_EQ(run.run(R"({"a":"\u0078"})"), R"({"a":"y"})");
  EXPECT_THAT(run.rules(), ElementsAre("step:1:replace"));
}

TEST(ReplaceStep, RejectsTextsThatExplode) {
  StepRunner run(replace_step("x", std::string(1'000, 'y')));

  EXPECT_EQ(run.run("{\"a\":\"" + std::string(50, 'x') + "\"}").size(), 50'008U);
  EXPECT_EQ(run.run("{\"a\":\"" + std::string(5'000, 'x') + "\"}"),
            "rejected step:1:replace at /a: a text of 5000 bytes would become longer than 16 times "
            "that and 64 KiB");
  StepRunner squares(replace_step("(.+)", R"(\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1\1)"));
  EXPECT_TRUE(squares.run("{\"a\":\"" + std::string(100'000, 'x') + "\"}").starts_with("rejected"));
}

TEST(ReplaceStep, RejectsTextsThatTakeTheSquareOfTheirLength) {
  // Every match looks for a y to the end of the text.
  StepRunner far(replace_step("x.*y|x", ""));
  StepRunner near(replace_step("x", ""));
  const std::string record = "{\"a\":\"" + std::string(900'000, 'x') + "\"}";

  EXPECT_EQ(near.run(record), R"({"a":""})");
  EXPECT_EQ(replaced("x.*y|x", "", std::string(1'000, 'x')), R"({"a":""})");
  for (const char* pattern : {"[x+*]", "x{1,1}", "(a|x)", "(x{2,})", "[]x]", "[[:alpha:]*]"})
    EXPECT_EQ(StepRunner(replace_step(pattern, "")).run(record), R"({"a":""})") << pattern;
  EXPECT_EQ(far.run(record),
            "rejected step:1:replace at /a: a text of 900000 bytes has too many matches");
}

TEST(ReplaceStep, ReportsWhatCannotBeCompiled) {
  const auto problems = [](std::string_view pattern, std::string_view with) {
    return StepRunner(replace_step(pattern, with)).problems();
  };

  EXPECT_THAT(problems("(", ""),
              ElementsAre(testing::StartsWith("the pattern '(' cannot be used")));
  EXPECT_THAT(problems("(?=x)", ""), testing::SizeIs(1));
  EXPECT_THAT(problems("(a{1000}){1000}", ""), testing::SizeIs(1));
  EXPECT_THAT(problems("x", R"(\1)"), ElementsAre(testing::StartsWith(R"('\1' cannot be put in)")));
  EXPECT_THAT(problems("x", "\\"), testing::SizeIs(1));
  EXPECT_THAT(problems("x", R"(\n)"), testing::SizeIs(1));
  EXPECT_THAT(problems(R"(\C)", ""),
              ElementsAre(testing::StartsWith(R"(\C matches single bytes)")));
  EXPECT_THAT(problems(R"(\\C)", ""), testing::IsEmpty());
}

TEST(ReplaceStep, AgreesWithRe2) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  constexpr std::string_view kPatterns[] = {
      "a", "b*", "(a)(b)?", "a|", "$", "^", "[^a]", "ab|b", "(?:)", "é", ".", "\\b", "(a*)(b*)"};
  constexpr std::string_view kRewrites[] = {"", "x", "\\0\\0", "<\\0>", "\\\\"};
  constexpr std::string_view kLetters[] = {"a", "b", "é", "€", "😀", " ", "\n"};
  for (int i = 0; i < 5'000; ++i) {
    const std::string pattern(kPatterns[random() % std::size(kPatterns)]);
    const std::string rewrite(kRewrites[random() % std::size(kRewrites)]);
    std::string text;
    for (uint32_t count = random() % 8; count > 0; --count)
      text += kLetters[random() % std::size(kLetters)];
    std::string expected = text;
    re2::RE2::GlobalReplace(&expected, re2::RE2(pattern), rewrite);
    std::string json;
    record::append_json_string(expected, json);
    ASSERT_EQ(replaced(pattern, rewrite, text), "{\"a\":" + json + "}")
        << pattern << " in '" << text << "' by '" << rewrite << "'";
  }
}

}  // namespace
}  // namespace millrace::steps
