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

TEST(JsonConstant, PlainLiteralsAreJsonsOwnAndQuotedOnesAreStrings) {
  YamlNode node;
  EXPECT_EQ(json_constant(node), "null");
  node.kind = NodeKind::kScalar;
  for (const char* text : {"true", "false", "1.50", "-3"}) {
    node.text = text;
    node.quoted = false;
    EXPECT_EQ(json_constant(node), text);
    node.quoted = true;
    EXPECT_EQ(json_constant(node), "\"" + std::string(text) + "\"");
  }
}

TEST(JsonConstant, OtherPlainTextsAreStrings) {
  YamlNode node;
  node.kind = NodeKind::kScalar;
  for (const char* text : {"yes", "True", "007", "2.3.0", "web"}) {
    node.text = text;
    EXPECT_EQ(json_constant(node), "\"" + std::string(text) + "\"");
  }
}

}  // namespace
}  // namespace millrace::config
