// SPDX-License-Identifier: Apache-2.0
#include "engine/schema/ecma_pattern.h"

#include <array>
#include <filesystem>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include "engine/schema/unicode_names.h"

namespace millrace::schema {
namespace {

using ::testing::HasSubstr;

constexpr const char* kSuite =
    "/usr/share/perl5/auto/share/dist/Test-JSON-Schema-Acceptance/tests/draft2020-12/";

bool found(std::string_view pattern, std::string_view text) {
  auto compiled = EcmaPattern::compile(pattern);
  EXPECT_TRUE(compiled.ok()) << pattern << ": " << (compiled.ok() ? "" : compiled.message());
  return compiled.ok() && compiled.value()->found_in(text);
}

std::string error_of(std::string_view pattern) {
  const auto compiled = EcmaPattern::compile(pattern);
  return compiled.ok() ? "none" : compiled.message();
}

TEST(EcmaPattern, IsFoundAnywhereUnlessAnchored) {
  EXPECT_TRUE(found("es", "expression"));
  EXPECT_TRUE(found("", ""));
  EXPECT_TRUE(found("", "x"));
  EXPECT_TRUE(found("^$", ""));
  EXPECT_FALSE(found("^$", "x"));
  EXPECT_FALSE(found("^b", "ab"));
  EXPECT_FALSE(found("^b", "a\nb"));
  EXPECT_TRUE(found("^a|b$", "xb"));
  EXPECT_FALSE(found("^(a|b)$", "xb"));
}

TEST(EcmaPattern, EndsOnlyAtTheVeryEnd) {
  EXPECT_TRUE(found("^abc$", "abc"));
  EXPECT_FALSE(found("^abc$", "abc\n"));
  EXPECT_FALSE(found("(a|ab)*?c$", "ac\n"));
  EXPECT_FALSE(found("a$b", "ab"));
}

TEST(EcmaPattern, DotLeavesLineTerminatorsOut) {
  for (const char* text : {"a", "é", "😀", "\t", "\xC2\x85"}) EXPECT_TRUE(found("^.$", text));
  for (const char* text : {"\n", "\r", "\u2028", "\u2029"}) EXPECT_FALSE(found("^.$", text));
  EXPECT_TRUE(found("^[^]$", "\n"));
  EXPECT_FALSE(found("[]", "a"));
  EXPECT_FALSE(found("a[]|b", "a"));
}

TEST(EcmaPattern, ReadsEscapes) {
  EXPECT_TRUE(found("^\\t\\n\\v\\f\\r$", "\t\n\v\f\r"));
  EXPECT_TRUE(found("^\\cA\\cz\\cJ$", "\x01\x1A\n"));
  EXPECT_TRUE(found("^\\0$", std::string_view("\0", 1)));
  EXPECT_TRUE(found("^\\x41\\u00e9\\u{1F600}\\u{41}$", "Aé😀A"));
  EXPECT_TRUE(found("^\\uD83D\\uDE00$", "😀"));
  EXPECT_TRUE(found("^[\\uD83D\\uDE00-\\u{1F64F}]$", "😀"));
  EXPECT_TRUE(found("^\\^\\$\\\\\\.\\*\\+\\?\\(\\)\\[\\]\\{\\}\\|\\/$", "^$\\.*+?()[]{}|/"));
  EXPECT_TRUE(found("^\\-\\_\\@\\ $", "-_@ "));
  EXPECT_TRUE(found("^[\\b\\-\\]]{3}$", "\b-]"));
  EXPECT_FALSE(found("\\uD83D", "😀"));
}

TEST(EcmaPattern, KnowsItsClassesOfCharacters) {
  EXPECT_TRUE(found("^\\d\\D\\w\\W\\s\\S$", "1a_- x"));
  EXPECT_FALSE(found("\\d", "\u0967"));
  EXPECT_TRUE(found("^\\D$", "\u0967"));
  EXPECT_FALSE(found("\\w", "é"));
  EXPECT_TRUE(found("^\\W$", "é"));
  for (const char* space : {" ", "\t", "\v", "\u00A0", "\uFEFF", "\u2003", "\u2029", "\u3000"}) {
    EXPECT_TRUE(found("^\\s$", space));
    EXPECT_TRUE(found("^[\\s]$", space));
    EXPECT_FALSE(found("\\S", space));
    EXPECT_FALSE(found("[^\\s]", space));
    EXPECT_FALSE(found("[\\S]", space));
  }
  EXPECT_TRUE(found("^[\\w-.]+$", "a-b.c"));
  EXPECT_TRUE(found("^[a-]+$", "a-"));
  EXPECT_TRUE(found("^[-a]+$", "a-"));
  EXPECT_TRUE(found("^[\\D\\d]$", "\u2028"));
  EXPECT_TRUE(found("^[^\\W]$", "a"));
}

TEST(EcmaPattern, BoundsWordsByAsciiLetters) {
  EXPECT_TRUE(found("\\bcat\\b", "a cat!"));
  EXPECT_FALSE(found("\\bcat\\b", "concat"));
  EXPECT_TRUE(found("\\bcole", "école"));
  EXPECT_TRUE(found("x\\By", "xy"));
}

TEST(EcmaPattern, KnowsUnicodeProperties) {
  for (const char* letter :
       {"\\p{L}", "\\p{Letter}", "\\p{gc=L}", "\\p{General_Category=Letter}"}) {
    EXPECT_TRUE(found(letter, "é")) << letter;
    EXPECT_FALSE(found(letter, "1-")) << letter;
  }
  for (const char* greek :
       {"\\p{Script=Greek}", "\\p{sc=Grek}", "[\\p{sc=Greek}]", "[^\\P{sc=Greek}]"}) {
    EXPECT_TRUE(found(greek, "α")) << greek;
    EXPECT_FALSE(found(greek, "a")) << greek;
  }
  EXPECT_TRUE(found("^\\p{digit}+$", "42\u09ea"));
  EXPECT_TRUE(found("^\\p{Lu}\\P{Lu}$", "Éé"));
  EXPECT_TRUE(found("^\\p{ASCII}$", "a"));
  EXPECT_FALSE(found("\\p{ASCII}", "é"));
  EXPECT_TRUE(found("^\\P{ASCII}$", "é"));
  EXPECT_TRUE(found("^[\\P{ASCII}x]+$", "éx"));
  EXPECT_TRUE(found("^\\p{Any}$", "\n"));
  EXPECT_FALSE(found("\\P{Any}", "a"));
  EXPECT_TRUE(found("^\\p{LC}$", "a"));
  EXPECT_FALSE(found("\\p{LC}", "中"));
  EXPECT_TRUE(found("^\\p{Cn}$", "\u0378"));
  EXPECT_TRUE(found("^\\p{C}$", "\u0378"));
  EXPECT_TRUE(found("^\\p{C}$", "\x01"));
  EXPECT_FALSE(found("\\p{Cn}", "\x01"));
  EXPECT_FALSE(found("\\p{Assigned}", "\u0378"));
  EXPECT_TRUE(found("^\\p{White_Space}$", "\u0085"));
  EXPECT_TRUE(found("^\\p{AHex}+\\P{Hex_Digit}$", "aF0g"));
}

TEST(EcmaPattern, KnowsEveryScriptByBothNames) {
  for (const UnicodeName& script : kUnicodeScripts) {
    for (const std::string_view name : {script.short_name, script.long_name}) {
      EXPECT_EQ(error_of("\\p{Script=" + std::string(name) + "}"), "none");
    }
  }
}

TEST(EcmaPattern, Repeats) {
  EXPECT_TRUE(found("^a{2}$", "aa"));
  EXPECT_FALSE(found("^a{2}$", "aaa"));
  EXPECT_TRUE(found("^a{2,}?$", "aaa"));
  EXPECT_TRUE(found("^(?:ab){1,3}?$", "abab"));
  EXPECT_FALSE(found("^(?:ab){1,3}$", "abababab"));
  EXPECT_TRUE(found("^a{0}b??c*?d+?$", "d"));
  EXPECT_TRUE(found("^(a|){3}$", "a"));
  EXPECT_TRUE(found("^.{1,5000}$", std::string(5000, 'x')));
  EXPECT_FALSE(found("^.{1,5000}$", std::string(5001, 'x')));
}

TEST(EcmaPattern, TakesBracesThatRepeatNothingLiterally) {
  EXPECT_TRUE(found("^{a}$", "{a}"));
  EXPECT_TRUE(found("^a{,2}$", "a{,2}"));
  EXPECT_TRUE(found("^${x]$|^x}$", "x}"));
  EXPECT_TRUE(found("^\\{[^}]*}$", "{abc}"));
}

TEST(EcmaPattern, ReadsGroups) {
  EXPECT_TRUE(found("^(?<year>\\d{4})-(?<$m_1>\\d\\d)$", "2024-05"));
  EXPECT_TRUE(found("^((a)(?:b(c)))$", "abc"));
  EXPECT_TRUE(found("^(|a)$", ""));
}

TEST(EcmaPattern, NamesWhatCannotBeRun) {
  EXPECT_EQ(error_of("a(?=b)"), "the look-around (?= at offset 1 is not supported");
  EXPECT_THAT(error_of("(?!a)"), HasSubstr("(?! at offset 0"));
  EXPECT_THAT(error_of("(?<=a)b"), HasSubstr("(?<= at offset 0"));
  EXPECT_THAT(error_of("(?<!a)b"), HasSubstr("(?<! at offset 0"));
  EXPECT_EQ(error_of("(a)\\1"), "the back-reference \\1 at offset 3 is not supported");
  EXPECT_THAT(error_of("(?<n>a)\\k<n>"), HasSubstr("\\k at offset 7"));
  EXPECT_EQ(error_of("x\\p{Emoji}"),
            "the Unicode property \\p{Emoji} at offset 1 is not supported");
  EXPECT_THAT(error_of("\\p{scx=Greek}"), HasSubstr("\\p{scx=Greek}"));
  EXPECT_THAT(error_of("[\\p{Cn}a]"), HasSubstr("in a class at offset 1"));
  EXPECT_EQ(error_of("^(ab){2000}$"), "the pattern repeats something more than 1000 times");
  EXPECT_THAT(error_of("^((a|bc){100}){100}$"), HasSubstr("more than 1000 times"));
}

TEST(EcmaPattern, NamesMistakesWithTheirOffset) {
  EXPECT_EQ(error_of("^(abc]"), "'(' is not closed at offset 1");
  EXPECT_EQ(error_of("a)"), "')' closes nothing at offset 1");
  EXPECT_EQ(error_of("a[b"), "'[' is not closed at offset 1");
  EXPECT_EQ(error_of("*a"), "nothing to repeat at offset 0");
  EXPECT_EQ(error_of("a**"), "nothing to repeat at offset 2");
  EXPECT_EQ(error_of("^*"), "nothing to repeat at offset 1");
  EXPECT_EQ(error_of("{2}"), "nothing to repeat at offset 0");
  EXPECT_EQ(error_of("a{3,2}"), "numbers out of order in {} at offset 1");
  EXPECT_EQ(error_of("[z-a]"), "a range out of order at offset 1");
  EXPECT_EQ(error_of("é\\a"), "an unknown escape at offset 2");
  for (const char* wrong :
       {"\\",       "\\Z",   "\\x4",    "\\u12", "\\u{}", "\\u{110000}", "\\c1",    "\\01", "\\p",
        "\\p{",     "\\p{}", "\\p{^L}", "(?",    "(?<",   "(?<>a)",      "(?<1>a)", "(?<a", "(?i)a",
        "(?P<n>a)", "\\k",   "\\k<a",   "[\\",   "[\\1]", "[a-\\z]",     "a|*"}) {
    EXPECT_THAT(error_of(wrong), HasSubstr(" at offset ")) << wrong;
  }
}

TEST(EcmaPattern, RefusesBytesThatAreNotText) {
  for (const char* wrong :
       {"\xFF", "a\x80", "\xC3", "[\xC0\x80]", "\xED\xA0\x80", "\xF4\x90\x80\x80"}) {
    EXPECT_THAT(error_of(wrong), HasSubstr("not UTF-8 at offset"));
  }
}

TEST(EcmaPattern, BoundsWhatHostilePatternsTake) {
  EXPECT_THAT(error_of(std::string(70000, 'a')), HasSubstr("longer than 65536 bytes"));
  EXPECT_THAT(error_of(std::string(60000, '(')), HasSubstr("nested deeper than 100"));
  EXPECT_THAT(error_of("^(.|..|...){1000}(\\p{L}|..){1000}$"), HasSubstr("more memory"));
  EXPECT_EQ(error_of("(a|b" + std::string(60000, '|') + ")"), "none");
  std::string nested;
  for (int i = 0; i < 90; ++i) nested += '(';
  for (int i = 0; i < 90; ++i) nested += "){8}";
  EXPECT_NE(error_of(nested), "");
  EXPECT_TRUE(found("^(a+)+$", std::string(100000, 'a')));
  EXPECT_FALSE(found("^(a+)+$", std::string(100000, 'a') + "b"));
  EXPECT_FALSE(found("(a|b)*c(d|e){20}f", std::string(100000, 'c')));
}

// One file of the official suite whose schemas have nothing but a pattern.
int run_suite(const std::string& name) {
  simdjson::dom::parser parser;
  int passed = 0;
  for (const simdjson::dom::element group : parser.load(kSuite + name)) {
    std::string_view pattern;
    if (group["schema"]["pattern"].get(pattern) != simdjson::SUCCESS) continue;
    for (const simdjson::dom::element test : group["tests"]) {
      std::string_view text;
      if (test["data"].get(text) != simdjson::SUCCESS) continue;
      EXPECT_EQ(found(pattern, text), bool(test["valid"])) << pattern << " in " << text;
      ++passed;
    }
  }
  return passed;
}

TEST(EcmaPattern, PassesTheOfficialSuite) {
  if (!std::filesystem::exists(kSuite)) GTEST_SKIP() << "libtest-json-schema-acceptance-perl";

  EXPECT_GE(run_suite("pattern.json"), 3);
  EXPECT_GE(run_suite("optional/ecmascript-regex.json"), 50);
  EXPECT_GE(run_suite("optional/non-bmp-regex.json"), 7);
}

}  // namespace
}  // namespace millrace::schema
