// SPDX-License-Identifier: Apache-2.0
#include "engine/trial/json_difference.h"

#include <string>

#include <gtest/gtest.h>

namespace millrace::trial {
namespace {

std::string difference(std::string_view expected, std::string_view actual) {
  const JsonComparison comparison = compare_json(expected, actual);
  EXPECT_TRUE(comparison.is_json);
  if (!comparison.difference) return "same";
  return comparison.difference->pointer + "\n" + comparison.difference->text;
}

TEST(JsonDifference, WhiteSpaceAndTheOrderOfMembersAreNone) {
  EXPECT_EQ(difference(R"({"a":1,"b":[true,null]})", R"({ "b": [true, null], "a": 1 })"), "same");
  EXPECT_EQ(difference("7", " 7 "), "same");
}

TEST(JsonDifference, StringsAreEqualByTheirContent) {
  EXPECT_EQ(difference(R"({"größe":"\u00e9\n"})", "{\"gr\\u00f6\\u00dfe\":\"é\\u000a\"}"), "same");
}

TEST(JsonDifference, NumbersAreEqualByTheirText) {
  EXPECT_EQ(difference("[1.50]", "[1.5]"), "/0\n  [\n-   1.50\n+   1.5\n  ]\n");
  EXPECT_EQ(difference("12345678901234567890", "12345678901234567891"),
            "\n- 12345678901234567890\n+ 12345678901234567891\n");
}

TEST(JsonDifference, KindsDiffer) {
  EXPECT_EQ(difference(R"({"a":1})", R"({"a":"1"})"),
            "/a\n  {\n-   \"a\": 1\n+   \"a\": \"1\"\n  }\n");
  EXPECT_EQ(difference("{}", "[]"), "\n- {}\n+ []\n");
}

TEST(JsonDifference, MembersThatAreMissingOrTooMany) {
  EXPECT_EQ(difference(R"({"a":1,"b":{"c":2}})", R"({"b":{"c":2},"d":[1,2]})"),
            "/a\n"
            "  {\n"
            "-   \"a\": 1\n"
            "    \"b\": {\"c\": 2}\n"
            "+   \"d\": [1, 2]\n"
            "  }\n");
}

TEST(JsonDifference, PointsIntoTheDepth) {
  EXPECT_EQ(difference(R"({"a/b":[{"c":1},{"c":2}]})", R"({"a/b":[{"c":1},{"c":3}]})"),
            "/a~1b/1/c\n"
            "  {\n"
            "    \"a/b\": [\n"
            "      {\"c\": 1}\n"
            "      {\n"
            "-       \"c\": 2\n"
            "+       \"c\": 3\n"
            "      }\n"
            "    ]\n"
            "  }\n");
}

TEST(JsonDifference, OneElementMoreIsOneLine) {
  EXPECT_EQ(difference("[1,2,3]", "[1,9,2,3]"), "/1\n  [\n    1\n+   9\n    2\n    3\n  ]\n");
  EXPECT_EQ(difference("[1,2,2]", "[1,2]"), "/2\n  [\n    1\n    2\n-   2\n  ]\n");
}

TEST(JsonDifference, LongTextsShowWhereTheyPart) {
  EXPECT_EQ(difference(R"({"at":"2024-07-10T23:47:48"})", R"({"at":"2024-07-10T23:47:49"})"),
            "/at\n"
            "  {\n"
            "-   \"at\": \"2024-07-10T23:47:48\"\n"
            "+   \"at\": \"2024-07-10T23:47:49\"\n"
            "                             ^\n"
            "  }\n");
}

TEST(JsonDifference, LeavesOutTheMiddleOfWhatIsTheSame) {
  std::string left = "[";
  for (int i = 0; i < 50; ++i) left += std::to_string(i) + ",";

  EXPECT_EQ(difference(left + "1]", left + "2]"),
            "/50\n"
            "  [\n    0\n    1\n"
            "    … 45 lines the same\n"
            "    47\n    48\n    49\n"
            "-   1\n+   2\n"
            "  ]\n");
}

TEST(JsonDifference, StaysReadableWhateverTheSize) {
  std::string left = "[";
  std::string right = "[";
  for (int i = 0; i < 9000; ++i) {
    left += "1,";
    right += "2,";
  }

  const std::string text = difference(left + "1]", right + "2]");

  EXPECT_LT(text.size(), 10'000U);
  EXPECT_NE(text.find("more lines"), std::string::npos);
}

TEST(JsonDifference, WhatIsNoJsonIsNotCompared) {
  EXPECT_FALSE(compare_json("{}", "{").is_json);
  EXPECT_FALSE(compare_json("{}", "").is_json);
  EXPECT_FALSE(compare_json("'a'", "{}").is_json);
}

}  // namespace
}  // namespace millrace::trial
