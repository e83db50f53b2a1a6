// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <sys/mman.h>
#include <unistd.h>
#include <vector>

#include <gtest/gtest.h>
#include <simdjson.h>

#include "engine/base/limits.h"
#include "engine/record/document.h"
#include "engine/record/json_text.h"
#include "engine/record/names.h"

namespace millrace::record {
namespace {

using base::limits::kJsonDepthMax;
using base::limits::kMembersMax;

constexpr std::string_view kLogin =
    R"({"user_id": "59cc1bb4-8037-4475-b1e4-1349e7d4c747", "app_version": "2.3.0", )"
    R"("ip": "1.1.177.19", "locale": "CT", "device_id": "8792a520-f2d6-45e9-87f3-2638d417e805", )"
    R"("timestamp": 1720655268, "device_type": "android"})";

std::string repeat(std::string_view text, size_t count) {
  std::string all;
  all.reserve(text.size() * count);
  for (size_t i = 0; i < count; ++i) all += text;
  return all;
}

ParseError parse(std::string_view text, bool reject_duplicates = false) {
  const NameTable names;
  return Document(names, {.reject_duplicates = reject_duplicates}).parse(text);
}

// One member of an object.
struct Member {
  std::string name;
  std::string name_text;
  JsonValue value;
};

std::vector<Member> members_of(const Document& document, NodeIndex object) {
  std::vector<Member> members;
  for (NodeIndex child = document.first_child(object); child != kNoNode;
       child = document.next_child(child)) {
    const Node& node = document.node(child);
    Member& member = members.emplace_back();
    append_unescaped(node.name_text, member.name);
    member.name_text = node.name_text;
    member.value = node.value;
    EXPECT_EQ(node.parent, object);
    EXPECT_EQ(node.name_escaped, node.name_text.find('\\') != std::string_view::npos);
  }
  return members;
}

class DocumentParse : public ::testing::Test {
 protected:
  // The members of `text` as lines "name=value text".
  std::vector<std::string> members(std::string_view text) {
    std::vector<std::string> lines;
    EXPECT_EQ(ParseError::kNone, document_.parse(text)) << text;
    for (const Member& member : members_of(document_, 0)) {
      lines.push_back(member.name + "=" + std::string(member.value.text));
    }
    return lines;
  }

  NameTable names_;
  Document document_{names_, {}};
};

using Lines = std::vector<std::string>;

TEST_F(DocumentParse, ListsTheMembersOfALoginAsWritten) {
  ASSERT_EQ(ParseError::kNone, document_.parse(kLogin));

  const std::vector<Member> members = members_of(document_, 0);
  ASSERT_EQ(7U, members.size());
  EXPECT_EQ("user_id", members[0].name);
  EXPECT_EQ("\"user_id\"", members[0].name_text);
  EXPECT_EQ("59cc1bb4-8037-4475-b1e4-1349e7d4c747", members[0].value.plain());
  EXPECT_EQ("timestamp", members[5].name);
  EXPECT_EQ("1720655268", members[5].value.text);
  EXPECT_EQ("\"android\"", members[6].value.text);
}

TEST_F(DocumentParse, TellsTheKindsOfValues) {
  ASSERT_EQ(
      ParseError::kNone,
      document_.parse(R"({"a":null,"b":true,"c":false,"d":-1,"e":"x","f":"\n","g":{},"h":[]})"));

  std::vector<ValueKind> kinds;
  for (const Member& member : members_of(document_, 0)) kinds.push_back(member.value.kind);
  EXPECT_EQ((std::vector<ValueKind>{ValueKind::kNull, ValueKind::kBoolean, ValueKind::kBoolean,
                                    ValueKind::kNumber, ValueKind::kString, ValueKind::kString,
                                    ValueKind::kObject, ValueKind::kArray}),
            kinds);
  EXPECT_FALSE(members_of(document_, 0)[4].value.escaped);
  EXPECT_TRUE(members_of(document_, 0)[5].value.escaped);
}

TEST_F(DocumentParse, TrimsTheWhiteSpaceAroundEveryToken) {
  EXPECT_EQ((Lines{"a=1.50", "b=[ 1 , 2 ]", "c={ }", "d=\" x \"", "e=null"}),
            members(" \t\r\n{ \"a\" :\n1.50 , \"b\": [ 1 , 2 ]\t,\"c\" : { } , \"d\" :\" x \" ,"
                    "\r\n\"e\":null } \n"));
}

TEST_F(DocumentParse, KeepsNumbersOfAnySizeAsTheyWereWritten) {
  EXPECT_EQ(
      (Lines{"a=1.50", "b=1E400", "c=123456789012345678901234567890", "d=-0", "e=0.10e-07"}),
      members(R"({"a":1.50,"b":1E400,"c":123456789012345678901234567890,"d":-0,"e":0.10e-07})"));
}

TEST_F(DocumentParse, UnescapesNamesAndKeepsTheirText) {
  ASSERT_EQ(ParseError::kNone,
            document_.parse(R"({"\u0061b":1,"c":{"\n":2},"\ud83d\ude00\"":3,"d":4})"));

  const std::vector<Member> members = members_of(document_, 0);
  ASSERT_EQ(4U, members.size());
  EXPECT_EQ("ab", members[0].name);
  EXPECT_EQ(R"("\u0061b")", members[0].name_text);
  EXPECT_EQ("\xf0\x9f\x98\x80\"", members[2].name);
  EXPECT_EQ("d", members[3].name);
}

TEST_F(DocumentParse, KeepsUnescapedNamesInPlaceHoweverMany) {
  std::string text = "{";
  for (int i = 0; i < 5000; ++i)
    text += "\"\\u0041" + std::to_string(i) + "\":" + std::to_string(i) + ",";
  text.back() = '}';

  ASSERT_EQ(ParseError::kNone, document_.parse(text));

  const std::vector<Member> members = members_of(document_, 0);
  for (int i = 0; i < 5000; ++i) {
    ASSERT_EQ("A" + std::to_string(i), members[static_cast<size_t>(i)].name);
  }
}

TEST_F(DocumentParse, TakesWhatTheGrammarAllows) {
  for (const std::string_view text :
       {"{}", " {}\n", R"({"":""})", R"({"a":{"b":[{"c":[[],{}]}]}})",
        R"({"a":"\"\\\/\b\f\n\r\t"})", R"({"a":"\u00e9\uD834\uDD1E\u0000"})",
        "{\"a\":\"\x7f\xc2\x80\xf4\x8f\xbf\xbf\"}", R"({"a":"{}[]:,\"}"})", R"({"a":"//"})"}) {
    EXPECT_EQ(ParseError::kNone, document_.parse(text)) << text;
  }
}

