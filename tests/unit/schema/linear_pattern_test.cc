// SPDX-License-Identifier: Apache-2.0
#include "engine/schema/linear_pattern.h"

#include <array>
#include <random>
#include <re2/re2.h>
#include <string>

#include <gtest/gtest.h>

#include "engine/schema/ecma_pattern.h"

namespace millrace::schema {
namespace {

bool is_linear(const std::string& pattern) {
  const auto compiled = EcmaPattern::compile(pattern);
  EXPECT_TRUE(compiled.ok()) << pattern;
  return compiled.ok() && compiled.value()->is_linear();
}

TEST(LinearPattern, TakesSequencesWithoutAWayBack) {
  for (const char* pattern : {"",
                              "^",
                              "$",
                              "^$",
                              "abc",
                              "^abc",
                              "abc$",
                              "^abc$",
                              "[0-9]",
                              "[0-9]{3}",
                              "[a-z]+$",
                              "^[a-f0-9-]",
                              "^[0-9]+\\.[0-9]+\\.[0-9]+$",
                              "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$",
                              "^(android|ios|web)$",
                              "^[^@]+@[^@]+$",
                              "^v?[0-9]+$",
                              "^.{1,5000}$",
                              "a*",
                              "x*y",
                              "^[a-z]+(-[a-z]+)?$",
                              "^(?:[0-9]{1,3}\\.){3}[0-9]{1,3}$",
                              "a|b",
                              "\\.json$",
                              "^a*b*c*$"}) {
    EXPECT_TRUE(is_linear(pattern)) << pattern;
  }
}

TEST(LinearPattern, LeavesTheRestToTheAutomaton) {
  for (const char* pattern :
       {"^[a-z]+a", "^a?a$", "^a*b?a$", "^.*bar$", "(ab)+", "[a-z][0-9]", "x{2,3}y{2}[ab]{1,2}$",
        "\\bword", "\\s", "é", "\\p{L}", "^(a|b|c|d|e|f|g|h|i)$", "[^a]$", "a^b", "$a",
        "^[a-z]{2,3}[a-z]", "^(a|b)(c|d)(e|f)(g|h)$"}) {
    EXPECT_FALSE(is_linear(pattern)) << pattern;
  }
}

TEST(LinearPattern, CountsCharactersAndNotBytes) {
  const auto two = EcmaPattern::compile("^[^x]{2}$");
  ASSERT_TRUE(two.ok() && two.value()->is_linear());
  EXPECT_TRUE(two.value()->found_in("é😀"));
  EXPECT_FALSE(two.value()->found_in("é"));
  EXPECT_FALSE(two.value()->found_in("😀😀😀"));
}

TEST(LinearPattern, StaysInsideTextsThatAreNotUtf8) {
  const auto any = EcmaPattern::compile("^.{2,}$");
  const auto run = EcmaPattern::compile("[^x]{3}");
  ASSERT_TRUE(any.ok() && run.ok());
  for (const char* text : {"\xF0", "a\xF0", "\xF0\x9F", "\x80\x80", "\xE2\x80", "\xFF\xFF\xFF"}) {
    (void)any.value()->found_in(text);
    (void)run.value()->found_in(text);
  }
}

// Patterns that mean the same to ECMA-262 and, with the options below, to RE2.
class RandomPatterns {
 public:
  explicit RandomPatterns(uint32_t seed) : random_(seed) {}

  std::string pattern() {
    std::string text = below(2) == 0 ? "^" : "";
    for (uint32_t i = below(5); i > 0; --i) text += item();
    if (below(2) == 0) text += "$";
    return below(4) == 0 ? text + "|" + pattern() : text;
  }

  std::string text() {
    constexpr std::array<const char*, 8> kCharacters{"a", "b", "c", "1", "-", "é", "😀", "\n"};
    std::string text;
    for (uint32_t i = below(8); i > 0; --i) text += kCharacters.at(below(kCharacters.size()));
    return text;
  }

 private:
  uint32_t below(size_t n) { return static_cast<uint32_t>(random_() % n); }

  std::string item() {
    constexpr std::array<const char*, 12> kSets{"a",     "b",     "[ab]",     "[^a]",
                                                "[0-9]", "-",     "[^\\n]",   "[a-c]",
                                                "1",     "[^b1]", "(?:a|b1)", "(?:ab|)"};
    constexpr std::array<const char*, 9> kCounts{"", "", "", "*", "+", "?", "{2}", "{1,3}", "{2,}"};
    return std::string(kSets.at(below(kSets.size()))) + kCounts.at(below(kCounts.size()));
  }

  std::mt19937 random_;
};

TEST(LinearPattern, AgreesWithRe2) {
  constexpr uint32_t kSeed = 4711;
  RandomPatterns random(kSeed);
  RE2::Options options;
  options.set_never_nl(false);
  int linear = 0;
  int hits = 0;
  for (int i = 0; i < 20000; ++i) {
    const std::string pattern = random.pattern();
    const auto compiled = EcmaPattern::compile(pattern);
    ASSERT_TRUE(compiled.ok()) << pattern << ": " << compiled.message();
    if (!compiled.value()->is_linear()) continue;
    ++linear;
    // Without (?m), RE2's ^ and $ are those of ECMA-262.
    const RE2 reference(pattern, options);
    for (int k = 0; k < 10; ++k) {
      const std::string text = random.text();

      const bool expected = RE2::PartialMatch(text, reference);

      ASSERT_EQ(compiled.value()->found_in(text), expected)
          << "/" << pattern << "/ in '" << text << "', seed " << kSeed;
      hits += expected ? 1 : 0;
    }
  }
  EXPECT_GT(linear, 5000);
  EXPECT_GT(hits, 10000);
}

}  // namespace
}  // namespace millrace::schema
