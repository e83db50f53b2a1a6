// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "engine/base/limits.h"
#include "engine/record/document.h"
#include "engine/record/names.h"

namespace millrace::record {
namespace {

using base::limits::kJsonDepthMax;
using base::limits::kMembersMax;

constexpr std::string_view kOrder =
    R"({"id": 7, "user": {"name": "Ann", "address": {"city": "Bonn", "zip": null}}, )"
    R"("items": [{"sku": "a", "price": 1.50}, {"sku": "b"}], "note": "{\"a\": 1}"})";

class DocumentEdit : public ::testing::Test {
 protected:
  DocumentEdit() {
    for (const char* const name : {"id", "user", "name", "address", "city", "zip", "items", "sku",
                                   "price", "note", "new", "inner", "a", "quo\"te"}) {
      names_.intern(name);
    }
    EXPECT_EQ(ParseError::kNone, document_.parse(kOrder));
  }

  // user.address.city, items[0].sku
  Path path(std::string_view text) {
    Path made;
    made.text = text;
    for (size_t at = 0; at < text.size();) {
      const size_t end = std::min(text.find_first_of(".[", at + 1), text.size());
      std::string_view part = text.substr(at, end - at);
      if (part.front() == '[') {
        made.segments.push_back({.index = static_cast<uint32_t>(
                                     std::stoul(std::string(part.substr(1, part.size() - 2))))});
      } else {
        if (part.front() == '.') part.remove_prefix(1);
        made.segments.push_back({.name = names_.find(part)});
      }
      at = end;
    }
    return made;
  }

  NodeIndex at(std::string_view text) { return document_.find(path(text)); }

  std::string_view input(std::string_view text) {
    const JsonValue* const value = document_.input(path(text));
    return value == nullptr ? "absent" : value->text;
  }

  std::string text_at(std::string_view text) {
    const NodeIndex found = at(text);
    return found == kNoNode ? "absent" : std::string(document_.text_of(found, room_));
  }

  std::string encoded(Encoding encoding = Encoding::kCompact) const {
    std::string text(document_.encoded_size(encoding) + 8, '#');
    document_.encode(encoding, text.data());
    EXPECT_TRUE(text.ends_with("########")) << text;
    return text.substr(0, text.size() - 8);
  }

  std::string pointer(NodeIndex index) const {
    std::string to;
    document_.append_pointer(index, to);
    return to;
  }

  NameTable names_;
  Document document_{names_, {}};
  std::string room_;
};

TEST_F(DocumentEdit, FindsWhatPathsLeadTo) {
  EXPECT_EQ("7", text_at("id"));
  EXPECT_EQ("\"Bonn\"", text_at("user.address.city"));
  EXPECT_EQ("1.50", text_at("items[0].price"));
  EXPECT_EQ(R"({"sku": "b"})", text_at("items[1]"));
  EXPECT_EQ(document_.root(), document_.find(Path{}));
  for (const char* const absent : {"new", "user.id", "user.name.city", "items[2]", "items.sku",
                                   "user[0]", "items[1].price", "id.id", "id[0]"}) {
    EXPECT_EQ(kNoNode, at(absent)) << absent;
    EXPECT_EQ("absent", input(absent)) << absent;
  }
  EXPECT_EQ(at("id"), document_.top(names_.find("id")));
  EXPECT_EQ(kNoNode, document_.top(names_.find("city")));
  EXPECT_EQ(0U, document_.edits());
}

TEST_F(DocumentEdit, NamesNodesAsThePlanDoesHoweverTheyAreWritten) {
  ASSERT_EQ(ParseError::kNone,
            document_.parse(R"({"\u0069d":1,"x":{"cit\u0079":[2]},"quo\"te":3})"));

  EXPECT_EQ("1", text_at("id"));
  EXPECT_EQ("3", text_at("quo\"te"));
  EXPECT_EQ("id", names_.plain(document_.node(at("id")).name));
  EXPECT_TRUE(document_.node(at("id")).name_escaped);
  const NodeIndex x = document_.next_child(document_.first_child(0));
  EXPECT_EQ(kNoName, document_.node(x).name);
  EXPECT_EQ(names_.find("city"), document_.node(document_.first_child(x)).name);
}

TEST_F(DocumentEdit, ReplacesScalarsAnywhereAndKeepsWhatCameIn) {
  document_.replace(at("id"), {"\"seven\"", ValueKind::kString, false});
  document_.replace(at("user.address.city"), {"null", ValueKind::kNull, false});
  document_.replace(at("items[0]"), {"0", ValueKind::kNumber, false});

  EXPECT_EQ(R"({"id":"seven","user":{"name":"Ann","address":{"city":null,"zip":null}},)"
            R"("items":[0,{"sku": "b"}],"note":"{\"a\": 1}"})",
            encoded());
  EXPECT_EQ("7", input("id"));
  EXPECT_EQ("\"Bonn\"", input("user.address.city"));
  EXPECT_EQ("\"a\"", input("items[0].sku"));
  EXPECT_EQ(kNoNode, at("items[0].sku"));
  EXPECT_EQ(3U, document_.edits());
}