TEST_F(DocumentParse, RefusesWhatALazyReaderLetsThrough) {
  for (const std::string_view text : {R"({"a":1}})",
                                      R"({"a":1}{"a":2})",
                                      R"({"a":1} x)",
                                      R"({"a":1,"b":tru})",
                                      R"({"b":nullx})",
                                      R"({"a":1,"b":01})",
                                      R"({"a":1,"b":"\x"})",
                                      R"({"a":1,"b":"\ud800"})",
                                      R"({"a":1,"b":"\udc00"})",
                                      R"({"a":1,"b":"\ud800\u0041"})",
                                      R"({"a":"\u12g4"})",
                                      R"({"a":"\u123"})",
                                      R"({"a":[1,2}})",
                                      R"({"a":{"b":1]})",
                                      R"({"a":1 "b":2})",
                                      R"({"a":1,})",
                                      R"({"a":[1,]})",
                                      R"({"a":[,1]})",
                                      R"({,"a":1})",
                                      R"({"a":NaN})",
                                      R"({"a":Infinity})",
                                      R"({"a":1)",
                                      R"({"a":)",
                                      R"({"a")",
                                      R"({)",
                                      R"({"a":1,)",
                                      R"({"a"})",
                                      R"({"a":})",
                                      R"({"a"::1})",
                                      R"({:1})",
                                      R"({a:1})",
                                      R"({'a':1})",
                                      R"({1:1})",
                                      R"({"a":'b'})",
                                      R"({"a":"b)",
                                      R"({"a":"b\"})",
                                      R"({"a":"b\\\"})",
                                      R"({"a":1}/**/)",
                                      R"({"a":1,,"b":2})",
                                      R"({"a":"b""c"})",
                                      R"({"a":"b"c})",
                                      R"({"a":1"b"})",
                                      R"({"a":\"b\"})",
                                      R"({"a":[1:2]})",
                                      R"({"a":{"b"}})",
                                      R"({"a":{"b",1}})",
                                      R"({"a":{1}})",
                                      R"({"a":True})",
                                      R"({"a":--1})",
                                      R"({"a":1 2})",
                                      "}",
                                      "]",
                                      "[",
                                      ":",
                                      ",",
                                      "\"",
                                      "[1",
                                      "[1,]",
                                      "[}",
                                      "nul",
                                      "-",
                                      "\\",
                                      "{\"a\":\"\n\"}",
                                      "{\"a\":\"\x01\"}",
                                      "{\"a\"\x0c:1}",
                                      "{\"a\":1\x0c\"b\":2}",
                                      "{\"a\"\x1a:1}",
                                      "{\v}",
                                      "\xc2\xa0{}"}) {
    EXPECT_EQ(ParseError::kSyntax, document_.parse(text)) << text;
  }
  using namespace std::string_view_literals;
  for (const std::string_view text : {"{\"a\":1}\0"sv, "\0"sv, "{\"a\0\":1}"sv, "{\"a\":1\0}"sv}) {
    EXPECT_EQ(ParseError::kSyntax, document_.parse(text));
  }
}

