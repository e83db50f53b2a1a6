// SPDX-License-Identifier: Apache-2.0
#include "engine/record/json_writer.h"

#include <cmath>
#include <cstdlib>
#include <limits>
#include <optional>
#include <random>
#include <string>

#include <gtest/gtest.h>

namespace millrace::record {
namespace {

std::string json_string(std::string_view text) {
  std::string to;
  append_json_string(text, to);
  return to;
}

std::string number_text(double value) {
  JsonWriter writer;
  writer.number(value);
  return writer.take();
}

void write_example(JsonWriter& writer) {
  writer.begin_object();
  writer.name("a");
  writer.number(1);
  writer.name("b");
  writer.begin_array();
  writer.string("x");
  writer.begin_object();
  writer.end_object();
  writer.begin_array();
  writer.end_array();
  writer.null();
  writer.boolean(true);
  writer.end_array();
  writer.name("c");
  writer.begin_object();
  writer.name("d");
  writer.boolean(false);
  writer.end_object();
  writer.end_object();
}

TEST(JsonWriter, WritesMembersOfEachKind) {
  JsonWriter writer;
  const auto max = std::numeric_limits<uint64_t>::max();
  writer.begin_object();
  writer.member("unsigned", max);
  writer.member("signed", int32_t{-1});
  writer.member("fraction", 0.5);
  writer.member("flag", false);
  writer.member("text", std::string("t"));
  writer.member("literal", "l");
  writer.member("offset", base::Offset{7});
  writer.member("no_offset", base::Offset());
  writer.member("some", std::optional<int64_t>(-2));
  writer.member("none", std::optional<double>());
  writer.member("no_offset_inside", std::optional(base::Offset()));
  writer.text_or_null("empty", "");
  writer.text_or_null("not_empty", "n");
  writer.rounded("rounded", 0.12345678, 1e6);
  writer.end_object();
  EXPECT_EQ(writer.take(),
            R"({"unsigned":18446744073709551615,"signed":-1,"fraction":0.5,"flag":false,)"
            R"("text":"t","literal":"l","offset":7,"no_offset":null,"some":-2,"none":null,)"
            R"("no_offset_inside":null,"empty":null,"not_empty":"n","rounded":0.123457})");
}

TEST(JsonString, EscapesOnlyWhatMustBeEscaped) {
  EXPECT_EQ(json_string(""), R"("")");
  EXPECT_EQ(json_string("plain/text' é 漢 😀 \x7F"), "\"plain/text' é 漢 😀 \x7F\"");
  EXPECT_EQ(json_string(R"(a"b\c)"), R"("a\"b\\c")");
  EXPECT_EQ(json_string("\b\f\n\r\t"), R"("\b\f\n\r\t")");
  EXPECT_EQ(json_string(std::string("\0\x01\x1F", 3)), "\"\\u0000\\u0001\\u001f\"");
}

TEST(JsonString, AppendsBehindWhatIsThere) {
  std::string to = "x=";
  append_json_string("\n", to);
  EXPECT_EQ(to, "x=\"\\n\"");
}

TEST(RepairUtf8, LeavesWellFormedTextAlone) {
  for (const char* text : {"", "abc", "é", "\u0800", "\uD7FF", "\uE000", "\uFFFF", "\U00010000",
                           "\U0010FFFF", "a\U0001F600b"}) {
    EXPECT_EQ(repair_utf8(text), text);
  }
  EXPECT_EQ(repair_utf8(std::string_view("\0", 1)), std::string(1, '\0'));
}

// The examples of the Unicode standard, section 3.9, tables 3-8 to 3-11.
TEST(RepairUtf8, ReplacesEachIllFormedPartOnce) {
  EXPECT_EQ(repair_utf8("\xC0\xAF\xE0\x80\xBF\xF0\x81\x82\x41"),
            "\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFDA");
  EXPECT_EQ(repair_utf8("\xED\xA0\x80\xED\xBF\xBF\xED\xAF\x41"),
            "\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFDA");
  EXPECT_EQ(repair_utf8("\xF4\x91\x92\x93\xFF\x41\x80\xBF\x42"),
            "\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\x41\uFFFD\uFFFD\x42");
  EXPECT_EQ(repair_utf8("\xE1\x80\xE2\xF0\x91\x92\xF1\xBF\x41"), "\uFFFD\uFFFD\uFFFD\uFFFDA");
}

TEST(RepairUtf8, ReplacesACharacterThatWasCutOff) {
  EXPECT_EQ(repair_utf8("ab\xF0\x9F\x98"), "ab\uFFFD");
  EXPECT_EQ(repair_utf8("ab\xC3"), "ab\uFFFD");
}

TEST(JsonWriter, WritesOneLineWithoutIndent) {
  JsonWriter writer;
  write_example(writer);
  EXPECT_EQ(writer.take(), R"({"a":1,"b":["x",{},[],null,true],"c":{"d":false}})");
}

TEST(JsonWriter, IndentsWhereAsked) {
  JsonWriter writer(2);
  write_example(writer);
  EXPECT_EQ(writer.take(), R"({
  "a": 1,
  "b": [
    "x",
    {},
    [],
    null,
    true
  ],
  "c": {
    "d": false
  }
})");
}

TEST(JsonWriter, RepairsNamesAndStrings) {
  JsonWriter writer;
  writer.begin_object();
  writer.name("\xFF\"");
  writer.string("\xC3");
  writer.end_object();
  EXPECT_EQ(writer.take(), "{\"\uFFFD\\\"\":\"\uFFFD\"}");
}

// A terminal takes U+0080 to U+009F for commands, as it does ESC.
TEST(JsonWriter, EscapesControlCharactersOfAllKinds) {
  JsonWriter writer;
  writer.begin_object();
  writer.member("\x7F\xC2\x9B", std::string_view("\x1B\xC2\x80\xC2\x9F\xC2\xA0é"));
  writer.end_object();
  EXPECT_EQ(writer.take(), "{\"\\u007f\\u009b\":\"\\u001b\\u0080\\u009f\xC2\xA0é\"}");
}

TEST(JsonWriter, WritesIntegersOfAllSizes) {
  JsonWriter writer;
  writer.begin_array();
  writer.number(std::numeric_limits<uint64_t>::max());
  writer.number(std::numeric_limits<int64_t>::min());
  writer.number(0);
  writer.end_array();
  EXPECT_EQ(writer.take(), "[18446744073709551615,-9223372036854775808,0]");
}

TEST(JsonWriter, WritesTheShortestTextOfANumber) {
  EXPECT_EQ(number_text(0.1), "0.1");
  EXPECT_EQ(number_text(5.0), "5");
  EXPECT_EQ(number_text(-2.5), "-2.5");
  EXPECT_EQ(number_text(1e300), "1e+300");
}

TEST(JsonWriter, WritesNumbersThatReadBackTheSame) {
  const auto seed = static_cast<unsigned>(::testing::UnitTest::GetInstance()->random_seed());
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> exponent(-300, 300);
  for (int i = 0; i < 10'000; ++i) {
    const double value = std::pow(10.0, exponent(random)) * (i % 2 == 0 ? 1 : -1);
    ASSERT_EQ(std::strtod(number_text(value).c_str(), nullptr), value);
  }
}

TEST(JsonWriter, WritesNullForWhatIsNotANumber) {
  EXPECT_EQ(number_text(std::numeric_limits<double>::infinity()), "null");
  EXPECT_EQ(number_text(std::numeric_limits<double>::quiet_NaN()), "null");
}

TEST(JsonWriter, LeavesJsonAsItIs) {
  JsonWriter writer;
  writer.begin_object();
  writer.name("a");
  writer.json("1.50");
  writer.name("b");
  writer.begin_array();
  writer.json("12345678901234567890123");
  writer.json("null");
  writer.end_array();
  writer.end_object();
  EXPECT_EQ(writer.take(), R"({"a":1.50,"b":[12345678901234567890123,null]})");
}

TEST(JsonWriter, IsAsNewAfterTake) {
  JsonWriter writer;
  writer.number(1);
  EXPECT_EQ(writer.take(), "1");
  writer.begin_array();
  writer.end_array();
  EXPECT_EQ(writer.take(), "[]");
}

TEST(JsonWriterDeath, RefusesAnUnfinishedDocument) {
  JsonWriter writer;
  writer.begin_object();
  EXPECT_DEATH((void)writer.take(), "has_members_.empty");
  writer.name("a");
  EXPECT_DEATH(writer.name("b"), "after_name_");
  EXPECT_DEATH(writer.end_object(), "after_name_");
}

}  // namespace
}  // namespace millrace::record
