// SPDX-License-Identifier: Apache-2.0
#include "engine/plan/fields.h"

#include <algorithm>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace millrace::plan {
namespace {

using record::JsonValue;
using record::ValueKind;

constexpr JsonValue kNumber{"7", ValueKind::kNumber, false};

// Members by name and JSON text, loaded and kept.
class Loaded {
 public:
  explicit Loaded(const FieldNames& names) : fields(names) {}

  Fields& load(const std::vector<std::pair<std::string, std::string>>& members) {
    texts_.clear();
    members_.clear();
    for (const auto& [name, value] : members) texts_.push_back({name, '"' + name + '"', value});
    for (const Text& text : texts_)
      members_.push_back({text.name, text.name_text, {text.value, ValueKind::kNumber, false}});
    fields.load(members_);
    return fields;
  }

  Fields fields;

 private:
  struct Text {
    std::string name;
    std::string name_text;
    std::string value;
  };

  std::vector<Text> texts_;
  std::vector<record::Member> members_;
};

std::string encoded(const Fields& fields) {
  std::string text(fields.encoded_size() + 1, '#');
  fields.encode(text.data());
  EXPECT_EQ(text.back(), '#') << "wrote more than encoded_size()";
  text.pop_back();
  return text;
}

TEST(FieldNames, NumbersEachNameOnce) {
  FieldNames names;
  const FieldId a = names.intern("a");
  const FieldId b = names.intern("b");

  EXPECT_EQ(names.intern("a"), a);
  EXPECT_NE(a, b);
  EXPECT_EQ(names.size(), 2U);
  EXPECT_EQ(names.find("b"), static_cast<int32_t>(b.index));
  EXPECT_EQ(names.find("c"), FieldNames::kNone);
  EXPECT_EQ(names.find(""), FieldNames::kNone);
}

TEST(FieldNames, WritesNamesAsJson) {
  FieldNames names;
  EXPECT_EQ(names.text(names.intern("a\"b\\c\n")), R"("a\"b\\c\n")");
  EXPECT_EQ(names.name(names.intern("")), "");
}

TEST(FieldNames, StaysRightWithManyNames) {
  FieldNames names;
  std::vector<FieldId> ids;
  for (int i = 0; i < 1000; ++i) ids.push_back(names.intern("name " + std::to_string(i)));
  for (size_t i = 0; i < 1000; ++i) {
    const std::string name = "name " + std::to_string(i);
    ASSERT_EQ(names.find(name), static_cast<int32_t>(ids[i].index));
    ASSERT_EQ(names.name(ids[i]), name);
  }
}

TEST(Fields, EncodesWhatWasLoadedWithoutSpaces) {
  FieldNames names;
  Loaded loaded(names);
  EXPECT_EQ(encoded(loaded.load({})), "{}");
  EXPECT_EQ(encoded(loaded.load({{"a", "1"}})), R"({"a":1})");
  EXPECT_EQ(encoded(loaded.load({{"a", "1.50"}, {"b", "[ 1 ]"}})), R"({"a":1.50,"b":[ 1 ]})");
}

TEST(Fields, FindsTheMembersThatThePlanMentions) {
  FieldNames names;
  const FieldId b = names.intern("b");
  const FieldId absent = names.intern("absent");
  Loaded loaded(names);
  const Fields& fields = loaded.load({{"a", "1"}, {"b", "2"}});

  ASSERT_NE(fields.get(b), nullptr);
  EXPECT_EQ(fields.get(b)->text, "2");
  EXPECT_EQ(fields.get(absent), nullptr);
  EXPECT_EQ(fields.input(absent), nullptr);
}

TEST(Fields, SetReplacesInPlaceAndAppendsWhatIsNew) {
  FieldNames names;
  const FieldId a = names.intern("a");
  const FieldId c = names.intern("c");
  Loaded loaded(names);
  Fields& fields = loaded.load({{"a", "1"}, {"b", "2"}});

  fields.set(a, kNumber);
  fields.set(c, kNumber);
  fields.set(c, {"8", ValueKind::kNumber, false});

  EXPECT_EQ(encoded(fields), R"({"a":7,"b":2,"c":8})");
}

TEST(Fields, KeepsTheInputBesideWhatTheStepsMadeOfIt) {
  FieldNames names;
  const FieldId a = names.intern("a");
  const FieldId b = names.intern("b");
  Loaded loaded(names);
  Fields& fields = loaded.load({{"a", "1"}});

  fields.set(a, kNumber);
  fields.rename(a, b);

  EXPECT_EQ(fields.input(a)->text, "1");
  EXPECT_EQ(fields.input(b), nullptr);
  EXPECT_EQ(fields.get(a), nullptr);
  EXPECT_EQ(fields.get(b)->text, "7");
}

TEST(Fields, RenameKeepsPlaceAndValue) {
  FieldNames names;
  const FieldId a = names.intern("a");
  const FieldId z = names.intern("z\"");
  Loaded loaded(names);
  Fields& fields = loaded.load({{"a", "1"}, {"b", "2"}});

  fields.rename(a, z);
  EXPECT_EQ(encoded(fields), R"({"z\"":1,"b":2})");
  fields.set(a, kNumber);
  EXPECT_EQ(encoded(fields), R"({"z\"":1,"b":2,"a":7})");
}

