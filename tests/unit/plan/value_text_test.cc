// SPDX-License-Identifier: Apache-2.0
#include "engine/plan/value_text.h"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "engine/base/limits.h"

namespace millrace::plan {
namespace {

using record::JsonValue;
using record::ValueKind;

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
  EXPECT_EQ(shown(R"({"a":1})", ValueKind::kObject), R"({"a":1})");
}

TEST(AppendShown, EscapesQuotesAndBackslashes) {
  EXPECT_EQ(shown(R"("it's \\ \u0041")", ValueKind::kString), R"('it\'s \\ A')");
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
}  // namespace millrace::plan
