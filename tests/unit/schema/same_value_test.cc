// SPDX-License-Identifier: Apache-2.0
#include "engine/schema/same_value.h"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "engine/record/document.h"
#include "engine/record/names.h"

namespace millrace::schema {
namespace {

struct Pair {
  std::string_view a;
  std::string_view b;
  bool same;
};

constexpr Pair kPairs[] = {
    {"1", "1.0", true},
    {"1", "10e-1", true},
    {"0", "-0.0", true},
    {"1", "true", false},
    {"0", "false", false},
    {"null", "false", false},
    {"9007199254740993", "9007199254740992", false},
    {R"("a")", R"("\u0061")", true},
    {R"("a")", R"("A")", false},
    {R"("1")", "1", false},
    {R"("\u00e4")", "\"ä\"", true},
    {"[1, 2]", "[1.0, 2]", true},
    {"[1, 2]", "[2, 1]", false},
    {"[1]", "[1, 1]", false},
    {"[]", "{}", false},
    {R"({"a": 1, "b": [2]})", R"({"b": [2.0], "\u0061": 1})", true},
    {R"({"a": 1})", R"({"a": 2})", false},
    {R"({"a": 1})", R"({"b": 1})", false},
    {R"({"a": 1})", R"({"a": 1, "b": 1})", false},
    {R"({"a": 2, "a": 1})", R"({"a": 1})", true},
};

TEST(SameValue, ComparesByMeaning) {
  const record::NameTable names;
  record::Document a(names, {.objects_only = false});
  record::Document b(names, {.objects_only = false});
  SameValue same(17);
  for (const Pair& pair : kPairs) {
    ASSERT_EQ(a.parse(pair.a), record::ParseError::kNone);
    ASSERT_EQ(b.parse(pair.b), record::ParseError::kNone);

    EXPECT_EQ(same.same(a, a.node(0), b, b.node(0)), pair.same) << pair.a << " " << pair.b;
    EXPECT_EQ(same.same(b, b.node(0), a, a.node(0)), pair.same) << pair.b << " " << pair.a;
    EXPECT_EQ(same.hash(a, a.node(0)) == same.hash(b, b.node(0)), pair.same)
        << pair.a << " " << pair.b;
  }
}

// `count` different values of all kinds, some inside others.
std::string values(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) {
    const std::string number = std::to_string(i);
    if (!text.empty()) text += ", ";
    switch (i % 4) {
      case 0:
        text += number;
        break;
      case 1:
        text += "\"" + number + "\"";
        break;
      case 2:
        text += "[" + number + "]";
        break;
      default:
        text += R"({"a": )" + number + R"(, "b": null})";
    }
  }
  return text;
}

TEST(SameValue, FindsTheSameElementInShortAndLongArrays) {
  const record::NameTable names;
  record::Document document(names, {.objects_only = false});
  SameValue same(17);
  for (const int count : {1, 4, 15, 16, 17, 100}) {
    const std::string different = "[" + values(count) + "]";
    ASSERT_EQ(document.parse(different), record::ParseError::kNone);
    EXPECT_TRUE(same.all_different(document, document.node(0))) << count;
    for (const std::string_view again : {"0.0", R"("\u0031")", "[2]", R"({"b": null, "a": 3})"}) {
      const std::string doubled =
          "[" + values(std::max(count, 4)) + ", " + std::string(again) + "]";
      ASSERT_EQ(document.parse(doubled), record::ParseError::kNone);
      EXPECT_FALSE(same.all_different(document, document.node(0))) << count << " " << again;
    }
  }
}

}  // namespace
}  // namespace millrace::schema
