// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "engine/record/document.h"
#include "engine/record/names.h"

namespace millrace::record {
namespace {

class DocumentEncode : public ::testing::Test {
 protected:
  std::string encoded(std::string_view text, Encoding encoding) {
    EXPECT_EQ(ParseError::kNone, document_.parse(text)) << text;
    std::string to(document_.encoded_size(encoding) + 8, '#');
    document_.encode(encoding, to.data());
    EXPECT_TRUE(to.ends_with("########")) << to;
    return to.substr(0, to.size() - 8);
  }

  NameTable names_;
  Document document_{names_, {}};
};

TEST_F(DocumentEncode, CompactWritesTheRootAfreshAndTheRestAsItCame) {
  const std::vector<std::pair<std::string_view, std::string_view>> cases{
      {" { \"a\" : 1 , \"b\":[ 1,  2 ],\"c\" : { } } ", R"({"a":1,"b":[ 1,  2 ],"c":{ }})"},
      {R"({"\u0061":"\/","b":1.50})", R"({"\u0061":"\/","b":1.50})"},
      {" { } ", "{}"}};
  for (const auto& [text, expected] : cases) {
    EXPECT_EQ(expected, encoded(text, Encoding::kCompact));
  }
}

// The expected texts are what json.dumps(json.loads(text)) of Python 3.11 writes.
TEST_F(DocumentEncode, SpacedWritesAsPythonsJsonModule) {
  const std::vector<std::pair<std::string_view, std::string_view>> cases{
      {R"({"a":1,"b":[1,2,{"c":null}],"d":{},"e":[],"f":true})",
       R"({"a": 1, "b": [1, 2, {"c": null}], "d": {}, "e": [], "f": true})"},
      {" { \"a\" :\n[ ] }", R"({"a": []})"},
      {R"({"a":"\u0041\/\"\\\b\f\n\r\t\u0000\u001F"})", R"({"a": "A/\"\\\b\f\n\r\t\u0000\u001f"})"},
      {"{\"\xc3\xa9\":\"\xf0\x9f\x98\x80 \xe2\x80\xa8 \x7f\"}",
       R"({"\u00e9": "\ud83d\ude00 \u2028 \u007f"})"},
      {R"({"\u00E9":"\uD83D\uDE00","plain":"text"})",
       R"({"\u00e9": "\ud83d\ude00", "plain": "text"})"},
      {"{\"a\":\"\xc2\x80\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf\xf0\x90\x80\x80\xf4\x8f\xbf\xbf\"}",
       R"({"a": "\u0080\u07ff\u0800\uffff\ud800\udc00\udbff\udfff"})"},
      {R"({"a":"x","a":{"b":1,"b":2}})", R"({"a": {"b": 2}})"}};
  for (const auto& [text, expected] : cases) {
    EXPECT_EQ(expected, encoded(text, Encoding::kSpaced));
    EXPECT_EQ(expected, encoded(expected, Encoding::kSpaced));
  }
}

TEST_F(DocumentEncode, NumbersKeepTheirText) {
  EXPECT_EQ(R"({"a": [1.50, 1E400, -0, 123456789012345678901234567890]})",
            encoded(R"({"a":[1.50,1E400,-0,123456789012345678901234567890]})", Encoding::kSpaced));
}

TEST_F(DocumentEncode, TextsOfEveryLengthComeOutWhole) {
  for (size_t length = 0; length < 200; ++length) {
    const std::string value = fmt::format("\"{}\"", std::string(length, 'v'));
    const std::string text =
        fmt::format(R"({{"{}":{},"x":{}}})", std::string(length, 'n'), value, value);
    ASSERT_EQ(text, encoded(text, Encoding::kCompact));
  }
}

// Edits put in texts that lie elsewhere, of any length.
TEST_F(DocumentEncode, EditedTextsOfEveryLengthComeOutWhole) {
  for (size_t length = 0; length < 100; ++length) {
    const std::string value = fmt::format("\"{}\"", std::string(length, 'v'));
    const std::string text = R"({"a":1,"b":2})";
    ASSERT_EQ(ParseError::kNone, document_.parse(text));
    const NodeIndex a = document_.first_child(0);
    document_.replace(a, {value, ValueKind::kString, false});
    document_.replace(document_.next_child(a), {value, ValueKind::kString, false});
    std::string compact(document_.encoded_size(Encoding::kCompact), '\0');
    document_.encode(Encoding::kCompact, compact.data(), compact.size());
    ASSERT_EQ(fmt::format(R"({{"a":{},"b":{}}})", value, value), compact);
    std::string spaced(document_.encoded_size(Encoding::kSpaced), '\0');
    document_.encode(Encoding::kSpaced, spaced.data(), spaced.size());
    ASSERT_EQ(fmt::format(R"({{"a": {}, "b": {}}})", value, value), spaced);
  }
}

}  // namespace
}  // namespace millrace::record
