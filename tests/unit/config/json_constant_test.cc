// SPDX-License-Identifier: Apache-2.0
#include "engine/config/json_constant.h"

#include <gtest/gtest.h>

namespace millrace::config {
namespace {

TEST(JsonNumber, IsWhatJsonCallsANumber) {
  for (const char* text : {"0", "-0", "1", "1.50", "-12.5e10", "1E+5", "2e-3", "1e400",
                           "123456789012345678901234567890"}) {
    EXPECT_TRUE(is_json_number(text)) << text;
  }
  for (const char* text : {"", "-", "+1", "01", "007", ".5", "1.", "1e", "1e+", "0x1F", "1_000",
                           ".inf", ".nan", "2.3.0", "1 ", " 1", "NaN", "--1"}) {
    EXPECT_FALSE(is_json_number(text)) << text;
  }
}

TEST(JsonString, EscapesWhatJsonDemands) {
  EXPECT_EQ(json_string(""), R"("")");
  EXPECT_EQ(json_string("a\"b\\c/d"), R"("a\"b\\c/d")");
  EXPECT_EQ(json_string("a\nb\tc\rd"), R"("a\nb\tc\rd")");
  EXPECT_EQ(json_string(std::string("\0\x1f\x7f", 3)), "\"\\u0000\\u001f\x7f\"");
  EXPECT_EQ(json_string("äß漢"), "\"äß漢\"");
}

TEST(JsonString, IsTakenOffTheFront) {
  std::string_view text = R"("a\"b\u00e4\uD83D\uDE00\/" rest)";
  EXPECT_EQ(take_json_string(text), "a\"bä😀/");
  EXPECT_EQ(text, " rest");
  std::string_view zero = R"("\u0000")";
  EXPECT_EQ(take_json_string(zero), std::string(1, '\0'));
}

TEST(JsonString, WhatIsNoneIsNotTaken) {
  for (std::string_view text : {"", "a", "\"", "\"a", "\"\\", "\"\\\"", "\"\\a\"", "\"\\u12g4\"",
                                "\"\\ud83d\"", "\"\\ud83d\\ud83d\"", "\"\\ude00\"", "\"\t\""}) {
    const std::string shown(text);
    EXPECT_EQ(take_json_string(text), std::nullopt) << shown;
  }
}

NodePointer scalar(const std::string& text, bool quoted = false) {
  auto node = std::make_shared<YamlNode>();
  node->kind = NodeKind::kScalar;
  node->text = text;
  node->quoted = quoted;
  return node;
}

TEST(JsonConstant, PlainLiteralsAreJsonsOwnAndQuotedOnesAreStrings) {
  EXPECT_EQ(json_constant(YamlNode{}).json, "null");
  for (const char* text : {"true", "false", "1.50", "-3"}) {
    EXPECT_EQ(json_constant(*scalar(text)).json, text);
    EXPECT_EQ(json_constant(*scalar(text, true)).json, "\"" + std::string(text) + "\"");
  }
}

TEST(JsonConstant, OtherPlainTextsAreStrings) {
  for (const char* text : {"yes", "True", "007", "2.3.0", "web"}) {
    EXPECT_EQ(json_constant(*scalar(text)).json, "\"" + std::string(text) + "\"");
  }
}

TEST(JsonConstant, ListsAndMapsKeepTheirOrder) {
  YamlNode list;
  list.kind = NodeKind::kList;
  list.items = {scalar("1"), scalar("x"), std::make_shared<YamlNode>()};
  YamlNode map;
  map.kind = NodeKind::kMap;
  map.members = {{{"z\"", {}}, scalar("true")}, {{"a", {}}, std::make_shared<YamlNode>(list)}};

  EXPECT_EQ(json_constant(map).json, R"({"z\"":true,"a":[1,"x",null]})");
  list.items.clear();
  EXPECT_EQ(json_constant(list).json, "[]");
  map.members.clear();
  EXPECT_EQ(json_constant(map).json, "{}");
}

NodePointer nested(size_t depth) {
  NodePointer node = scalar("1");
  for (size_t i = 0; i < depth; ++i) {
    auto list = std::make_shared<YamlNode>();
    list->kind = NodeKind::kList;
    list->items = {node};
    node = std::move(list);
  }
  return node;
}

TEST(JsonConstant, IsNoDeeperThanARecord) {
  EXPECT_FALSE(json_constant(*nested(512)).too_deep);
  EXPECT_EQ(json_constant(*nested(512)).json.size(), 1025U);
  EXPECT_TRUE(json_constant(*nested(513)).too_deep);
  EXPECT_TRUE(json_constant(*nested(10'000)).too_deep);
}

TEST(JsonConstant, ABrokenPartBreaksIt) {
  auto part = std::make_shared<YamlNode>();
  part->broken = true;
  YamlNode list;
  list.kind = NodeKind::kList;
  list.items = {part};

  EXPECT_TRUE(json_constant(list).broken);
  EXPECT_FALSE(json_constant(YamlNode{}).broken);
}

}  // namespace
}  // namespace millrace::config
