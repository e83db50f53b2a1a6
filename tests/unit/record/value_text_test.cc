// SPDX-License-Identifier: Apache-2.0
#include "engine/record/value_text.h"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "engine/base/limits.h"

namespace millrace::record {
namespace {

JsonValue value_of(std::string_view text, ValueKind kind) {
  return {text, kind, kind == ValueKind::kString && text.find('\\') != std::string_view::npos};
}

std::string shown(std::string_view text, ValueKind kind) {
  std::string to = "<";
  append_shown(value_of(text, kind), to);
  return to.substr(1);
}

std::string content_of(std::string_view text, ValueKind kind) {
  std::string scratch = "left over";
  return std::string(content(value_of(text, kind), scratch));
}

TEST(Content, OfAStringIsWithoutQuotesAndEscapes) {
  EXPECT_EQ(content_of(R"("abc")", ValueKind::kString), "abc");
  EXPECT_EQ(content_of(R"("")", ValueKind::kString), "");
  EXPECT_EQ(content_of(R"("a\"\u0041\n")", ValueKind::kString), "a\"A\n");
}

TEST(Content, OfAnythingElseIsItsJson) {
  EXPECT_EQ(content_of("1.50", ValueKind::kNumber), "1.50");
  EXPECT_EQ(content_of("null", ValueKind::kNull), "null");
  EXPECT_EQ(content_of("{\"a\": 1}", ValueKind::kObject), "{\"a\": 1}");
}

TEST(AppendShown, WritesValuesAsTheExistingPipelinesDo) {
  EXPECT_EQ(shown(R"("1694479551")", ValueKind::kString), "'1694479551'");
  EXPECT_EQ(shown("null", ValueKind::kNull), "None");
  EXPECT_EQ(shown("true", ValueKind::kBoolean), "True");
  EXPECT_EQ(shown("false", ValueKind::kBoolean), "False");
  EXPECT_EQ(shown("1694479551.5", ValueKind::kNumber), "1694479551.5");
  EXPECT_EQ(shown("[1, 2]", ValueKind::kArray), "[1, 2]");
  EXPECT_EQ(shown(R"({"a":1})", ValueKind::kObject), "{'a': 1}");
}

// The expected texts are what Python prints.
TEST(AppendShown, WritesStringsAsPythonsRepr) {
  EXPECT_EQ(shown(R"("it's \\ \u0041")", ValueKind::kString), R"("it's \\ A")");
  EXPECT_EQ(shown(R"("a\"b")", ValueKind::kString), R"('a"b')");
  EXPECT_EQ(shown(R"("a\u0022b\u0027c")", ValueKind::kString), R"('a"b\'c')");
  EXPECT_EQ(shown(R"("\n\r\t\b\f\u0000\u001f\/")", ValueKind::kString),
            R"('\n\r\t\x08\x0c\x00\x1f/')");
  EXPECT_EQ(shown("\"\x7f\xc2\x80\xc2\xa0\xc2\xad\"", ValueKind::kString), R"('\x7f\x80\xa0\xad')");
  EXPECT_EQ(shown(R"("\u200b\u2028\ue000\ufeff\udb40\udc01")", ValueKind::kString),
            R"('\u200b\u2028\ue000\ufeff\U000e0001')");
  EXPECT_EQ(shown(R"("\u00e9\ud83d\ude00")", ValueKind::kString), "'\xc3\xa9\xf0\x9f\x98\x80'");
  EXPECT_EQ(shown(R"("")", ValueKind::kString), "''");
}

TEST(AppendShown, WritesContainersAsPythonDoes) {
  EXPECT_EQ(shown(R"( {"a" :1.50 ,"b":[true,null , false],"c":{},"d":[ ],"e":"it's"})",
                  ValueKind::kObject),
            R"({'a': 1.50, 'b': [True, None, False], 'c': {}, 'd': [], 'e': "it's"})");
  EXPECT_EQ(shown(R"(["]},: \"",[["x"]]])", ValueKind::kArray), R"([']},: "', [['x']]])");
}

TEST(AppendShown, CutsLongContainers) {
  for (const std::string_view piece : {"[1,", "\"x\",", "{\"a\":", "11111111111111111111"}) {
    std::string text = "[";
    for (int i = 0; i < 1'000; ++i) text += piece;
    const std::string to = shown(text, ValueKind::kArray);
    EXPECT_GE(to.size(), base::limits::kReasonTextBytesMax / 2) << piece;
    EXPECT_LT(to.size(), base::limits::kReasonTextBytesMax * 3 / 4) << piece;
    EXPECT_TRUE(to.ends_with("…")) << to;
  }
  const std::string text = "[\"" + std::string(1'000, 'y') + "\"]";
  EXPECT_TRUE(shown(text, ValueKind::kArray).ends_with("y…'"));
}

TEST(AppendShown, CutsLongValuesBetweenCharacters) {
  std::string text = "\"";
  for (int i = 0; i < 100'000; ++i) text += "€";
  text += '"';
  const std::string to = shown(text, ValueKind::kString);
  EXPECT_LT(to.size(), base::limits::kReasonTextBytesMax * 3 / 4);
  EXPECT_TRUE(to.starts_with("'€€€"));
  EXPECT_TRUE(to.ends_with("€…'")) << to;

  const std::string digits = shown(std::string(100'000, '1'), ValueKind::kNumber);
  EXPECT_LT(digits.size(), base::limits::kReasonTextBytesMax * 3 / 4);
  EXPECT_TRUE(digits.ends_with("1…"));
}

TEST(CutText, KeepsWholeCharactersOnly) {
  EXPECT_EQ(cut_text("abc", 3), "abc");
  EXPECT_EQ(cut_text("abc", 2), "ab");
  EXPECT_EQ(cut_text("a€b", 4), "a€");
  EXPECT_EQ(cut_text("a€b", 3), "a");
  EXPECT_EQ(cut_text("a€b", 2), "a");
  EXPECT_EQ(cut_text("\xf0\x9f\x98\x80z", 4), "\xf0\x9f\x98\x80");
  EXPECT_EQ(cut_text("\xf0\x9f\x98\x80z", 3), "");
  EXPECT_EQ(cut_text("abc", 0), "");
}

TEST(AppendPointerToken, EscapesAsRfc6901Says) {
  std::string to;
  append_pointer_token("a/b~c", to);
  EXPECT_EQ(to, "a~1b~0c");
}

}  // namespace
}  // namespace millrace::record