TEST_F(DocumentEdit, RemovesMembersAndElements) {
  document_.remove(at("user.address.city"));
  document_.remove(at("user.name"));
  document_.remove(at("items[0]"));
  document_.remove(at("id"));

  EXPECT_EQ(R"({"user":{"address":{"zip":null}},"items":[{"sku": "b"}],"note":"{\"a\": 1}"})",
            encoded());
  EXPECT_EQ("\"b\"", text_at("items[0].sku"));
  EXPECT_EQ(kNoNode, at("id"));
  EXPECT_EQ("7", input("id"));
  EXPECT_EQ("\"Ann\"", input("user.name"));
  EXPECT_EQ("\"a\"", input("items[0].sku"));
  EXPECT_EQ("\"b\"", input("items[1].sku"));

  document_.remove(at("user"));
  document_.remove(at("items[0]"));
  document_.remove(at("note"));
  EXPECT_EQ(R"({"items":[]})", encoded());
  document_.remove(at("items"));
  EXPECT_EQ("{}", encoded());
  EXPECT_EQ("{}", encoded(Encoding::kSpaced));
}

TEST_F(DocumentEdit, RenamesInPlace) {
  document_.rename(at("user.address.city"), names_.find("inner"));
  document_.rename(at("id"), names_.find("quo\"te"));

  EXPECT_EQ(R"({"quo\"te":7,"user":{"name":"Ann","address":{"inner":"Bonn","zip":null}},)"
            R"("items":[{"sku": "a", "price": 1.50}, {"sku": "b"}],"note":"{\"a\": 1}"})",
            encoded());
  EXPECT_EQ(kNoNode, at("id"));
  EXPECT_EQ("7", text_at("quo\"te"));
  EXPECT_EQ("7", input("id"));
  EXPECT_EQ("absent", input("quo\"te"));
  EXPECT_EQ("\"Bonn\"", input("user.address.city"));
  EXPECT_EQ("absent", input("user.address.inner"));
  EXPECT_EQ("/quo\"te", pointer(at("quo\"te")));

  document_.rename(at("quo\"te"), names_.find("new"));
  EXPECT_EQ("7", input("id"));
  EXPECT_EQ("7", text_at("new"));
}

TEST_F(DocumentEdit, FindsOrAddsWithTheObjectsOnTheWay) {
  EXPECT_EQ(at("user.address.zip"), document_.find_or_add(path("user.address.zip")));
  EXPECT_EQ(0U, document_.edits());

  const NodeIndex added = document_.find_or_add(path("new.inner.a"));
  document_.replace(added, {"1", ValueKind::kNumber, false});
  (void)document_.find_or_add(path("items[1].price"));
  (void)document_.find_or_add(path("a"));

  EXPECT_EQ(added, at("new.inner.a"));
  EXPECT_EQ(R"({"id":7,"user":{"name": "Ann", "address": {"city": "Bonn", "zip": null}},)"
            R"("items":[{"sku": "a", "price": 1.50},{"sku":"b","price":null}],)"
            R"("note":"{\"a\": 1}","new":{"inner":{"a":1}},"a":null})",
            encoded());
  EXPECT_EQ("absent", input("new"));
  EXPECT_EQ("absent", input("items[1].price"));
  EXPECT_EQ("/items/1/price", pointer(at("items[1].price")));
}

TEST_F(DocumentEdit, AddsNothingWhereTheWayIsBlocked) {
  for (const char* const blocked :
       {"id.a", "user.name.a", "user.address.zip.a", "items[2]", "items[2].sku", "items.sku",
        "user[0]", "new[0]", "new.inner[1].a", "note.a"}) {
    EXPECT_EQ(kNoNode, document_.find_or_add(path(blocked))) << blocked;
  }
  EXPECT_EQ(0U, document_.edits());
  EXPECT_EQ(kNoNode, at("new"));

  Path deep;
  deep.segments.assign(kJsonDepthMax + 1, {.name = names_.find("new")});
  EXPECT_EQ(kNoNode, document_.find_or_add(deep));
}

