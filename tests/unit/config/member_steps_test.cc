// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/config/one_step.h"

namespace millrace::config {
namespace {

TEST(RenameStep, KeepsTheOrderWritten) {
  const auto step = only_step<RenameStep>("rename: {z: y, user.a: b, m: n, n: m}");

  ASSERT_EQ(step.names.size(), 4U);
  EXPECT_EQ(step.names[0].first.text, "z");
  EXPECT_EQ(step.names[0].second.value, "y");
  EXPECT_EQ(step.names[1].first.text, "user.a");
  EXPECT_EQ(step.names[1].second.value, "b");
  EXPECT_EQ(step.names[2].first.place.column, 31);
  EXPECT_EQ(step.names[3].first.text, "n");
}

TEST(RenameStep, TheNewNameIsOneName) {
  EXPECT_EQ(only_step<RenameStep>(R"(rename: {a: '["x.y"]'})").names[0].second.value, "x.y");
  EXPECT_THAT(step_problems("rename: {user.a: user.b}"),
              ElementsAre("p.yaml:8:22: 'rename.user.a' must be the name of one member, not the "
                          "path 'user.b'; a name that holds a dot or a bracket is written "
                          "[\"a.b\"]"));
  EXPECT_THAT(step_problems("rename: {a: '[0]'}"),
              ElementsAre(HasSubstr("'rename.a' must be the name of one member, not the path")));
}

TEST(RenameStep, SenselessNamesAreErrors) {
  EXPECT_THAT(step_problems("rename: {a: a}"),
              ElementsAre("p.yaml:8:17: 'rename.a' renames a member to its own name"));
  EXPECT_THAT(step_problems("rename: {a: c, b: c, x.a: c}"),
              ElementsAre("p.yaml:8:23: 'rename.b' renames a second member to 'c'"));
  EXPECT_THAT(step_problems("rename: {a..b: c, d: ''}"),
              ElementsAre("p.yaml:8:14: 'rename' must be the path of a field, such as user.city, "
                          "not 'a..b': no name stands at character 3",
                          "p.yaml:8:26: 'rename.d' is empty; it must be the name of a member of "
                          "the record"));
  EXPECT_THAT(step_problems("rename: {'a[0]': c}"),
              ElementsAre("p.yaml:8:22: 'rename.a[0]' renames an element of a list; only members "
                          "of objects have names"));
  EXPECT_THAT(step_problems("rename: {}"),
              ElementsAre("p.yaml:8:13: 'rename' is empty; write {old_name: new_name}"));
  EXPECT_THAT(step_problems("rename: [a, b]"),
              ElementsAre("p.yaml:8:13: 'rename' must be a map such as {old_name: new_name}, not a "
                          "list"));
  EXPECT_THAT(step_problems("rename: {a: b, a: c}"),
              ElementsAre("p.yaml:8:20: duplicate key 'a': it stands in line 8 already"));
  EXPECT_THAT(step_problems(R"(rename: {a: b, '["a"]': c})"),
              ElementsAre("p.yaml:8:20: 'rename' names '[\"a\"]' twice"));
}

TEST(RemoveStep, TakesOnePathOrAList) {
  EXPECT_THAT(texts_of(only_step<RemoveStep>("remove: user.ip").fields), ElementsAre("user.ip"));
  EXPECT_THAT(texts_of(only_step<RemoveStep>("remove: [ip, 'items[0].sku']").fields),
              ElementsAre("ip", "items[0].sku"));
}

TEST(RemoveStep, OtherValuesAreErrors) {
  EXPECT_THAT(step_problems("remove: []"),
              ElementsAre("p.yaml:8:13: 'remove' is an empty list; it must be the path of a field, "
                          "or a list of paths"));
  EXPECT_THAT(step_problems("remove: {a: b}"),
              ElementsAre("p.yaml:8:13: 'remove' must be the path of a field, or a list of paths, "
                          "not a map"));
  EXPECT_THAT(step_problems("remove:"),
              ElementsAre("p.yaml:8:5: 'remove' has no value; it must be the path of a field, or a "
                          "list of paths"));
  EXPECT_THAT(step_problems(R"(remove: [a, .b, [c], '["a"]'])"),
              ElementsAre("p.yaml:8:17: 'remove' must be the path of a field, such as user.city, "
                          "not '.b': no name stands at character 1",
                          "p.yaml:8:21: 'remove' must be the path of a field, such as user.city, "
                          "not a list",
                          "p.yaml:8:26: 'remove' names '[\"a\"]' twice"));
  EXPECT_THAT(step_problems("remove: ."),
              ElementsAre("p.yaml:8:13: 'remove' must be the path of a field, such as user.city, "
                          "not '.', the record itself"));
}

TEST(KeepOnlyStep, TakesMembersInTheirOrder) {
  const auto step = only_step<KeepOnlyStep>(R"(keep_only: [z, a, '["b.c"]'])");

  ASSERT_EQ(step.members.size(), 3U);
  EXPECT_EQ(step.members[0].value, "z");
  EXPECT_EQ(step.members[2].value, "b.c");
  EXPECT_EQ(step.members[2].place.column, 23);
  EXPECT_EQ(only_step<KeepOnlyStep>("keep_only: a").members.at(0).value, "a");
}

TEST(KeepOnlyStep, OtherNamesAreErrors) {
  EXPECT_THAT(step_problems("keep_only: [a, b, a, c.d]"),
              ElementsAre("p.yaml:8:23: 'keep_only' names 'a' twice",
                          "p.yaml:8:26: 'keep_only' must be the name of one member, not the path "
                          "'c.d'; a name that holds a dot or a bracket is written [\"a.b\"]"));
  EXPECT_THAT(step_problems("keep_only: []"),
              ElementsAre("p.yaml:8:16: 'keep_only' is an empty list; it must be a list of member "
                          "names"));
}

TEST(MemberSteps, HugeListsAreReadInTime) {
  std::string names = "[";
  for (int i = 0; i < 90'000; ++i) names += "a" + std::to_string(i) + ",";
  names += "b]";

  EXPECT_EQ(only_step<RemoveStep>("remove: " + names).fields.size(), 90'001U);
  EXPECT_EQ(only_step<KeepOnlyStep>("keep_only: " + names).members.size(), 90'001U);
}

}  // namespace
}  // namespace millrace::config
