// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/unit/steps/condition_runner.h"
#include "tests/unit/steps/conditions.h"

namespace millrace::steps {
namespace {

config::Condition in(std::string_view field, std::vector<std::string> values) {
  return test_of(field, config::EqualsTest{std::move(values)});
}

config::Condition matches(std::string_view field, std::string pattern) {
  return test_of(field, config::MatchesTest{{std::move(pattern), {}}});
}

TEST(EqualsTest, ComparesStringsByTheirContent) {
  ConditionRunner condition(equals("a", R"("iOS")"));

  EXPECT_EQ(condition.test(R"({"a":"iOS"})"), "true");
  EXPECT_EQ(condition.test(R"({"a":"\u0069\u004fS"})"), "true");
  EXPECT_EQ(condition.test(R"({"a":"ios"})"), "false");
  EXPECT_EQ(condition.test(R"({"a":"iOS "})"), "false");
}

TEST(EqualsTest, IsDecidedWhereTheValueIsAbsentOrOfAnotherKind) {
  ConditionRunner condition(equals("a", R"("1")"));

  EXPECT_FALSE(condition.may_be_undecided());
  for (const char* record : {"{}", R"({"a":null})", R"({"a":1})", R"({"a":["1"]})",
                             R"({"a":{"1":1}})", "5", "[]", R"("1")"})
    EXPECT_EQ(condition.test(record), "false") << record;
}

TEST(EqualsTest, ComparesNumbersExactly) {
  ConditionRunner one(equals("a", "1"));
  for (const char* record : {R"({"a":1})", R"({"a":1.0})", R"({"a":10e-1})", R"({"a":0.1E+1})"})
    EXPECT_EQ(one.test(record), "true") << record;
  for (const char* record : {R"({"a":-1})", R"({"a":1.0000000000000000000001})", R"({"a":true})"})
    EXPECT_EQ(one.test(record), "false") << record;

  ConditionRunner big(equals("a", "9007199254740993"));
  EXPECT_EQ(big.test(R"({"a":9007199254740993})"), "true");
  EXPECT_EQ(big.test(R"({"a":9007199254740993.000})"), "true");
  EXPECT_EQ(big.test(R"({"a":9007199254740992})"), "false");

  ConditionRunner huge(equals("a", "123456789012345678901234567890"));
  EXPECT_EQ(huge.test(R"({"a":1.2345678901234567890123456789e29})"), "true");
  EXPECT_EQ(huge.test(R"({"a":123456789012345678901234567891})"), "false");

  ConditionRunner zero(equals("a", "0"));
  EXPECT_EQ(zero.test(R"({"a":-0.0e999999999999})"), "true");
}

TEST(EqualsTest, ComparesContainersDeeply) {
  ConditionRunner condition(equals("a", R"({"x":[1,{"y":"é"}],"z":null})"));

  EXPECT_EQ(condition.test(R"({"a":{"z":null,"x":[1.0,{"y":"\u00e9"}]}})"), "true");
  EXPECT_EQ(condition.test(R"({"a":{"\u007a":null,"x":[1,{"y":"é"}]}})"), "true");
  EXPECT_EQ(condition.test(R"({"a":{"z":null,"x":[{"y":"é"},1]}})"), "false");
  EXPECT_EQ(condition.test(R"({"a":{"z":null,"x":[1,{"y":"é"}],"w":1}})"), "false");
  EXPECT_EQ(condition.test(R"({"a":{"x":[1,{"y":"é"}]}})"), "false");
  EXPECT_EQ(condition.test(R"({"a":{"z":null,"x":[1,{"y":"é"},2]}})"), "false");
  EXPECT_EQ(condition.test(R"({"a":{"z":null,"x":[1]}})"), "false");
  EXPECT_EQ(condition.test(R"({"a":{"z":1,"z":null,"x":[1,{"y":"é"}]}})"), "true");
}

TEST(EqualsTest, ReachesNestedValuesAndTheRecordItself) {
  EXPECT_EQ(test(equals("user.tags[1]", R"("b")"), R"({"user":{"tags":["a","b"]}})"), "true");
  EXPECT_EQ(test(equals("user.tags[2]", R"("b")"), R"({"user":{"tags":["a","b"]}})"), "false");
  EXPECT_EQ(test(equals(".", "[1,2]"), "[ 1, 2 ]"), "true");
}

TEST(EqualsTest, NeedsValidJson) {
  ConditionRunner condition(equals("a", "{nonsense"));

  EXPECT_EQ(condition.test("{}"), "{nonsense is not valid JSON");
}

TEST(InTest, FindsValuesOfEveryKind) {
  ConditionRunner condition(in(
      "a", {R"("DE")", R"("A\u0054")", "2.50", "-7", "1e3", "true", "null", "[1]", R"({"x":1})"}));

  for (const char* value : {R"("DE")", R"("AT")", R"("\u0044E")", "2.5", "25e-1", "-7", "-7.0",
                            "1000", "1000.0", "true", "null", "[1.0]", R"({"x":1})"})
    EXPECT_EQ(condition.test(std::string(R"({"a":)") + value + "}"), "true") << value;
  for (const char* value : {R"("CH")", R"("")", "2.51", "7", "1e4", "false", "[]", "[1,1]", "{}"})
    EXPECT_EQ(condition.test(std::string(R"({"a":)") + value + "}"), "false") << value;
  EXPECT_EQ(condition.test("{}"), "false");
}

TEST(InTest, FindsEachOfManyNumbersHoweverTheyAreWritten) {
  std::vector<std::string> values;
  for (int i = 0; i < 300; ++i) values.push_back(std::to_string(7 * i - 1000) + ".50");
  ConditionRunner condition(in("a", values));

  for (int i = 0; i < 300; ++i) {
    const std::string whole = std::to_string(7 * i - 1000);
    EXPECT_EQ(condition.test(R"({"a":)" + whole + ".5}"), "true") << whole;
    EXPECT_EQ(condition.test(R"({"a":)" + whole + "}"), "false") << whole;
    EXPECT_EQ(condition.test(R"({"a":)" + whole + "5e-1}"), "true") << whole;
  }
}

TEST(InIgnoreCaseTest, FoldsAsciiOnly) {
  ConditionRunner condition(test_of("a", config::InIgnoreCaseTest{{"Android", "iOS", "É"}}));

  EXPECT_FALSE(condition.may_be_undecided());
  for (const char* value : {"android", "ANDROID", "Ios", R"(\u0049os)", "É"})
    EXPECT_EQ(condition.test(std::string(R"({"a":")") + value + "\"}"), "true") << value;
  for (const char* value : {"web", "", "é", "ios "})
    EXPECT_EQ(condition.test(std::string(R"({"a":")") + value + "\"}"), "false") << value;
  EXPECT_EQ(condition.test("{}"), "false");
  EXPECT_EQ(condition.test(R"({"a":null})"), "false");
  EXPECT_EQ(condition.test(R"({"a":["iOS"]})"), "false");
}

TEST(MatchesTest, SearchesAnywhereInStrings) {
  ConditionRunner condition(matches("a", "[0-9]+x"));

  EXPECT_EQ(condition.test(R"({"a":"ab 12x!"})"), "true");
  EXPECT_EQ(condition.test(R"({"a":"\u0031x"})"), "true");
  EXPECT_EQ(condition.test(R"({"a":"x12"})"), "false");
  EXPECT_EQ(condition.test(R"({"a":12})"), "false");
  EXPECT_EQ(condition.test(R"({"a":null})"), "false");
  EXPECT_EQ(condition.test("{}"), "false");
}

TEST(MatchesTest, CountsCharactersNotBytes) {
  EXPECT_EQ(test(matches("a", "^.$"), R"({"a":"é"})"), "true");
  EXPECT_EQ(test(matches("a", "^..$"), R"({"a":"é"})"), "false");
}

TEST(MatchesTest, SurvivesHugeValues) {
  const std::string record = R"({"a":")" + std::string(1 << 20, 'a') + "\"}";

