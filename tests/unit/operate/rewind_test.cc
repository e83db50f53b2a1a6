// SPDX-License-Identifier: Apache-2.0
#include "engine/operate/rewind.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/operate/offsets.h"

namespace millrace::operate {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using Kind = RewindTarget::Kind;

// Two partitions of `orders` from 10 to 100, committed at 50, and one of `clicks` that is new.
Standings some_standings() {
  Standings standings;
  standings.now_ms = 1'700'000'000'000;
  for (int32_t i = 0; i < 2; ++i) {
    standings.partitions.push_back(
        {.id = {"orders", i}, .begin = {10}, .stable = {90}, .end = {100}, .committed = {50}});
  }
  standings.partitions.push_back(
      {.id = {"clicks", 0}, .begin = {0}, .stable = {5}, .end = {5}, .committed = {}});
  return standings;
}

std::vector<int64_t> targets(const RewindTarget& target,
                             const std::vector<base::Offset>& at_time = {}) {
  const auto moves = plan_moves(some_standings(), target, {}, at_time);
  std::vector<int64_t> offsets;
  for (const Move& move : moves.value()) offsets.push_back(move.to.value);
  return offsets;
}

TEST(Rewind, FindsThePlaceInEachPartition) {
  EXPECT_EQ(targets({Kind::kEarliest}), (std::vector<int64_t>{10, 10, 0}));
  // Behind it is an open transaction.
  EXPECT_EQ(targets({Kind::kLatest}), (std::vector<int64_t>{90, 90, 5}));
  EXPECT_EQ(targets({Kind::kOffset, 60}), (std::vector<int64_t>{60, 60, 5}));
  EXPECT_EQ(targets({Kind::kOffset, 3}), (std::vector<int64_t>{10, 10, 3}));
  EXPECT_EQ(targets({Kind::kTime, 1}, {{20}, {}, {0}}), (std::vector<int64_t>{20, 90, 0}));
}

TEST(Rewind, SaysWhereThePlaceIsNotWhatWasAskedFor) {
  const auto moves = plan_moves(some_standings(), {Kind::kOffset, 3}, {}, {});

  EXPECT_THAT(moves.value()[0].note, HasSubstr("the log has no 3"));
  EXPECT_THAT(moves.value()[2].note, IsEmpty());
}

TEST(Rewind, MovesOnlyThePartitionsThatAreNamed) {
  const auto first = plan_moves(some_standings(), {Kind::kEarliest}, {{"", 0}}, {});
  const auto one = plan_moves(some_standings(), {Kind::kEarliest}, {{"orders", 1}}, {});

  EXPECT_THAT(first.value(), SizeIs(2));
  ASSERT_THAT(one.value(), SizeIs(1));
  EXPECT_EQ(one.value()[0].id, (base::TopicPartition{"orders", 1}));
  EXPECT_TRUE(check_names(some_standings(), {{"", 0}, {"orders", 1}}).ok());
  EXPECT_EQ(check_names(some_standings(), {{"clicks", 1}}).message(),
            "the input has no partition clicks/1");
}

TEST(Rewind, DoesNotMoveWhereTheLogIsNotKnown) {
  Standings standings = some_standings();
  standings.partitions[0].begin = {};
  standings.partitions[0].error = "no broker leads the partition";

  EXPECT_THAT(plan_moves(standings, {Kind::kEarliest}, {}, {}).message(),
              HasSubstr("no broker leads"));
}

TEST(Rewind, ReadsNamesOfPartitions) {
  EXPECT_EQ(PartitionName::parse("3")->partition, 3);
  EXPECT_EQ(PartitionName::parse("orders/3")->topic, "orders");
  for (const char* text : {"", "/", "/3", "orders/", "orders", "-1", "3x", "99999999999"})
    EXPECT_FALSE(PartitionName::parse(text)) << text;
}

TEST(Rewind, SaysBesideTheOffsetWhatTheInsightsAreToDo) {
  const std::vector<Move> moves{{{"orders", 0}, {50}, {10}, {}}, {{"orders", 1}, {50}, {50}, {}}};

  const auto reset = commits_of(moves, true, false, "rewind-1");
  ASSERT_THAT(reset, SizeIs(1));  // one stays where it is
  EXPECT_EQ(reset[0].next, base::Offset{10});
  EXPECT_EQ(reset[0].metadata, "millrace 1 state=none closed=none moved=reset commit=rewind-1");
  EXPECT_THAT(commits_of(moves, true, true, "rewind-1")[0].metadata, HasSubstr("moved=keep"));
  EXPECT_THAT(commits_of(moves, false, false, "rewind-1")[0].metadata, IsEmpty());
}

TEST(Rewind, ShowsBeforeAndAfter) {
  const Standings standings = some_standings();
  const auto moves = plan_moves(standings, {Kind::kOffset, 50}, {}, {});
  const auto back = plan_moves(standings, {Kind::kOffset, 20}, {}, {});

  EXPECT_THAT(describe(moves.value(), standings, false), HasSubstr("orders/0   50   50    stays"));
  EXPECT_THAT(describe(moves.value(), standings, false), HasSubstr("the group had none"));
  EXPECT_THAT(describe(back.value(), standings, false), HasSubstr("30 offsets are read again"));
  EXPECT_THAT(describe(back.value(), standings, false), HasSubstr("begin anew there"));
  EXPECT_THAT(describe(back.value(), standings, true), HasSubstr("counts twice"));
}

TEST(Rewind, NamesTheMembersThatAreInTheWay) {
  kafka::GroupState group{"Stable", {}};
  EXPECT_THAT(members_in_the_way(group, std::chrono::seconds{10}), IsEmpty());

  group.members.push_back({"millrace", "10.0.0.7", "one", {{"orders", 0}}});
  const std::string text = members_in_the_way(group, std::chrono::seconds{10});
  EXPECT_THAT(text, HasSubstr("millrace (instance one) at 10.0.0.7, which has orders/0"));
  EXPECT_THAT(text, HasSubstr("for 10 s more"));
}

TEST(OffsetsText, SaysWhatTheNextRunDoes) {
  Standings standings = some_standings();
  Standing& going = standings.partitions[0];
  going.metadata = "millrace 1 state=40 closed=50 commit=a-1";
  going.mark = state::CommitMark::parse(going.metadata);
  going.written = WrittenState{{40}, 1, 100, {}};
  going.resume = {state::Resume::Kind::kGoesOn, {}};
  going.next_ms = standings.now_ms - 125'000;

  const std::string text = to_text(standings);

  EXPECT_THAT(text, HasSubstr("state written up to 40"));
  EXPECT_THAT(text, HasSubstr("insights: go on, 10 offsets count again"));
  EXPECT_THAT(text, HasSubstr("  50   2 min "));
  EXPECT_THAT(text, HasSubstr("nothing is committed"));
  EXPECT_THAT(to_json(standings), HasSubstr(R"("lag":50)"));
  standings.durable = false;
  EXPECT_THAT(to_text(standings), Not(HasSubstr("insights")));
}

}  // namespace
}  // namespace millrace::operate
