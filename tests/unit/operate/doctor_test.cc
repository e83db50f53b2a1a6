// SPDX-License-Identifier: Apache-2.0
#include "engine/operate/doctor.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace millrace::operate {
namespace {

using ::testing::HasSubstr;
using Weight = Finding::Weight;

constexpr int64_t kNow = 1'700'000'000'000;
constexpr int64_t kHour = 3'600'000;

config::PipelineConfig some_config() {
  config::PipelineConfig config;
  config.input.group.value = "g";
  config.state.topic.value = "p.state";
  return config;
}

// One broker, one partition that is read by a member, with its state: nothing is wrong.
Examination healthy() {
  Examination seen;
  seen.brokers.push_back({.address = "b:9092", .listed = true, .version = "4.0"});
  Standings& standings = seen.standings.emplace();
  standings.now_ms = kNow;
  standings.group = {"Stable", {{"millrace", "10.0.0.7", "", {{"in", 0}}}}};
  Standing& one = standings.partitions.emplace_back();
  one.id = {"in", 0};
  one.begin = {0};
  one.stable = {100};
  one.end = {100};
  one.committed = {90};
  one.next_ms = kNow - 1000;
  one.written = WrittenState{{80}, kNow - 5000, 2048, {}};
  one.resume.kind = state::Resume::Kind::kGoesOn;
  one.restore_ms = kNow - 6000;
  seen.inputs.push_back({.topic = "in", .retention_ms = 24 * kHour});
  return seen;
}

// The findings of that weight about that.
std::vector<Finding> found(const Examination& seen, const std::string& about, Weight weight,
                           const config::PipelineConfig& config = some_config()) {
  std::vector<Finding> findings = judge(seen, config);
  std::erase_if(findings,
                [&](const Finding& one) { return one.about != about || one.weight != weight; });
  return findings;
}

TEST(Doctor, FindsNothingWrongWhereNothingIs) {
  const auto findings = judge(healthy(), some_config());

  EXPECT_FALSE(any_error(findings));
  EXPECT_EQ(std::count_if(findings.begin(), findings.end(),
                          [](const Finding& one) { return one.weight == Weight::kWarning; }),
            0);
}

TEST(Doctor, EverythingThatIsWrongComesWithWhatToDo) {
  Examination seen = healthy();
  seen.brokers[0].error = "away";
  seen.standings->partitions[0].resume = {state::Resume::Kind::kMistaken, "it was moved"};
  seen.standings->partitions[0].committed = {200};
  seen.standings->group.members.clear();
  seen.standings->strangers.push_back({"old", 3});
  seen.inputs[0].ahead_ms = kHour;
  seen.held_back.push_back({{"in", 0}, {50}, {100}, kNow - kHour});
  seen.dead_letters.push_back({"dead", 10, 2});

  for (const Finding& one : judge(seen, some_config())) {
    const bool bad = one.weight == Weight::kWarning || one.weight == Weight::kError;
    EXPECT_TRUE(!bad || !one.todo.empty()) << one.text;
  }
}

TEST(Doctor, AListedBrokerThatIsAwayIsAWarningWhereOthersAnswer) {
  Examination seen = healthy();
  seen.brokers.push_back({.address = "c:9092", .listed = true, .error = "connection refused"});
  EXPECT_EQ(found(seen, "brokers", Weight::kWarning).size(), 1U);

  seen.brokers.erase(seen.brokers.begin());
  EXPECT_EQ(found(seen, "brokers", Weight::kError).size(), 1U);
}

TEST(Doctor, KnowsHowFarTheClockIsBehindOnlyFromTheBrokersOwnTimes) {
  Examination seen = healthy();
  EXPECT_EQ(found(seen, "clock", Weight::kUnknown).size(), 1U);

  seen.inputs[0].ahead_ms = kHour;
  EXPECT_THAT(found(seen, "clock", Weight::kWarning)[0].text, HasSubstr("60 min ahead"));
  seen.inputs[0].broker_time = true;
  EXPECT_THAT(found(seen, "clock", Weight::kError)[0].text, HasSubstr("by 60 min at least"));
}

TEST(Doctor, AnOpenTransactionIsNamedWithTheCommandThatTellsWhoseItIs) {
  Examination seen = healthy();
  seen.held_back.push_back({{"in", 0}, {50}, {100}, kNow - kHour});
  seen.held_back.push_back({{"out", 1}, {7}, {9}, std::nullopt});

  const auto findings = found(seen, "transactions", Weight::kWarning);

  ASSERT_EQ(findings.size(), 2U);
  EXPECT_THAT(findings[0].text, HasSubstr("in/0: a transaction of another program is open at "
                                          "offset 50, since 2023-11-14T21:13:20Z (60 min ago)"));
  EXPECT_THAT(findings[0].text, HasSubstr("the 50 offsets behind it"));
  EXPECT_THAT(findings[0].todo, HasSubstr("describe-producers --topic in --partition 0"));
  EXPECT_THAT(findings[1].text, HasSubstr("out/1: a transaction is open"));
}

TEST(Doctor, ACommittedOffsetThatIsNotInTheLogIsAnError) {
  Examination seen = healthy();
  seen.standings->partitions[0].begin = {95};
  EXPECT_THAT(found(seen, "retention", Weight::kError)[0].text,
              HasSubstr("records were deleted before they were read"));

  seen.standings->partitions[0].begin = {0};
  seen.standings->partitions[0].end = {10};
  EXPECT_THAT(found(seen, "retention", Weight::kError)[0].text, HasSubstr("was made anew"));
}

TEST(Doctor, ARestoreThatWouldReadWhatIsGoneIsAnError) {
  Examination seen = healthy();
  seen.standings->partitions[0].begin = {85};

  EXPECT_THAT(found(seen, "retention", Weight::kError)[0].text,
              HasSubstr("a restart counts again from offset 80, and the log begins at 85"));
}

TEST(Doctor, WarnsBeforeRetentionTakesWhatIsStillNeeded) {
  Examination seen = healthy();
  seen.standings->partitions[0].restore_ms = kNow - 11 * kHour;
  EXPECT_TRUE(found(seen, "retention", Weight::kWarning).empty());

  seen.standings->partitions[0].restore_ms = kNow - 13 * kHour;
  EXPECT_EQ(found(seen, "retention", Weight::kWarning).size(), 1U);
  seen.inputs[0].retention_ms = -1;
  EXPECT_TRUE(found(seen, "retention", Weight::kWarning).empty());
}

TEST(Doctor, AStateThatDoesNotFitIsAnErrorUnlessTheFileSaysWhatThen) {
  Examination seen = healthy();
  seen.standings->partitions[0].resume = {state::Resume::Kind::kMistaken, "it was moved"};
  EXPECT_EQ(found(seen, "state", Weight::kError).size(), 1U);

  config::PipelineConfig config = some_config();
  config.state.on_moved_offsets = config::OnMovedOffsets::kReset;
  EXPECT_TRUE(found(seen, "state", Weight::kError, config).empty());
  EXPECT_EQ(found(seen, "state", Weight::kWarning, config).size(), 1U);
}

TEST(Doctor, AStateThatCannotBeReadIsAnError) {
  Examination seen = healthy();
  seen.standings->partitions[0].written->error = "is damaged";

  EXPECT_THAT(found(seen, "state", Weight::kError)[0].text, HasSubstr("in/0: is damaged"));
}

TEST(Doctor, WarnsOfAStateThatIsNotWrittenAnyMore) {
  Examination seen = healthy();
  seen.standings->partitions[0].written->written_ms = kNow - kHour;
  EXPECT_EQ(found(seen, "state", Weight::kWarning).size(), 1U);

  // Nothing came since: there was nothing to write.
  seen.standings->partitions[0].written->end = {90};
  EXPECT_TRUE(found(seen, "state", Weight::kWarning).empty());
}

TEST(Doctor, SaysAsJsonWhatItSaysAsText) {
  const std::vector<Finding> findings{{Weight::kError, "lag", "it \"stands\"", "look"}};

  EXPECT_EQ(to_json("p", findings),
            "{\"version\":1,\"pipeline\":\"p\",\"findings\":[{\"weight\":\"error\",\"about\":"
            "\"lag\",\"text\":\"it \\\"stands\\\"\",\"todo\":\"look\"}]}\n");
  EXPECT_THAT(to_text(findings), HasSubstr("to do: look\nerrors=1 warnings=0"));
}

}  // namespace
}  // namespace millrace::operate
