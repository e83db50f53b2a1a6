// SPDX-License-Identifier: Apache-2.0
// A program of its own, because it replaces operator new for all of it.
#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "engine/record/document.h"
#include "engine/record/names.h"
#include "tests/counting_new.h"

namespace millrace::record {
namespace {

std::string many_members(int count) {
  std::string text = "{\"\\u0061\":[{\"b\":1,\"\\u0063\":[]}]";
  for (int i = 0; i < count; ++i) {
    text.append(",\"k").append(std::to_string(i % 900)).append("\":\"x\\n\"");
  }
  return text + "}";
}

// Every kind of edit, and both encodings.
void edit_and_encode(Document& document, const NameTable& names, std::string& room) {
  static const Path added{{{.name = names.find("new")}, {.name = names.find("inner")}},
                          "new.inner"};
  static const std::vector<NameId> kept{names.find("new"), names.find("k0"), names.find("other")};
  const NodeIndex first = document.top(names.find("k0"));
  const NodeIndex made = document.find_or_add(added);
  document.replace(made, {"12", ValueKind::kNumber, false});
  ASSERT_EQ(ParseError::kNone, document.graft(first, R"({"a":[1,{"b":2}],"c":"d"})"));
  ASSERT_EQ(ParseError::kSyntax, document.graft(first, R"({"a":[1,{"b":2}],"c":"d"]})"));
  document.rename(document.top(names.find("k1")), names.find("other"));
  document.remove(document.top(names.find("k2")));
  document.keep_only(kept);
  for (const Encoding encoding : {Encoding::kCompact, Encoding::kSpaced}) {
    const size_t size = document.encoded_size(encoding);
    ASSERT_LE(size, room.size());
    document.encode(encoding, room.data());
  }
  (void)document.text_of(0, room);
  room.resize(room.capacity());
}

TEST(DocumentAllocation, StopsOnceTheDocumentHasSeenTheLargestRecord) {
  NameTable names;
  for (const char* const name : {"k0", "k1", "k2", "new", "inner", "other"}) names.intern(name);
  for (const bool reject_duplicates : {false, true}) {
    Document document(names, {.reject_duplicates = reject_duplicates});
    const std::string large = many_members(1000);
    const std::string medium = many_members(890);
    const std::string small = many_members(5);
    const std::string broken = large.substr(0, large.size() - 1) + "]";
    std::string room(size_t{64} << 10, '\0');
    const auto use_all = [&] {
      for (const std::string* text : {&large, &medium, &small, &broken}) {
        if (document.parse(*text) == ParseError::kNone) edit_and_encode(document, names, room);
      }
      (void)document.parse("");
    };
    use_all();
    use_all();
    const size_t before = tests::allocations();

    for (int i = 0; i < 1000; ++i) use_all();

    EXPECT_EQ(before, tests::allocations());
  }
}

// Names that are data would fill any memory for names.
TEST(DocumentAllocation, StopsThoughRecordsBringEverNewNames) {
  const NameTable names;
  Document document(names, {});
  std::string text;
  text.reserve(1000);
  const auto parse_one = [&](int number) {
    text = "{\"by_user\":{\"user-";
    text.append(std::to_string(1'000'000 + number)).append("\":1},\"x\":{\"y\":");
    text.append(std::to_string(number)).append("}}");
    ASSERT_EQ(ParseError::kNone, document.parse(text));
  };
  parse_one(0);
  const size_t before = tests::allocations();

  for (int i = 1; i < 200'000; ++i) parse_one(i);

  EXPECT_EQ(before, tests::allocations());
}

TEST(DocumentAllocation, GivesRoomForAHugeDocumentBackAfterIt) {
  const NameTable names;
  Document document(names, {.reject_duplicates = true});
  std::string huge = "{\"\\u0061\":{\"b\":0";
  for (int i = 0; i < 1'000'000; ++i) huge.append(",\"").append(std::to_string(i)).append("\":0");
  huge += "}}";
  const std::string medium = many_members(9'000);  // over the room a document starts with
  (void)document.parse(medium);
  ASSERT_EQ(ParseError::kNone, document.parse(huge));
  ASSERT_EQ(ParseError::kNone, document.parse("{}"));
  tests::reset_largest_allocation();

  ASSERT_EQ(ParseError::kDuplicateMember, document.parse(medium));

  // 64 bytes for each value, 4 for each byte: the large room was gone, the new one is not larger
  // than it must be.
  EXPECT_GE(tests::largest_allocation(), 4 * medium.size());
  EXPECT_LT(tests::largest_allocation(), 16 * medium.size());
}

}  // namespace
}  // namespace millrace::record