TEST_F(DocumentParse, RefusesAByteOrderMark) {
  EXPECT_EQ(ParseError::kSyntax, document_.parse("\xef\xbb\xbf{\"a\":1}"));
  EXPECT_EQ(ParseError::kSyntax, document_.parse("\xef\xbb\xbf"));
}

TEST_F(DocumentParse, CallsWhiteSpaceAloneEmpty) {
  EXPECT_EQ(ParseError::kEmpty, document_.parse(std::string_view()));
  EXPECT_EQ(ParseError::kEmpty, document_.parse(""));
  EXPECT_EQ(ParseError::kEmpty, document_.parse(" \t\r\n"));
  EXPECT_EQ(ParseError::kEmpty, document_.parse(repeat(" \n", 1000)));
}

TEST_F(DocumentParse, CallsBrokenUtf8SoWhateverElseIsWrong) {
  for (const std::string_view text :
       {"{\"a\":\"\xff\"}", "{\"\xc3\":1}", "{\"a\":\"\xc0\x80\"}", "{\"a\":\"\xed\xa0\x80\"}",
        "{\"a\":\"\xf4\x90\x80\x80\"}", "\xff", "\xc3", "\"\xc3", "\"\xe4\xba", "{\"a\":1} \xff",
        "{\"a\":\"\x01\xff\"}", "{\"a\":\"\xff}", "{\"a\":\"\\\xff\"}", "[[[[\xff"}) {
    EXPECT_EQ(ParseError::kUtf8, document_.parse(text));
  }
  EXPECT_EQ(ParseError::kUtf8, document_.parse(repeat("[", 10'000) + "\xff"));
}

TEST_F(DocumentParse, TellsValidJsonThatIsNoObjectFromBrokenJson) {
  for (const std::string_view text : {"[]", " [1,{\"a\":2}] ", "1", "-0.5e1", "\"x\"", "\"\\n\"",
                                      "null", "true", "false", "123456789012345678901234567890"}) {
    EXPECT_EQ(ParseError::kNotObject, document_.parse(text)) << text;
  }
  for (const std::string_view text :
       {"[1 2]", "[] []", "1 2", "\"\\x\"", "nulll", "[\"a\":1]", "1,"}) {
    EXPECT_EQ(ParseError::kSyntax, document_.parse(text)) << text;
  }
}

TEST_F(DocumentParse, TakesDepthToTheLimitAndNotBeyond) {
  const auto nested = [](size_t depth) {
    return "{\"a\":" + repeat("[", depth - 1) + repeat("]", depth - 1) + "}";
  };
  const auto objects = [](size_t depth) {
    return repeat("{\"a\":", depth) + "1" + repeat("}", depth);
  };

  EXPECT_EQ(ParseError::kNone, document_.parse(nested(kJsonDepthMax)));
  EXPECT_EQ(ParseError::kDepth, document_.parse(nested(kJsonDepthMax + 1)));
  EXPECT_EQ(ParseError::kNone, document_.parse(objects(kJsonDepthMax)));
  EXPECT_EQ(ParseError::kDepth, document_.parse(objects(kJsonDepthMax + 1)));
  EXPECT_EQ(ParseError::kNotObject,
            document_.parse(repeat("[", kJsonDepthMax) + repeat("]", kJsonDepthMax)));
  EXPECT_EQ(ParseError::kDepth,
            document_.parse(repeat("[", kJsonDepthMax + 1) + repeat("]", kJsonDepthMax + 1)));
}

TEST_F(DocumentParse, SurvivesTenThousandDeepNesting) {
  EXPECT_EQ(ParseError::kDepth, document_.parse(repeat("[", 10'000) + repeat("]", 10'000)));
  EXPECT_EQ(ParseError::kDepth, document_.parse(repeat("{\"a\":", 10'000) + repeat("}", 10'000)));
  EXPECT_EQ(ParseError::kSyntax, document_.parse(repeat("[", 10'000)));
  EXPECT_EQ(ParseError::kSyntax, document_.parse(repeat("{\"a\":", 10'000)));
  EXPECT_EQ(ParseError::kDepth, document_.parse(repeat("[", 200'000) + repeat("]", 200'000)));
  EXPECT_EQ(ParseError::kSyntax, document_.parse(repeat("]", 10'000)));
  EXPECT_EQ(ParseError::kNone, document_.parse("{\"a\":[" + repeat("[],", 100'000) + "1]}"));
}

TEST_F(DocumentParse, LetsTheLastOfEqualNamesWinAtThePlaceOfTheFirst) {
  EXPECT_EQ((Lines{"a=4", "b=2", "c=5"}), members(R"({"a":1,"b":2,"\u0061":3,"c":5,"a":4})"));
  EXPECT_EQ((Lines{"=2"}), members(R"({"":1,"":2})"));

  std::string text = "{";
  for (int i = 0; i < 3000; ++i)
    text += "\"k" + std::to_string(i % 1000) + "\":" + std::to_string(i) + ",";
  text.back() = '}';
  const Lines lines = members(text);
  ASSERT_EQ(1000U, lines.size());
  for (size_t i = 0; i < 1000; ++i) {
    ASSERT_EQ("k" + std::to_string(i) + "=" + std::to_string(i + 2000), lines[i]);
  }
}

TEST_F(DocumentParse, LetsTheLastWinAtAnyDepthAndMarksWhatIsNoLongerAsWritten) {
  ASSERT_EQ(
      ParseError::kNone,
      document_.parse(R"({"x":[{"b":1,"c":{"d":1,"\u0064":[2]},"b":{"e":1,"e":3}}],"y":{}})"));

  const NodeIndex x = document_.first_child(0);
  const NodeIndex object = document_.first_child(x);
  const std::vector<Member> members = members_of(document_, object);
  ASSERT_EQ(2U, members.size());
  EXPECT_EQ("b", members[0].name);
  EXPECT_EQ(R"({"e":1,"e":3})", members[0].value.text);
  EXPECT_EQ("c", members[1].name);
  EXPECT_TRUE(document_.node(x).edited);
  EXPECT_TRUE(document_.node(object).edited);
  EXPECT_TRUE(document_.node(0).edited);
  EXPECT_FALSE(document_.node(document_.next_child(x)).edited);
  std::string text;
  EXPECT_EQ(R"([{"b":{"e":3},"c":{"d":[2]}}])", document_.text_of(x, text));
  EXPECT_EQ(0U, document_.edits());
}

TEST_F(DocumentParse, RejectsDuplicatesAtAnyDepthWhereAsked) {
  for (const std::string_view text :
       {R"({"a":1,"a":2})", R"({"a":1,"\u0061":2})", R"({"a":{"b":1,"b":2}})",
        R"({"a":[{"x":{"b":1,"c":{"b":1},"\u0062":2}}]})", R"({"a":{"b":{"c":1,"c":1},"d":1}})"}) {
    EXPECT_EQ(ParseError::kDuplicateMember, parse(text, true)) << text;
    EXPECT_EQ(ParseError::kNone, parse(text)) << text;
  }
  for (const std::string_view text : {R"({"a":1,"b":{"a":1,"b":{"a":1}},"c":[{"a":1},{"a":1}]})",
                                      R"({"ab":1,"a":{"ab":2},"b":3})"}) {
    EXPECT_EQ(ParseError::kNone, parse(text, true)) << text;
  }
  EXPECT_EQ(ParseError::kSyntax, parse(R"({"a":1,"a":2)", true));
  EXPECT_EQ(ParseError::kNotObject, parse(R"([{"a":1,"a":2}])", true));
}

TEST_F(DocumentParse, FindsADuplicateAmongManyNames) {
  std::string inner = "{";
  for (int i = 0; i < 100'000; ++i) inner += "\"k" + std::to_string(i) + "\":0,";

  EXPECT_EQ(ParseError::kNone, parse("{\"a\":" + inner + "\"x\":0}}", true));
  EXPECT_EQ(ParseError::kDuplicateMember, parse("{\"a\":" + inner + "\"k500\":0}}", true));
}

TEST_F(DocumentParse, LimitsTheMembersOfTheTopLevelOnly) {
  const auto object = [](size_t count) {
    std::string text = "{";
    for (size_t i = 0; i < count; ++i) text += "\"" + std::to_string(i) + "\":0,";
    text.back() = '}';
    return text;
  };

  const std::string largest = object(kMembersMax);
  EXPECT_EQ(ParseError::kNone, document_.parse(largest));
  EXPECT_EQ(kMembersMax, members_of(document_, 0).size());
  EXPECT_EQ(ParseError::kTooManyMembers, document_.parse(object(kMembersMax + 1)));
  EXPECT_EQ(ParseError::kTooManyMembers, document_.parse(object(100'000)));
  EXPECT_EQ(ParseError::kSyntax, document_.parse(object(100'000) + "x"));
  EXPECT_EQ(ParseError::kNone, document_.parse("{\"a\":" + object(100'000) + "}"));
}

TEST_F(DocumentParse, ParsesDocumentsOfTensOfMegabytesAndSmallOnesAfterwards) {
  const std::string piece = R"({"a":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n","b":[1,2,3]},)";
  const std::string text = "{\"\\u0061\":[" + repeat(piece, 600'000) + "1],\"b\":2}";
  ASSERT_GT(text.size(), size_t{30} << 20);

  EXPECT_EQ(ParseError::kNone, document_.parse(text));
  EXPECT_EQ(text.size() - 15, members_of(document_, 0)[0].value.text.size() + 2);
  EXPECT_EQ(ParseError::kSyntax, document_.parse(text + "x"));
  EXPECT_EQ(7U, members(kLogin).size());
}

TEST_F(DocumentParse, ParsesDocumentsOfEveryLengthAroundABlock) {
  for (size_t length = 0; length < 300; ++length) {
    const std::string text = "{\"a\":\"" + std::string(length, 'x') + "\"}";
    ASSERT_EQ(ParseError::kNone, document_.parse(text)) << length;
    ASSERT_EQ(length, members_of(document_, 0)[0].value.plain().size());
    ASSERT_EQ(ParseError::kSyntax,
              document_.parse(std::string_view(text).substr(0, text.size() - 1)));
  }
}

// A document that ends where the next page cannot be read: this catches simdjson's own code too,
// which the sanitizers do not see into.
class GuardedPages {
 public:
  GuardedPages() {
    void* const pages =
        mmap(nullptr, 2 * page_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    EXPECT_NE(MAP_FAILED, pages);
    begin_ = static_cast<char*>(pages);
    EXPECT_EQ(0, mprotect(begin_ + page_, page_, PROT_NONE));
  }

  ~GuardedPages() { munmap(begin_, 2 * page_); }

  GuardedPages(const GuardedPages&) = delete;
  GuardedPages& operator=(const GuardedPages&) = delete;

  std::string_view place(std::string_view text) {
    char* const to = begin_ + page_ - text.size();
    std::memcpy(to, text.data(), text.size());
    return {to, text.size()};
  }

 private:
  const size_t page_ = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  char* begin_ = nullptr;
};

TEST_F(DocumentParse, ReadsNothingBeyondTheEndWithAnyVariantOfStage1) {
  GuardedPages pages;
  const std::string text = std::string(kLogin.substr(0, kLogin.size() - 1)) +
                           ",\"\xe4\xba\xac\\u0061\":[tru,\"\xf0\x9f\x98\x80 \\\"\",1.5e-7,{}]}";
  const auto* const usual = simdjson::get_active_implementation().operator->();
  for (const auto* implementation : simdjson::get_available_implementations()) {
    if (!implementation->supported_by_runtime_system()) continue;
    simdjson::get_active_implementation() = implementation;
    Document document(names_, {.reject_duplicates = true});
    for (size_t begin = 0; begin < text.size(); ++begin) {
      for (size_t length = 0; length <= text.size() - begin; length += 1 + length / 64) {
        const std::string_view part = std::string_view(text).substr(begin, length);
        ASSERT_EQ(parse(std::string(part)), document.parse(pages.place(part))) << part;
      }
    }
    for (const std::string_view part :
         {"\"\xc3", "\"\xe4\xba", "\"\xf0\x9f\x98", "\"\\", "\"\\u12", "\"\\\xc3"}) {
      ASSERT_NE(ParseError::kNone, document.parse(pages.place(part)));
    }
  }
  simdjson::get_active_implementation() = usual;
}

TEST(ParseErrors, HaveARuleAndASentenceEach) {
  EXPECT_STREQ("parse:utf8", rule_id(ParseError::kUtf8));
  EXPECT_STREQ("parse:empty", rule_id(ParseError::kEmpty));
  EXPECT_STREQ("parse:duplicate_member", rule_id(ParseError::kDuplicateMember));
  EXPECT_STREQ("The value is not UTF-8.", describe(ParseError::kUtf8));
  EXPECT_STREQ("The value is JSON, but not an object.", describe(ParseError::kNotObject));
}

TEST(ParseErrorsDeathTest, NoneIsNotAReason) {
  EXPECT_DEATH((void)rule_id(ParseError::kNone), "kNone");
}

}  // namespace
}  // namespace millrace::record