TEST_F(DocumentEdit, KeepsOnlyWhatIsListedInThatOrder) {
  (void)document_.find_or_add(path("new"));
  document_.remove(at("items"));
  document_.keep_only({names_.find("note"), names_.find("items"), names_.find("new"),
                       names_.find("zip"), names_.find("id")});

  EXPECT_EQ(R"({"note":"{\"a\": 1}","new":null,"id":7})", encoded());
  EXPECT_EQ(kNoNode, at("user"));
  EXPECT_EQ("\"Ann\"", input("user.name"));
  EXPECT_EQ("\"b\"", input("items[1].sku"));

  (void)document_.find_or_add(path("a"));
  (void)document_.find_or_add(path("user.name"));
  EXPECT_EQ(R"({"note":"{\"a\": 1}","new":null,"id":7,"a":null,"user":{"name":null}})", encoded());
  document_.keep_only({names_.find("zip")});
  EXPECT_EQ("{}", encoded());
  (void)document_.find_or_add(path("a"));
  EXPECT_EQ(R"({"a":null})", encoded());
  EXPECT_EQ("\"Ann\"", input("user.name"));
}

TEST_F(DocumentEdit, GraftsAnyJsonAndUnwrapsStrings) {
  ASSERT_EQ(ParseError::kNone, document_.graft(at("note"), R"( {"a": [1, {"sku": 2}]} )"));

  EXPECT_EQ("2", text_at("note.a[1].sku"));
  EXPECT_EQ("/note/a/1/sku", pointer(at("note.a[1].sku")));
  EXPECT_EQ(R"("{\"a\": 1}")", input("note"));
  EXPECT_EQ("absent", input("note.a"));
  (void)document_.find_or_add(path("note.a[1].new"));
  EXPECT_EQ(R"({"a":[1,{"sku":2,"new":null}]})", text_at("note"));

  ASSERT_EQ(ParseError::kNone, document_.graft(at("user.address"), R"(["x"])"));
  EXPECT_EQ(R"({"name":"Ann","address":["x"]})", text_at("user"));
  EXPECT_EQ("\"Bonn\"", input("user.address.city"));
  ASSERT_EQ(ParseError::kNone, document_.graft(at("id"), "8"));
  EXPECT_EQ("8", text_at("id"));
  EXPECT_EQ("7", input("id"));
}

TEST_F(DocumentEdit, AFailedGraftChangesNothing) {
  const std::string before = encoded();
  const std::string deep(kJsonDepthMax, '[');
  const std::string closed = deep + std::string(kJsonDepthMax, ']');

  EXPECT_EQ(ParseError::kSyntax, document_.graft(at("note"), "{\"a\":1"));
  EXPECT_EQ(ParseError::kEmpty, document_.graft(at("note"), " "));
  EXPECT_EQ(ParseError::kUtf8, document_.graft(at("note"), "\"\xff\""));
  EXPECT_EQ(ParseError::kDepth, document_.graft(at("note"), closed));
  EXPECT_EQ(ParseError::kSyntax, document_.graft(document_.root(), R"({"new":1,"id":2)"));

  EXPECT_EQ(before, encoded());
  EXPECT_EQ(0U, document_.edits());
  EXPECT_EQ("7", text_at("id"));
  EXPECT_EQ(kNoNode, at("new"));
  EXPECT_EQ(ParseError::kNone,
            document_.graft(at("note"), std::string_view(closed).substr(1, closed.size() - 2)));
  EXPECT_EQ(ParseError::kDepth,
            document_.graft(at("user.name"), closed.substr(1, 2 * kJsonDepthMax - 2)));
}

TEST_F(DocumentEdit, GraftsTheRootAsAWhole) {
  ASSERT_EQ(ParseError::kNone,
            document_.graft(document_.root(), R"({"new": 1, "id": [2], "id": 3})"));

  EXPECT_EQ(R"({"new":1,"id":3})", encoded());
  EXPECT_EQ("1", text_at("new"));
  EXPECT_EQ("3", text_at("id"));
  EXPECT_EQ(kNoNode, at("user"));
  EXPECT_EQ("7", input("id"));
  EXPECT_EQ("\"Ann\"", input("user.name"));
  (void)document_.find_or_add(path("a"));
  EXPECT_EQ(R"({"new":1,"id":3,"a":null})", encoded());

  std::string wide = "{";
  for (size_t i = 0; i <= kMembersMax; ++i) wide += "\"" + std::to_string(i) + "\":0,";
  wide.back() = '}';
  EXPECT_EQ(ParseError::kTooManyMembers, document_.graft(document_.root(), wide));
  EXPECT_EQ("1", text_at("new"));
  ASSERT_EQ(ParseError::kNone, document_.graft(document_.root(), "[1, 2]"));
  EXPECT_EQ("[1,2]", encoded());
  EXPECT_EQ(kNoNode, at("new"));
}

TEST_F(DocumentEdit, AGraftMayHaveDuplicatesOnlyWhereTheDocumentMay) {
  ASSERT_EQ(ParseError::kNone,
            document_.graft(at("note"), R"({"a":1,"\u0061":2,"b":{"c":1,"c":2}})"));
  EXPECT_EQ(R"({"a":2,"b":{"c":2}})", text_at("note"));

  Document strict(names_, {.reject_duplicates = true});
  ASSERT_EQ(ParseError::kNone, strict.parse(R"({"a":1})"));
  EXPECT_EQ(ParseError::kDuplicateMember, strict.graft(strict.first_child(0), R"({"a":1,"a":2})"));
}

TEST_F(DocumentEdit, AdmitsAnyRootWhereAsked) {
  Document any(names_, {.objects_only = false});
  const std::vector<std::pair<std::string_view, std::string_view>> values{
      {" [1, {\"a\": 2} ,[ ]] ", R"([1,{"a": 2},[ ]])"},
      {" \"x\\n\"", "\"x\\n\""},
      {"1.50", "1.50"},
      {"null", "null"},
      {"{}", "{}"},
      {"[]", "[]"}};
  for (const auto& [text, compact] : values) {
    ASSERT_EQ(ParseError::kNone, any.parse(text)) << text;
    std::string written(any.encoded_size(Encoding::kCompact), '\0');
    any.encode(Encoding::kCompact, written.data());
    EXPECT_EQ(compact, written);
  }
  ASSERT_EQ(ParseError::kNone, any.parse(values[0].first));
  EXPECT_EQ("2", any.node(any.find(path("[1].a"))).value.text);
  EXPECT_EQ("2", any.input(path("[1].a"))->text);
  EXPECT_EQ(kNoNode, any.find_or_add(path("new")));
  any.remove(any.find(path("[0]")));
  EXPECT_EQ("{\"a\": 2}", any.input(path("[1]"))->text);
  EXPECT_EQ(ParseError::kSyntax, any.parse("1 2"));
  EXPECT_EQ(ParseError::kSyntax, any.parse("\"x"));
}

TEST_F(DocumentEdit, SurvivesManyAdditionsToWideObjects) {
  std::string wide = "{\"user\":{";
  for (int i = 0; i < 20'000; ++i) wide += "\"" + std::to_string(i) + "\":0,";
  wide.back() = '}';
  wide += "}";
  ASSERT_EQ(ParseError::kNone, document_.parse(wide));

  for (const char* const added : {"user.name", "user.address.city", "new", "a", "id"}) {
    EXPECT_NE(kNoNode, document_.find_or_add(path(added)));
  }

  EXPECT_EQ(wide.size() - 2 +
                std::string_view(R"(,"name":null,"address":{"city":null}},"new":null,)"
                                 R"("a":null,"id":null})")
                    .size(),
            encoded().size());
}

TEST_F(DocumentEdit, PointersEscapeAndFollowTheEdits) {
  ASSERT_EQ(ParseError::kNone, document_.parse(R"({"a/b~":{"\u0063\n":[0,[1]]}})"));
  const NodeIndex list = document_.first_child(document_.first_child(document_.first_child(0)));
  const NodeIndex second = document_.next_child(list);

  EXPECT_EQ("", pointer(0));
  EXPECT_EQ("/a~1b~0/c\n/1/0", pointer(document_.first_child(second)));
  document_.remove(list);
  EXPECT_EQ("/a~1b~0/c\n/0/0", pointer(document_.first_child(second)));
}

}  // namespace
}  // namespace millrace::record
