// SPDX-License-Identifier: Apache-2.0
#include "engine/record/json_text.h"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace millrace::record {
namespace {

std::string unescaped(std::string_view string_text) {
  std::string to = "before ";
  append_unescaped(string_text, to);
  return to.substr(7);
}

TEST(JsonNumber, FollowsTheGrammarWhateverTheSize) {
  for (const std::string_view text :
       {"0", "-0", "1", "1.50", "1E400", "1e-400", "123456789012345678901234567890", "-12.25e+3",
        "0.0", "0e0", "10", "18446744073709551616", "1e99999999999999999999"}) {
    EXPECT_TRUE(is_json_number(text)) << text;
  }
  for (const std::string_view text :
       {"",    "-",     "01",    "-01",  "00",    "1.",    ".5",    "+1",       "1e",
        "1e+", "1e+-5", "1e-+5", "1.e5", "--1",   "1 ",    " 1",    "Infinity", "-Infinity",
        "NaN", "0x1",   "1_000", "1,5",  "1.5.2", "1e5e5", "1e5.5", "e5",       "-e5"}) {
    EXPECT_FALSE(is_json_number(text)) << text;
  }
}

TEST(JsonNumber, KnowsIntegralValuesHoweverWritten) {
  for (const std::string_view text : {"0",
                                      "-0",
                                      "1",
                                      "1.0",
                                      "1e3",
                                      "12.50e1",
                                      "-120e-1",
                                      "100e-2",
                                      "0.0",
                                      "0e-5",
                                      "0.000e-99999999999999999999",
                                      "1.5e1",
                                      "1e99999999999999999999",
                                      "123456789012345678901234567890",
                                      "10.00e-1",
                                      "0.5e1",
                                      "1.2300e2",
                                      "1E0",
                                      "1e+2",
                                      "20.0"}) {
    EXPECT_TRUE(is_integral(text)) << text;
  }
  for (const std::string_view text :
       {"1.5", "-0.1", "1e-1", "12.55e1", "121e-1", "100e-3", "1e-99999999999999999999", "0.50",
        "10.5", "1.0001", "10.01e1", "1.", "x", ""}) {
    EXPECT_FALSE(is_integral(text)) << text;
  }
}

TEST(JsonEscapes, AreAllResolved) {
  EXPECT_EQ("", unescaped(R"("")"));
  EXPECT_EQ("plain", unescaped(R"("plain")"));
  EXPECT_EQ("\"\\/\b\f\n\r\t", unescaped(R"("\"\\\/\b\f\n\r\t")"));
  EXPECT_EQ("a\nb\\n", unescaped(R"("a\nb\\n")"));
  EXPECT_EQ(std::string("\0x\x7f", 3), unescaped(R"("\u0000\u0078\u007F")"));
  EXPECT_EQ("\xc2\x80\xc3\xa9\xdf\xbf", unescaped(R"("\u0080\u00e9\u07FF")"));
  EXPECT_EQ("\xe0\xa0\x80\xe2\x82\xac\xef\xbf\xbf", unescaped(R"("\u0800\u20aC\uffff")"));
  EXPECT_EQ("\xf0\x90\x80\x80\xf0\x9f\x98\x80\xf4\x8f\xbf\xbf",
            unescaped(R"("\uD800\uDC00\ud83d\ude00\uDBFF\uDFFF")"));
}

TEST(JsonEscapes, MakeALoneSurrogateAReplacementCharacter) {
  EXPECT_EQ("\xef\xbf\xbd", unescaped(R"("\ud800")"));
  EXPECT_EQ("\xef\xbf\xbdx", unescaped(R"("\udc00x")"));
  EXPECT_EQ(
      "\xef\xbf\xbd"
      "A",
      unescaped(R"("\ud800\u0041")"));
  EXPECT_EQ("\xef\xbf\xbd\xf0\x9f\x98\x80", unescaped(R"("\ud800\ud83d\ude00")"));
  EXPECT_EQ("\xef\xbf\xbd\n", unescaped(R"("\ud800\n")"));
}

TEST(JsonEscapes, AreCheckedOneByOne) {
  for (const std::string_view content : {"", "plain", R"(\\)", R"(\\\")", R"(\u00e9\n)",
                                         R"(\ud83d\ude00)", R"(x\\u)", R"(\uabCD)"}) {
    EXPECT_TRUE(has_valid_escapes(content)) << content;
  }
  for (const std::string_view content :
       {R"(\)", R"(\x)", R"(\\\)", R"(\u)", R"(\u12)", R"(\u123)", R"(\u123g)", R"(\U0041)",
        R"(\ud800)", R"(\ud800x)", R"(\ud800\n)", R"(\ud800\ud800)", R"(\ud800\u0041)", R"(\ude00)",
        R"(\ud800\ude0)", R"(\ )"}) {
    EXPECT_FALSE(has_valid_escapes(content)) << content;
  }
}

}  // namespace
}  // namespace millrace::record
