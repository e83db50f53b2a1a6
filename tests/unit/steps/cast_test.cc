// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/steps/step_runner.h"

namespace millrace::steps {
namespace {

using Type = config::CastStep::Type;

config::StepConfig cast_step(Type type, std::string_view field = "a") {
  config::CastStep step;
  step.field = field_path(field);
  step.to = type;
  return step_config("cast", std::move(step));
}

// The value as the cast leaves it, or the sentence of the rejection.
std::string cast(Type type, const std::string& json) {
  StepRunner runner(cast_step(type));
  const std::string result = runner.run("{\"a\":" + json + "}");
  constexpr std::string_view kRejected = "rejected step:1:cast at /a: ";
  if (result.starts_with(kRejected)) return result.substr(kRejected.size());
  EXPECT_TRUE(result.starts_with("{\"a\":") && result.ends_with('}')) << result;
  return result.substr(5, result.size() - 6);
}

TEST(CastStep, MakesIntegers) {
  for (const char* json : {"5", "5.0", "5e0", "0.5e1", "500e-2", R"("5")", R"("\u0035")"})
    EXPECT_EQ(cast(Type::kInteger, json), "5") << json;
  EXPECT_EQ(cast(Type::kInteger, "-17.000"), "-17");
  EXPECT_EQ(cast(Type::kInteger, "true"), "1");
  EXPECT_EQ(cast(Type::kInteger, "false"), "0");
  for (const char* json : {"0", "-0", "0.0", "-0e9", R"("-0")", "0e99999999999999999999"})
    EXPECT_EQ(cast(Type::kInteger, json), "0") << json;
}

TEST(CastStep, KeepsIntegersOfAnySizeExact) {
  const std::string digits = "1234567890123456789012345678901234567890";
  EXPECT_EQ(cast(Type::kInteger, digits), digits);
  EXPECT_EQ(cast(Type::kInteger, digits + ".000"), digits);
  EXPECT_EQ(cast(Type::kInteger, "\"-" + digits + "\""), "-" + digits);
  EXPECT_EQ(cast(Type::kInteger, "1e20"), "100000000000000000000");
  EXPECT_EQ(cast(Type::kInteger, "1e999"), "1" + std::string(999, '0'));
  const std::string nines(100'000, '9');
  EXPECT_EQ(cast(Type::kInteger, nines), nines);
}

TEST(CastStep, RejectsWhatIsNoInteger) {
  for (const char* json : {"1.5", "1e-1", "1e1000", "1e999999999999999999", "[1]"})
    EXPECT_EQ(cast(Type::kInteger, json), std::string(json) + " is not a whole number");
  for (const char* text :
       {"", "abc", "1.5", "5.0", "1e3", " 5", "5 ", "+5", "007", "0x1F", "1_000", "٥", "true"})
    EXPECT_EQ(cast(Type::kInteger, '"' + std::string(text) + '"'),
              '\'' + std::string(text) + "' is not a whole number");
  EXPECT_EQ(cast(Type::kInteger, "{}"), "{} is not a whole number");
}

TEST(CastStep, MakesNumbers) {
  for (const char* json : {"1", "1.50", "-0.0", "1E+400"}) {
    EXPECT_EQ(cast(Type::kNumber, json), json);
    EXPECT_EQ(cast(Type::kNumber, '"' + std::string(json) + '"'), json);
  }
  EXPECT_EQ(cast(Type::kNumber, R"("1\u002e5")"), "1.5");
  for (const char* text : {"", ".5", "5.", "1,5", "NaN", "inf", " 1", "+1", "01"})
    EXPECT_EQ(cast(Type::kNumber, '"' + std::string(text) + '"'),
              '\'' + std::string(text) + "' is not a number");
  EXPECT_EQ(cast(Type::kNumber, "true"), "True is not a number");
  EXPECT_EQ(cast(Type::kNumber, "[]"), "[] is not a number");
}

TEST(CastStep, MakesBooleans) {
  for (const char* json : {"true", "1", "1.0", "10e-1", R"("true")", R"("TRUE")", R"("tRue")",
                           R"("1")", R"("\u0074rue")"})
    EXPECT_EQ(cast(Type::kBoolean, json), "true") << json;
  for (const char* json : {"false", "0", "-0.0", "0e5", R"("false")", R"("False")", R"("0")"})
    EXPECT_EQ(cast(Type::kBoolean, json), "false") << json;
  for (const char* json : {"2", "-1", "0.5", "1e400", "[]"})
    EXPECT_EQ(cast(Type::kBoolean, json), std::string(json) + " is neither true nor false");
  EXPECT_EQ(cast(Type::kBoolean, R"("yes")"), "'yes' is neither true nor false");
  EXPECT_EQ(cast(Type::kBoolean, R"("")"), "'' is neither true nor false");
}

TEST(CastStep, MakesStringsOfEverything) {
  EXPECT_EQ(cast(Type::kString, R"("x\n\u0041")"), R"("x\n\u0041")");
  EXPECT_EQ(cast(Type::kString, "1.50"), R"("1.50")");
  EXPECT_EQ(cast(Type::kString, "true"), R"("true")");
  EXPECT_EQ(cast(Type::kString, R"({ "b" : [ 1, " \" x " ] })"), R"("{\"b\":[1,\" \\\" x \"]}")");
  EXPECT_EQ(cast(Type::kString, "[]"), R"("[]")");
  EXPECT_THAT(StepRunner(cast_step(Type::kString)).rules(), testing::IsEmpty());
}

TEST(CastStep, LeavesAbsentAndNull) {
  for (const Type type : {Type::kInteger, Type::kNumber, Type::kBoolean, Type::kString}) {
    StepRunner run(cast_step(type));
    EXPECT_EQ(run.run(R"({"b":1})"), R"({"b":1})");
    EXPECT_EQ(run.run(R"({"a":null})"), R"({"a":null})");
  }
}

TEST(CastStep, FindsNestedValues) {
  StepRunner run(cast_step(Type::kInteger, "a[1].b"));

  EXPECT_EQ(run.run(R"({"a":["1",{"b":"1"}]})"), R"({"a":["1",{"b":1}]})");
  EXPECT_EQ(run.run(R"({"a":[0,{"b":[]}]})"),
            "rejected step:1:cast at /a/1/b: [] is not a whole number");
  EXPECT_EQ(run.run(R"({"a":"1"})"), R"({"a":"1"})");
}

}  // namespace
}  // namespace millrace::steps
