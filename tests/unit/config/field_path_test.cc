// SPDX-License-Identifier: Apache-2.0
#include "engine/config/field_path.h"

#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/config/json_constant.h"

namespace millrace::config {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// A path's parts: names as they are, indexes as #N.
std::vector<std::string> parts_of(const std::string& text) {
  const auto path = parse_field_path(text);
  EXPECT_TRUE(path.ok()) << text;
  std::vector<std::string> parts;
  if (!path.ok()) return parts;
  EXPECT_EQ(path.value().text, text);
  for (const FieldPath::Part& part : path.value().parts) {
    parts.push_back(part.is_index ? "#" + std::to_string(part.index) : part.name);
  }
  return parts;
}

std::string problem_of(const std::string& text) {
  const auto path = parse_field_path(text);
  return path.ok() ? "" : path.message();
}

TEST(FieldPath, IsNamesAndIndexes) {
  EXPECT_THAT(parts_of("city"), ElementsAre("city"));
  EXPECT_THAT(parts_of("user.address.city"), ElementsAre("user", "address", "city"));
  EXPECT_THAT(parts_of("items[0].sku"), ElementsAre("items", "#0", "sku"));
  EXPECT_THAT(parts_of("a[1][1000000]"), ElementsAre("a", "#1", "#1000000"));
  EXPECT_THAT(parts_of("[2].a"), ElementsAre("#2", "a"));
  EXPECT_THAT(parts_of("first name.@type.größe.-"),
              ElementsAre("first name", "@type", "größe", "-"));
}

TEST(FieldPath, ANameInQuotesMayHoldAnything) {
  EXPECT_THAT(parts_of(R"(["a.b"].c)"), ElementsAre("a.b", "c"));
  EXPECT_THAT(parts_of(R"(a["]["][0])"), ElementsAre("a", "][", "#0"));
  EXPECT_THAT(parts_of(R"([""])"), ElementsAre(""));
  EXPECT_THAT(parts_of(R"(["\"\\\/\b\n\u00e4\ud83d\ude00"])"), ElementsAre("\"\\/\b\nä😀"));
  EXPECT_THAT(parts_of(R"(["0"])"), ElementsAre("0"));
}

TEST(FieldPath, ADotIsTheRecord) {
  EXPECT_THAT(parts_of("."), IsEmpty());
  EXPECT_TRUE(parse_field_path(".").value().is_record());
}

TEST(FieldPath, WhatIsWrongHasItsCharacter) {
  EXPECT_EQ(problem_of(""), "no name stands at character 1");
  EXPECT_EQ(problem_of(".a"), "no name stands at character 1");
  EXPECT_EQ(problem_of("a..b"), "no name stands at character 3");
  EXPECT_EQ(problem_of("ä."), "no name stands at character 3");
  EXPECT_EQ(problem_of("a.[0]"), "no name stands at character 3");
  EXPECT_EQ(problem_of("a[0]b"), "a '.' or a '[' must stand at character 5");
  EXPECT_EQ(problem_of("a. b"), "a space begins or ends a name at character 3");
  EXPECT_EQ(problem_of("a .b"), "a space begins or ends a name at character 1");
  EXPECT_EQ(problem_of("a[0"), "a bracket is not closed that stands at character 2");
  EXPECT_EQ(problem_of("a[\"x\""), "a bracket is not closed that stands at character 2");
  const std::string quote =
      "a bracket or a quote that belongs to a name needs brackets around the name, [\"…\"], at "
      "character ";
  EXPECT_EQ(problem_of("a]"), quote + "2");
  EXPECT_EQ(problem_of("\"a.b\".c"), quote + "1");
}

TEST(FieldPath, AnIndexIsANumberWithinBounds) {
  for (const std::string index :
       {"", "-1", "+1", "01", "1000001", "99999999999999999999", "x", "'a'", "*"}) {
    EXPECT_EQ(problem_of("ab[" + index + "]"),
              "no index from 0 to 1000000, and no name in quotes, stands at character 3")
        << index;
  }
}

TEST(FieldPath, AQuotedNameIsAJsonString) {
  for (const std::string name : {R"("a)", R"("\x")", R"("\u12")", R"("\ud800")",
                                 R"("\ud800\u0041")", R"("\udc00")", "\"\n\"", R"("\)"}) {
    EXPECT_EQ(problem_of("a.b[" + name + "]"),
              "no JSON string, such as [\"a.b\"], stands at character 4")
        << name;
  }
}

TEST(FieldPath, HasAtMost32Parts) {
  std::string path = "a";
  for (int i = 1; i < 32; ++i) path += "[0]";

  EXPECT_EQ(parts_of(path).size(), 32U);
  EXPECT_EQ(problem_of(path + ".b"), "it has more than 32 parts");
  EXPECT_EQ(problem_of(path + std::string(1'000'000, '[')),
            "no index from 0 to 1000000, and no name in quotes, stands at character 95");
}

TEST(FieldPath, HasOneKeyHoweverItIsWritten) {
  const auto key = [](const std::string& text) { return path_key(parse_field_path(text).value()); };
  EXPECT_EQ(key("a.b[1]"), key(R"(["a"]["b"][1])"));
  EXPECT_NE(key("a.b"), key(R"(["a.b"])"));
  EXPECT_NE(key("a[1]"), key("a.1"));
}

// Whatever text comes: a path that is read is one that says the same when it is read again.
TEST(FieldPath, AnyTextIsReadOrRefused) {
  static constexpr std::string_view kLetters = "ab.[]\"\\u0d80 19\n";
  std::mt19937_64 random(1);
  for (int round = 0; round < 100'000; ++round) {
    std::string text;
    for (size_t size = random() % 12; size > 0; --size)
      text += kLetters[random() % kLetters.size()];

    const auto path = parse_field_path(text);

    if (!path.ok()) continue;
    ASSERT_LE(path.value().parts.size(), kPathPartsMax) << text;
    std::string again;
    for (const FieldPath::Part& part : path.value().parts) {
      again += "[" + (part.is_index ? std::to_string(part.index) : json_string(part.name)) + "]";
    }
    if (again.empty()) continue;
    ASSERT_EQ(path_key(parse_field_path(again).value()), path_key(path.value())) << text;
  }
}

}  // namespace
}  // namespace millrace::config