  EXPECT_EQ(test(matches("a", "(a*)*b"), record), "false");
}

TEST(MatchesTest, ReportsPatternsThatCannotBeUsed) {
  ConditionRunner condition(matches("a", "(?=x)"));

  ASSERT_EQ(condition.problems().size(), 1U);
  EXPECT_EQ(condition.problems()[0].message,
            "the pattern '(?=x)' cannot be used: invalid perl operator: (?=");
}

TEST(ExistsTest, CountsNullAsThere) {
  ConditionRunner exists(test_of("a.b", config::ExistsTest{true}));
  EXPECT_EQ(exists.test(R"({"a":{"b":null}})"), "true");
  EXPECT_EQ(exists.test(R"({"a":{}})"), "false");
  EXPECT_EQ(exists.test(R"({"a":5})"), "false");

  ConditionRunner absent(test_of("a.b", config::ExistsTest{false}));
  EXPECT_EQ(absent.test(R"({"a":{"b":null}})"), "false");
  EXPECT_EQ(absent.test("{}"), "true");
  EXPECT_FALSE(absent.may_be_undecided());
}

TEST(IsNullTest, CountsAbsentAsNotNull) {
  ConditionRunner null(test_of("a", config::IsNullTest{true}));
  EXPECT_EQ(null.test(R"({"a":null})"), "true");
  EXPECT_EQ(null.test(R"({"a":"null"})"), "false");
  EXPECT_EQ(null.test("{}"), "false");

  ConditionRunner other(test_of("a", config::IsNullTest{false}));
  EXPECT_EQ(other.test(R"({"a":null})"), "false");
  EXPECT_EQ(other.test(R"({"a":0})"), "true");
  EXPECT_EQ(other.test("{}"), "true");
  EXPECT_FALSE(other.may_be_undecided());
}

}  // namespace
}  // namespace millrace::steps
