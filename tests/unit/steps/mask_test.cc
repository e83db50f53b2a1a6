// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/unit/steps/step_runner.h"

namespace millrace::steps {
namespace {

using How = config::MaskStep::How;

config::MaskStep mask_of(How how, std::string_view field) {
  config::MaskStep step;
  step.field = field_path(field);
  step.how = how;
  return step;
}

StepRunner runner(config::MaskStep step) {
  return StepRunner(step_config("mask", std::move(step)));
}

StepRunner keep_last(size_t count) {
  config::MaskStep step = mask_of(How::kKeepLast, "a");
  step.keep_last = count;
  return runner(std::move(step));
}

StepRunner hmac(std::string key) {
  config::MaskStep step = mask_of(How::kHmacSha256, "a");
  step.key = std::move(key);
  return runner(std::move(step));
}

TEST(MaskStep, DropsTheMember) {
  StepRunner drop = runner(mask_of(How::kDrop, "a.b"));

  EXPECT_EQ(drop.run(R"({"a":{"b":"secret","c":1}})"), R"({"a":{"c":1}})");
  EXPECT_EQ(drop.run(R"({"a":{"b":null}})"), R"({"a":{}})");
  EXPECT_EQ(drop.run(R"({"a":5})"), R"({"a":5})");
}

TEST(MaskStep, CannotDropTheRecord) {
  StepRunner drop = runner(mask_of(How::kDrop, "."));

  EXPECT_EQ(drop.problems(),
            std::vector<std::string>{"the record itself cannot be dropped: use drop_if"});
}

TEST(MaskStep, PutsAFixedText) {
  config::MaskStep config = mask_of(How::kText, "a");
  config.text = R"("hidden")";
  StepRunner step = runner(config);

  EXPECT_EQ(step.run(R"({"a":"1.2.3.4"})"), R"({"a":"hidden"})");
  EXPECT_EQ(step.run(R"({"a":{"x":[1]}})"), R"({"a":"hidden"})");
  EXPECT_EQ(step.run(R"({"a":false})"), R"({"a":"hidden"})");
}

TEST(MaskStep, KeepsTheLastCharacters) {
  StepRunner four = keep_last(4);

  EXPECT_EQ(four.run(R"({"a":"4111111111111234"})"), R"({"a":"************1234"})");
  EXPECT_EQ(four.run(R"({"a":"abc"})"), R"({"a":"abc"})");
  EXPECT_EQ(four.run(R"({"a":""})"), R"({"a":""})");
  EXPECT_EQ(four.run(R"({"a":1234567})"), R"({"a":"***4567"})");
  EXPECT_EQ(four.run(R"({"a":[1,22,333]})"), R"({"a":"******333]"})");
  EXPECT_EQ(keep_last(0).run(R"({"a":"abc"})"), R"({"a":"***"})");
}

TEST(MaskStep, CountsCharactersNotBytes) {
  StepRunner two = keep_last(2);

  EXPECT_EQ(two.run(R"({"a":"añé€"})"), R"({"a":"**é€"})");
  EXPECT_EQ(two.run(R"({"a":"\u00e9\ud83d\ude00xy"})"), R"({"a":"**xy"})");
  EXPECT_EQ(two.run(R"({"a":"x\"\n"})"), R"({"a":"*\"\n"})");
}

TEST(MaskStep, HashesTheContent) {
  StepRunner step = runner(mask_of(How::kSha256, "a"));
  const std::string abc =
      R"({"a":"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"})";

  EXPECT_EQ(step.run(R"({"a":"abc"})"), abc);
  EXPECT_EQ(step.run(R"({"a":"\u0061bc"})"), abc);
  EXPECT_EQ(step.run(R"({"a":5})"), step.run(R"({"a":"5"})"));
  EXPECT_NE(step.run(R"({"a":1.0})"), step.run(R"({"a":1})"));
}

TEST(MaskStep, SignsTheContentWithTheKey) {
  EXPECT_EQ(hmac("Jefe").run(R"({"a":"what do ya want for nothing?"})"),
            R"({"a":"5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"})");
  EXPECT_NE(hmac("Jefe").run(R"({"a":"x"})"), hmac("jefe").run(R"({"a":"x"})"));
}

TEST(MaskStep, LeavesAbsentAbsentAndNullNull) {
  config::MaskStep text = mask_of(How::kText, "a");
  text.text = R"("hidden")";
  StepRunner fixed = runner(text);
  StepRunner last = keep_last(0);
  StepRunner hash = runner(mask_of(How::kSha256, "a"));
  StepRunner code = hmac("key");

  for (StepRunner* step : {&fixed, &last, &hash, &code}) {
    EXPECT_EQ(step->run(R"({"b":1})"), R"({"b":1})");
    EXPECT_EQ(step->run(R"({"a":null})"), R"({"a":null})");
    EXPECT_TRUE(step->rules().empty());
  }
}

TEST(MaskStep, TakesHugeValues) {
  const std::string record = R"({"a":")" + std::string(1 << 20, 'x') + "\"}";

  EXPECT_EQ(keep_last(1).run(record), R"({"a":")" + std::string((1 << 20) - 1, '*') + "x\"}");
  EXPECT_EQ(hmac("key").run(record).size(), std::string_view(R"({"a":""})").size() + 64);
}

TEST(MaskStep, NeverShowsItsKey) {
  config::MaskStep step = mask_of(How::kHmacSha256, "a");
  step.key = "top-secret-key";

  EXPECT_EQ(describe(step_config("mask", step)), "mask a by its HMAC-SHA-256 with a secret key");
}

}  // namespace
}  // namespace millrace::steps