TEST(Fields, NothingIsLeftOverFromTheRecordBefore) {
  FieldNames names;
  const FieldId a = names.intern("a");
  const FieldId b = names.intern("b");
  Loaded loaded(names);
  loaded.load({{"a", "1"}, {"b", "2"}}).set(names.intern("a"), kNumber);
  const Fields& fields = loaded.load({{"c", "3"}});

  EXPECT_EQ(fields.get(a), nullptr);
  EXPECT_EQ(fields.input(a), nullptr);
  EXPECT_EQ(fields.get(b), nullptr);
  EXPECT_EQ(encoded(fields), R"({"c":3})");
}

TEST(Fields, TellsAnEmptyNameFromAPositionNeverSeen) {
  FieldNames names;
  const FieldId empty = names.intern("");
  Loaded loaded(names);
  EXPECT_EQ(loaded.load({{"", "1"}}).get(empty)->text, "1");
  EXPECT_EQ(loaded.load({{"", "2"}}).get(empty)->text, "2");
}

// Shapes that change from record to record, names longer than are remembered by position, and more
// members than positions: against a search by name.
TEST(Fields, IdentifiesMembersOfAnyShape) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  std::vector<std::string> all{""};
  for (int i = 0; i < 150; ++i)
    all.push_back((i % 10 == 0 ? std::string(200, 'x') : "n") + std::to_string(i));
  FieldNames names;
  std::vector<FieldId> ids;
  for (size_t i = 0; i < all.size(); i += 2) ids.push_back(names.intern(all[i]));
  Loaded loaded(names);

  std::vector<std::string> shape = all;
  for (int round = 0; round < 500; ++round) {
    if (random() % 3 != 0) std::shuffle(shape.begin(), shape.end(), random);
    std::vector<std::pair<std::string, std::string>> members;
    const size_t count = random() % 2 == 0 ? random() % 8 : random() % (shape.size() + 1);
    for (size_t i = 0; i < count; ++i) members.emplace_back(shape[i], std::to_string(random()));
    const Fields& fields = loaded.load(members);
    for (const FieldId id : ids) {
      const auto expected = std::find_if(members.begin(), members.end(), [&](const auto& member) {
        return member.first == names.name(id);
      });
      const JsonValue* found = fields.get(id);
      ASSERT_EQ(found == nullptr, expected == members.end()) << names.name(id);
      ASSERT_EQ(fields.input(id) == nullptr, found == nullptr);
      if (found == nullptr) continue;
      ASSERT_EQ(found->text, expected->second);
    }
  }
}

}  // namespace
}  // namespace millrace::plan
