// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/steps/step_runner.h"

namespace millrace::steps {
namespace {

using Change = config::TextStep::Change;

config::StepConfig text_step(Change change, const std::vector<std::string_view>& fields) {
  config::TextStep step;
  step.change = change;
  for (const std::string_view field : fields) step.fields.push_back(field_path(field));
  return step_config("text", std::move(step));
}

TEST(TextStep, ChangesTheCaseOfAToZ) {
  StepRunner lower(text_step(Change::kLowercase, {"a"}));
  StepRunner upper(text_step(Change::kUppercase, {"a"}));

  EXPECT_EQ(lower.run(R"({"a":"iOS [@Z`{","b":"B"})"), R"({"a":"ios [@z`{","b":"B"})");
  EXPECT_EQ(upper.run(R"({"a":"iOS [@z`{","b":"b"})"), R"({"a":"IOS [@Z`{","b":"b"})");
  EXPECT_EQ(lower.run(R"({"a":"ÄÉİ"})"), R"({"a":"ÄÉİ"})");
  EXPECT_EQ(upper.run(R"({"a":"äßé"})"), R"({"a":"äßé"})");
}

TEST(TextStep, ResolvesEscapesFirst) {
  StepRunner lower(text_step(Change::kLowercase, {"a"}));
  StepRunner upper(text_step(Change::kUppercase, {"a"}));

  EXPECT_EQ(lower.run(R"({"a":"\u0041\nB\u00C4"})"), R"({"a":"a\nbÄ"})");
  EXPECT_EQ(upper.run(R"({"a":"\u0061\t\"\\n\u001f"})"), R"({"a":"A\t\"\\N\u001f"})");
  EXPECT_EQ(upper.run(R"({"a":"\u0041\/"})"), R"({"a":"\u0041\/"})") << "nothing to change";
}

TEST(TextStep, TrimsWhiteSpaceOffBothEnds) {
  StepRunner trim(text_step(Change::kTrim, {"a"}));

  EXPECT_EQ(trim.run(R"({"a":"  x  y "})"), R"({"a":"x  y"})");
  EXPECT_EQ(trim.run(R"({"a":"\t\r\n\u000b\f\u0020x\""})"), R"({"a":"x\""})");
  EXPECT_EQ(trim.run(R"({"a":"   "})"), R"({"a":""})");
  EXPECT_EQ(trim.run(R"({"a":"\n\n"})"), R"({"a":""})");
  EXPECT_EQ(trim.run(R"({"a":""})"), R"({"a":""})");
  EXPECT_EQ(trim.run("{\"a\":\"\u00a0x\u2003\"}"), "{\"a\":\"\u00a0x\u2003\"}") << "not ASCII";
  EXPECT_EQ(trim.run(R"({"a":"\u0078"})"), R"({"a":"\u0078"})") << "nothing to change";
}

TEST(TextStep, LeavesWhatIsNoString) {
  for (const Change change : {Change::kLowercase, Change::kUppercase, Change::kTrim}) {
    StepRunner run(text_step(change, {"a", "b.c", "d[0]"}));
    EXPECT_THAT(run.rules(), testing::IsEmpty());
    for (const char* record : {R"({"b":1})", R"({"a":null})", R"({"a":1E5})", R"({"a":true})",
                               R"({"a":["X"]})", R"({"a":{"x":"X"},"b":{"C":" X"},"d":[]})", "{}"})
      EXPECT_EQ(run.run(record), record);
  }
}

TEST(TextStep, ChangesEveryFieldAlsoNestedOnes) {
  StepRunner upper(text_step(Change::kUppercase, {"a", "b.c", "d[1].e"}));

  EXPECT_EQ(upper.run(R"({"a":"x","b":{"c":"y","z":"z"},"d":[0,{"e":"w"}]})"),
            R"({"a":"X","b":{"c":"Y","z":"z"},"d":[0,{"e":"W"}]})");
}

TEST(TextStep, ChangesTheRecordItself) {
  StepRunner upper(text_step(Change::kUppercase, {"."}), {.objects_only = false});

  EXPECT_EQ(upper.run(R"("x")"), R"("X")");
  EXPECT_EQ(upper.run("[1]"), "[1]");
}

TEST(TextStep, ChangesHugeTexts) {
  StepRunner upper(text_step(Change::kUppercase, {"a"}));
  const std::string small(1'000'000, 'x');

  EXPECT_EQ(upper.run("{\"a\":\"" + small + "\"}"),
            "{\"a\":\"" + std::string(small.size(), 'X') + "\"}");
}

}  // namespace
}  // namespace millrace::steps
