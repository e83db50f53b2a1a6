// SPDX-License-Identifier: Apache-2.0
#include "engine/kafka/lost_offsets.h"

#include <gtest/gtest.h>

namespace millrace::kafka {
namespace {

using config::OnLostOffsets;
using Kind = LostOffsets::Verdict::Kind;
using Clock = LostOffsets::Clock;

const base::TopicPartition kOrders{"orders", 3};
constexpr base::Offset kAsked{40};
constexpr LostOffsets::Answer kGone{.error = 0, .range = {100, 200}};
constexpr LostOffsets::Answer kThere{.error = 0, .range = {0, 200}};
constexpr LostOffsets::Answer kSilence{.error = RD_KAFKA_RESP_ERR__TIMED_OUT, .range = {}};
const Clock::time_point kStart{std::chrono::hours{1}};
constexpr std::chrono::milliseconds kTick{1};

LostOffsets one(OnLostOffsets policy) {
  LostOffsets lost(policy);
  lost.note(7, kOrders, kAsked);
  return lost;
}

TEST(LostOffsets, ANewOneIsDueAtOnceAndTellsWhatToAskFor) {
  LostOffsets lost(OnLostOffsets::kStop);
  EXPECT_TRUE(lost.empty());
  EXPECT_EQ(lost.due(kStart), nullptr);

  lost.note(7, kOrders, kAsked);

  EXPECT_FALSE(lost.empty());
  const LostOffsets::Lost* const due = lost.due(kStart);
  ASSERT_NE(due, nullptr);
  EXPECT_EQ(due->slot, 7U);
  EXPECT_EQ(due->id, kOrders);
  EXPECT_EQ(due->asked.value, 40);
}

TEST(LostOffsets, SilenceIsAPauseAndTheOthersAreAskedForMeanwhile) {
  LostOffsets lost = one(OnLostOffsets::kEarliest);
  lost.note(8, {"orders", 4}, kAsked);

  const auto verdict = lost.judge(7, kSilence, kStart);

  ASSERT_TRUE(verdict);
  EXPECT_EQ(verdict->kind, Kind::kWait);
  EXPECT_NE(verdict->sentence.find("orders-3"), std::string::npos) << verdict->sentence;
  ASSERT_NE(lost.due(kStart), nullptr);
  EXPECT_EQ(lost.due(kStart)->slot, 8U);
  lost.forget(8);
  EXPECT_EQ(lost.due(kStart + LostOffsets::kPause - kTick), nullptr);
  ASSERT_NE(lost.due(kStart + LostOffsets::kPause), nullptr);
  EXPECT_EQ(lost.due(kStart + LostOffsets::kPause)->slot, 7U);
}

TEST(LostOffsets, APartitionThatStopsAnywayIsAskedForAFewTimesOnly) {
  LostOffsets lost = one(OnLostOffsets::kStop);
  for (int attempt = 1; attempt < LostOffsets::kAttempts; ++attempt) {
    const auto verdict = lost.judge(7, kSilence, kStart);
    ASSERT_TRUE(verdict);
    EXPECT_EQ(verdict->kind, Kind::kWait) << attempt;
  }

  const auto last = lost.judge(7, kSilence, kStart);

  ASSERT_TRUE(last);
  EXPECT_EQ(last->kind, Kind::kStop);
  EXPECT_EQ(last->sentence, lost_offset(kOrders, kAsked, std::nullopt));
  EXPECT_TRUE(lost.empty());
}

TEST(LostOffsets, WhereItWouldGoOnTheBrokersAreAskedUntilTheyTell) {
  LostOffsets lost = one(OnLostOffsets::kLatest);
  for (int attempt = 0; attempt < 3 * LostOffsets::kAttempts; ++attempt) {
    const auto verdict = lost.judge(7, kSilence, kStart);
    ASSERT_TRUE(verdict);
    EXPECT_EQ(verdict->kind, Kind::kWait) << attempt;
  }

  const auto verdict = lost.judge(7, kGone, kStart);

  ASSERT_TRUE(verdict);
  EXPECT_EQ(verdict->kind, Kind::kGoOn);
}

TEST(LostOffsets, AnOffsetThatIsThereAfterAllIsReadAgainOnceASecondAnswerSaysSo) {
  LostOffsets lost = one(OnLostOffsets::kStop);
  EXPECT_FALSE(lost.judge(7, kThere, kStart));
  EXPECT_EQ(lost.due(kStart + LostOffsets::kPause - kTick), nullptr);

  const auto verdict = lost.judge(7, kThere, kStart + LostOffsets::kPause);

  ASSERT_TRUE(verdict);
  EXPECT_EQ(verdict->kind, Kind::kReadAgain);
  EXPECT_EQ(verdict->lost.slot, 7U);
  EXPECT_EQ(verdict->offset, kAsked);
  EXPECT_EQ(verdict->sentence,
            "orders-3: the brokers did not have offset 40 for a moment; reading it again");
  EXPECT_TRUE(lost.empty());
}

TEST(LostOffsets, ThePolicySaysWhatBecomesOfOneThatIsGone) {
  LostOffsets stops = one(OnLostOffsets::kStop);
  LostOffsets earliest = one(OnLostOffsets::kEarliest);
  LostOffsets latest = one(OnLostOffsets::kLatest);

  const auto stop = stops.judge(7, kGone, kStart);
  const auto first = earliest.judge(7, kGone, kStart);
  const auto last = latest.judge(7, kGone, kStart);

  ASSERT_TRUE(stop && first && last);
  EXPECT_EQ(stop->kind, Kind::kStop);
  EXPECT_EQ(stop->sentence, lost_offset(kOrders, kAsked, kGone.range));
  EXPECT_EQ(first->kind, Kind::kGoOn);
  EXPECT_EQ(first->offset.value, 100);
  EXPECT_EQ(first->sentence, moved_offset(kOrders, kAsked, kGone.range, OnLostOffsets::kEarliest));
  EXPECT_EQ(last->kind, Kind::kGoOn);
  EXPECT_EQ(last->offset.value, 200);
  EXPECT_TRUE(stops.empty() && earliest.empty() && latest.empty());
}

TEST(LostOffsets, ALaterOneOfTheSameSlotTakesItsPlace) {
  LostOffsets lost = one(OnLostOffsets::kStop);
  ASSERT_TRUE(lost.judge(7, kSilence, kStart));

  lost.note(7, kOrders, base::Offset{41});

  ASSERT_NE(lost.due(kStart), nullptr);
  const LostOffsets::Lost* const due = lost.due(kStart + LostOffsets::kPause);
  ASSERT_NE(due, nullptr);
  EXPECT_EQ(due->asked.value, 41);
  EXPECT_EQ(due->attempts, 0);
  lost.forget(7);
  EXPECT_TRUE(lost.empty());
}

}  // namespace
}  // namespace millrace::kafka
