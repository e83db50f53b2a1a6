// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/steps/step_runner.h"

namespace millrace::steps {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

config::StepConfig rename_step(
    const std::vector<std::pair<std::string_view, std::string_view>>& names) {
  config::RenameStep step;
  for (const auto& [from, to] : names)
    step.names.emplace_back(field_path(from), config::Text{std::string(to), {}});
  return step_config("rename", std::move(step));
}

config::StepConfig remove_step(const std::vector<std::string_view>& fields) {
  config::RemoveStep step;
  for (const std::string_view field : fields) step.fields.push_back(field_path(field));
  return step_config("remove", std::move(step));
}

config::StepConfig keep_only_step(const std::vector<std::string_view>& members) {
  config::KeepOnlyStep step;
  for (const std::string_view member : members) step.members.push_back({std::string(member), {}});
  return step_config("keep_only", std::move(step));
}

TEST(RenameStep, RenamesInPlace) {
  StepRunner run(rename_step({{"timestamp", "created_at"}, {"user.mail", "a \"b\""}}));

  EXPECT_EQ(run.run(R"({"timestamp":1.50,"user":{"mail":null,"x":1},"z":[]})"),
            R"({"created_at":1.50,"user":{"a \"b\"":null,"x":1},"z":[]})");
  EXPECT_EQ(run.run(R"({"user":5})"), R"({"user":5})");
  EXPECT_EQ(run.run("{}"), "{}");
  EXPECT_THAT(run.rules(), ElementsAre("step:1:rename"));
}

TEST(RenameStep, RejectsWhereTheNameIsTaken) {
  StepRunner run(rename_step({{"a", "b"}, {"x.a", "b"}}));

  EXPECT_EQ(run.run(R"({"a":1,"b":null})"), "rejected step:1:rename at /b: 'b' is already there");
  EXPECT_EQ(run.run(R"({"x":{"b":1,"a":2}})"),
            "rejected step:1:rename at /x/b: 'b' is already there");
  EXPECT_EQ(run.run(R"({"b":1})"), R"({"b":1})");
}

TEST(RenameStep, GoesInOrder) {
  StepRunner swap(rename_step({{"a", "c"}, {"b", "a"}, {"c", "b"}}));
  StepRunner chain(rename_step({{"a", "b"}, {"b", "c"}}));

  EXPECT_EQ(swap.run(R"({"a":1,"b":2})"), R"({"b":1,"a":2})");
  EXPECT_EQ(chain.run(R"({"a":1})"), R"({"c":1})");
}

TEST(RenameStep, ReportsWhatHasNoName) {
  EXPECT_THAT(
      StepRunner(rename_step({{".", "a"}, {"b[0]", "a"}, {"c", "c"}})).problems(),
      ElementsAre("'.' is no member, so that it has no name",
                  "'b[0]' is no member, so that it has no name", "'c' has that name already"));
}

TEST(RemoveStep, RemovesMembersAndElements) {
  StepRunner run(remove_step({"a", "b.c", "d[0]", "d[0]"}));

  EXPECT_EQ(run.run(R"({"a":{"x":1},"b":{"c":1,"d":2},"d":[1,2,3],"e":null})"),
            R"({"b":{"d":2},"d":[3],"e":null})");
  EXPECT_EQ(run.run(R"({"b":{"c":1}})"), R"({"b":{}})");
  EXPECT_EQ(run.run(R"({"a":null,"d":[1]})"), R"({"d":[]})");
  EXPECT_EQ(run.run(R"({"b":1,"d":{}})"), R"({"b":1,"d":{}})");
  EXPECT_THAT(run.rules(), IsEmpty());
}

TEST(RemoveStep, CannotRemoveTheRecord) {
  EXPECT_THAT(StepRunner(remove_step({"."})).problems(),
              ElementsAre("the record itself cannot be removed; 'drop_if' filters records"));
}

TEST(KeepOnlyStep, LeavesTheListedMembersInOrder) {
  StepRunner run(keep_only_step({"user_id", "state", "at"}));

  EXPECT_EQ(run.run(R"({"at":1,"ip":"x","user_id":{"a":[1.50]},"z":0})"),
            R"({"user_id":{"a":[1.50]},"at":1})");
  EXPECT_EQ(run.run(R"({"x":1})"), "{}");
  EXPECT_EQ(run.run(R"({"state":null})"), R"({"state":null})");
  EXPECT_THAT(run.rules(), IsEmpty());
}

TEST(KeepOnlyStep, LeavesWhatIsNoObject) {
  StepRunner run(keep_only_step({"a"}), {.objects_only = false});

  EXPECT_EQ(run.run(R"([{"b":1}])"), R"([{"b":1}])");
  EXPECT_EQ(run.run("5"), "5");
}

TEST(KeepOnlyStep, ReportsNamesThatAreListedTwice) {
  EXPECT_THAT(StepRunner(keep_only_step({"a", "b", "a"})).problems(),
              ElementsAre("'a' is listed twice"));
}

}  // namespace
}  // namespace millrace::steps
