// SPDX-License-Identifier: Apache-2.0
#include "engine/record/masked_json.h"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace millrace::record {
namespace {

// Of a plan that mentions `user_id`, `address` and `n`.
std::string masked(std::string_view json, size_t bytes_max = 200) {
  NameTable names;
  names.intern("user_id");
  names.intern("address");
  names.intern("n");
  Document document(names, {.reject_duplicates = false, .objects_only = false});
  EXPECT_EQ(document.parse(json), ParseError::kNone) << json;
  return masked_json(document, bytes_max);
}

TEST(MaskedJson, KeepsStructureAndHidesStringsAndDigits) {
  EXPECT_EQ(masked(R"({"user_id": "alice", "address": {"n": [17, -2.5e3, "", null]}, "n": true})"),
            "{\"user_id\":\"\u2022\u2022\u2022\",\"address\":{\"n\":[00,-0.0e0,"
            "\"\u2022\u2022\u2022\",null]},\"n\":true}");
}

TEST(MaskedJson, HidesNamesThatNoPlanMentions) {
  EXPECT_EQ(masked(R"({"alice@example.com":1,"n":2})"), "{\"\u2022\u2022\u2022\":0,\"n\":0}");
}

TEST(MaskedJson, ShowsNoLengthOfAString) {
  EXPECT_EQ(masked(R"("a")"), masked(R"("a much longer one, with \"escapes\"")"));
}

TEST(MaskedJson, OfAValueThatIsNoObject) {
  EXPECT_EQ(masked("-12"), "-00");
  EXPECT_EQ(masked("[]"), "[]");
  EXPECT_EQ(masked("{}"), "{}");
}

TEST(MaskedJson, IsCutBetweenCharacters) {
  EXPECT_EQ(masked(R"(["abc"])", 4), "[\"\u2026");
  EXPECT_EQ(masked(R"(["abc"])", 5), "[\"\u2022\u2026");
  EXPECT_EQ(masked(std::string(1000, '7'), 10), "0000000000\u2026");
}

TEST(MaskedJson, OfDeepAndWideOnesIsShortToo) {
  const std::string deep = std::string(500, '[') + std::string(500, ']');
  EXPECT_EQ(masked(deep), std::string(200, '[') + "\u2026");
  std::string wide = "[1";
  for (int i = 0; i < 5000; ++i) wide += ",1";
  EXPECT_LE(masked(wide + "]").size(), 203U);
}

}  // namespace
}  // namespace millrace::record
