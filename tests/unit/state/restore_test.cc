// SPDX-License-Identifier: Apache-2.0
#include "engine/state/restore.h"

#include <map>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/state/state_key.h"
#include "engine/state/state_writer.h"
#include "tests/unit/state/counted_state.h"
#include "tests/unit/state/fake_state_log.h"

namespace millrace::state {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr int32_t kLogPartitions = 8;

StateTopic topic_of(const std::string& group) {
  return {"logins.state", group, kLogPartitions};
}

class Restore : public ::testing::Test {
 protected:
  // Writes a state down as the first of its partition.
  void put(const insights::State& state, const base::TopicPartition& id,
           const std::string& group = "logins") {
    StateWriter writer(topic_of(group), id);
    log_.append(writer.write(state, 1'000));
  }

  // Of one partition.
  Restored restore_one(const insights::Declaration& of = declaration(),
                       const std::set<std::string>& reset = {}) {
    auto restored = restore(log_, std::vector{id_}, of, {topic_of("logins"), reset});
    EXPECT_EQ(restored.value().size(), 1U);
    return std::move(restored.value().at(id_));
  }

  std::string key(const std::string& insight, uint32_t chunk) const {
    return StateKey{.id = id_, .chunk = chunk, .insight = insight}.to_text("logins");
  }

  FakeStateLog log_{kLogPartitions};
  const base::TopicPartition id_{"user-login", 3};
};

TEST_F(Restore, GivesBackWhatWasWritten) {
  Counted counted;
  counted.count(names("user", 3'000, 150));
  put(counted.state(), id_);

  const Restored restored = restore_one();

  ASSERT_EQ(restored.error, "");
  EXPECT_THAT(restored.notes, IsEmpty());
  EXPECT_EQ(saved(*restored.state), saved(counted.state()));
  EXPECT_EQ(restored.manifest.end, counted.end());
  EXPECT_EQ(restored.manifest.written_ms, 1'000);
  EXPECT_FALSE(restored.given_up);
}

TEST_F(Restore, APartitionWithoutAStateHasNone) {
  const Restored restored = restore_one();

  EXPECT_EQ(restored.state, nullptr);
  EXPECT_EQ(restored.error, "");
  EXPECT_THAT(restored.notes, IsEmpty());
  EXPECT_FALSE(restored.manifest.end.valid());
  EXPECT_FALSE(restored.given_up);
}

TEST_F(Restore, TellsGroupsAndTopicsApart) {
  const std::vector<std::string> groups{"a", "a/b", "a%2Fb", "a/b/7", ""};
  const std::vector<base::TopicPartition> ids{
      {"7", 0},           {"7", 3},          {"user", 1}, {"user-login", 1},
      {"user-login", 11}, {"user.login", 1}, {"b", 7}};
  std::map<std::pair<std::string, base::TopicPartition>, std::string> expected;
  int number = 0;
  for (const std::string& group : groups) {
    for (const base::TopicPartition& id : ids) {
      Counted counted;
      counted.count({std::to_string(++number), "anna"});
      put(counted.state(), id, group);
      expected[{group, id}] = saved(counted.state());
    }
  }

  for (const std::string& group : groups) {
    const auto some = restore(log_, std::span(ids).first(3), declaration(), {topic_of(group), {}});
    ASSERT_EQ(some.value().size(), 3U);
    for (const auto& [id, restored] : some.value())
      EXPECT_EQ(saved(*restored.state), (expected[{group, id}])) << group << ' ' << id.topic;
    const auto all = restore_all(log_, declaration(), {topic_of(group), {}});
    ASSERT_EQ(all.value().size(), ids.size());
    for (const auto& [id, restored] : all.value())
      EXPECT_EQ(saved(*restored.state), (expected[{group, id}])) << group << ' ' << id.topic;
  }
}

TEST_F(Restore, ReadsOnlyThePartitionsOfTheLogThatItNeeds) {
  (void)restore_one();
  EXPECT_THAT(log_.was_read, ElementsAre(log_partition(id_, kLogPartitions)));

  log_.was_read.clear();
  (void)restore_all(log_, declaration(), {topic_of("logins"), {}});
  EXPECT_THAT(log_.was_read, UnorderedElementsAre(0, 1, 2, 3, 4, 5, 6, 7));
}

TEST_F(Restore, WhatCannotBeReadIsAnError) {
  log_.fails_with = "the broker is gone";

  const auto restored = restore(log_, std::vector{id_}, declaration(), {topic_of("logins"), {}});

  ASSERT_FALSE(restored.ok());
  EXPECT_EQ(restored.message(), "the broker is gone");
}

TEST_F(Restore, ATopicOfOtherPartitionsIsAnError) {
  const auto restored =
      restore(log_, std::vector{id_}, declaration(), {{"logins.state", "logins", 4}, {}});

  ASSERT_FALSE(restored.ok());
  EXPECT_EQ(restored.message(), "topic logins.state has 8 partitions, and not 4 as before");
}

// What a topic that was given more partitions has at a place where nobody writes any more.
TEST_F(Restore, AStateElsewhereInTheTopicIsNotRead) {
  Counted counted;
  counted.count({"anna"});
  put(counted.state(), id_);
  const int32_t home = log_partition(id_, kLogPartitions);
  std::swap(log_.partition(home), log_.partition((home + 1) % kLogPartitions));

  EXPECT_EQ(restore_one().state, nullptr);
  EXPECT_THAT(restore_all(log_, declaration(), {topic_of("logins"), {}}).value(), IsEmpty());
}

TEST_F(Restore, OthersKeysDoNoHarm) {
  Counted counted;
  counted.count({"anna"});
  put(counted.state(), id_);
  auto& records = log_.partition(log_partition(id_, kLogPartitions));
  for (const char* const text :
       {"", "logins", "logins/user-login/3/x", "logins/user-login/3/4294967295.4294967295/users",
        "logins/user-login/3/7/nobody", "logins/user-login/3.9", "\xff\x00/"}) {
    records.push_back({text, "something"});
    records.push_back({text, std::nullopt});
    records.push_back({text, "else"});
  }

  const Restored restored = restore_one();
  ASSERT_EQ(restored.error, "");
  EXPECT_EQ(saved(*restored.state), saved(counted.state()));
}

TEST_F(Restore, LiveInsightsBeginAnewWithoutAWord) {
  Counted counted;
  counted.count({"anna"});
  put(counted.state(), id_);

  const Restored restored = restore_one();

  EXPECT_THAT(restored.notes, IsEmpty());
  EXPECT_EQ(restored.state->accumulator(index_of(declaration(), "rate")).counted(), 0U);
}

TEST_F(Restore, AnInsightThatIsNewBeginsNow) {
  const insights::Declaration before = changed({.without = {"users", "hours"}});
  Counted counted(before, 100);
  counted.count({"anna", "ben"});
  put(counted.state(), id_);

  const Restored restored = restore_one();

  ASSERT_EQ(restored.error, "");
  EXPECT_THAT(restored.notes,
              ElementsAre("insight users begins at offset 102; what came before is not in it.",
                          "insight hours begins at offset 102; what came before is not in it."));
  EXPECT_EQ(saved(*restored.state, "sum"), saved(counted.state(), "sum"));
  const size_t users = index_of(declaration(), "users");
  EXPECT_EQ(restored.state->begin(users), base::Offset{102});
  EXPECT_EQ(restored.state->accumulator(users).counted(), 0U);
}

TEST_F(Restore, AnInsightThatIsNoMoreIsDropped) {
  Counted counted;
  counted.count(names("user", 2'500, 150));
  put(counted.state(), id_);
  const insights::Declaration after = changed({.without = {"users"}});

  const Restored restored = restore_one(after);

  ASSERT_EQ(restored.error, "");
  EXPECT_THAT(restored.notes, ElementsAre("insight users is not declared any more; what it counted "
                                          "up to offset 2500 is dropped."));
  EXPECT_EQ(saved(*restored.state, "distinct"), saved(counted.state(), "distinct"));
  // The next write takes it out of the topic.
  StateWriter writer(topic_of("logins"), id_);
  writer.resume(restored.manifest);
  log_.append(writer.write(*restored.state, 2'000));
  EXPECT_EQ(log_.newest(key("users", 0)).value, std::nullopt);
  EXPECT_EQ(log_.newest(key("users", 1)).value, std::nullopt);
  EXPECT_THAT(restore_one(after).notes, IsEmpty());
}

TEST_F(Restore, ARenamedInsightIsAnotherOne) {
  Counted counted;
  counted.count({"anna"});
  put(counted.state(), id_);
  const insights::Declaration after = changed({.renamed = {"users"}});

  const Restored restored = restore_one(after);

  EXPECT_THAT(restored.notes, ElementsAre(HasSubstr("insight users_2 begins at offset 1;"),
                                          HasSubstr("insight users is not declared any more")));
}

TEST_F(Restore, AnotherDefinitionIsAnErrorThatSaysWhatToDo) {
  Counted counted;
  counted.count({"anna", "ben"});
  put(counted.state(), id_);
  const insights::Declaration after = changed({.redefined = {"users", "sum"}});

  const Restored restored = restore_one(after);

  EXPECT_EQ(restored.state, nullptr);
  EXPECT_THAT(restored.notes, IsEmpty());
  EXPECT_EQ(restored.error,
            "the state in topic logins.state cannot be taken up: insight users counted \"count_by "
            "user\", and is declared as \"count_by user when something\" now; insight sum counted "
            "\"sum amount\", and is declared as \"sum amount when something\" now. Go back to what "
            "was declared, or let go what these insights counted: 'millrace run FILE "
            "--reset-insight users --reset-insight sum' begins them anew at offset 2");
}

TEST_F(Restore, WhatIsResetBeginsAnew) {
  Counted counted;
  counted.count(names("user", 2'500, 150));
  put(counted.state(), id_);
  const insights::Declaration after = changed({.redefined = {"users"}});

  Restored restored = restore_one(after, {"users", "sum"});

  ASSERT_EQ(restored.error, "");
  EXPECT_THAT(restored.notes,
              ElementsAre("insight users begins anew at offset 2500, as --reset-insight says.",
                          "insight sum begins anew at offset 2500, as --reset-insight says."));
  EXPECT_EQ(saved(*restored.state, "top"), saved(counted.state(), "top"));
  const size_t users = index_of(after, "users");
  EXPECT_EQ(restored.state->accumulator(users).counted(), 0U);
  EXPECT_EQ(restored.state->begin(users), base::Offset{2'500});
  // And goes on so, without the option.
  StateWriter writer(topic_of("logins"), id_);
  writer.resume(restored.manifest);
  Counted on(std::move(restored.state));
  on.count({"anna"});
  log_.append(writer.write(on.state(), 2'000));
  const Restored again = restore_one(after);
  ASSERT_EQ(again.error, "");
  EXPECT_THAT(again.notes, IsEmpty());
  EXPECT_EQ(saved(*again.state), saved(on.state()));
}

TEST_F(Restore, AResetOfAnInsightThatIsNewChangesNothing) {
  const insights::Declaration before = changed({.without = {"users"}});
  Counted counted(before);
  counted.count({"anna"});
  put(counted.state(), id_);

  EXPECT_THAT(restore_one(declaration(), {"users", "nobody"}).notes,
              ElementsAre(HasSubstr("insight users begins at offset 1;")));
}

TEST_F(Restore, AnInsightThatBecameLiveIsDropped) {
  Counted counted;
  counted.count({"anna"});
  put(counted.state(), id_);
  insights::Declaration after = declaration();
  after.insights[index_of(after, "sizes")].live = true;

  const Restored restored = restore_one(after);

  ASSERT_EQ(restored.error, "");
  EXPECT_THAT(restored.notes, ElementsAre(HasSubstr("insight sizes")));
  EXPECT_EQ(restored.state->accumulator(index_of(after, "sizes")).counted(), 0U);
}

TEST_F(Restore, ALargeManifestComesBack) {
  insights::Declaration many;
  many.parts = {{.kind = insights::PartKind::kCounter}};
  for (int i = 0; i < 3'000; ++i) {
    many.insights.push_back({.kind = insights::Kind::kCount,
                             .name = "count_" + std::to_string(i),
                             .definition = std::string(400, 'd')});
  }
  insights::State state(many);
  state.cover({0}, {1}, 0);
  put(state, id_);

  const Restored restored = restore_one(many);
  ASSERT_EQ(restored.error, "");
  EXPECT_EQ(saved(*restored.state), saved(state));
}

}  // namespace
}  // namespace millrace::state
