// SPDX-License-Identifier: Apache-2.0
#include <functional>
#include <ostream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/report/report.h"
#include "tests/unit/report/example.h"

namespace millrace::report {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::string> broken(const Example& example) {
  return check_identity(example.report).broken;
}

// A partition that never got a lease.
PartitionAccount unread() {
  PartitionAccount account;
  account.id = {.topic = "user-login", .partition = 7};
  return account;
}

TEST(Identity, HoldsWhereTheNumbersAddUp) {
  Example example;
  EXPECT_THAT(broken(example), IsEmpty());
  EXPECT_TRUE(check_identity(example.report).holds());
}

TEST(Identity, HoldsForARunThatReadNothing) {
  Report report;
  EXPECT_TRUE(check_identity(report).holds());

  report.final = true;
  PartitionAccount idle = unread();
  idle.first = idle.next = base::Offset{10};
  report.partitions = {unread(), idle};
  EXPECT_TRUE(check_identity(report).holds());
}

// One number of partition 1 is made wrong; the sentence that must be there.
struct Wrong {
  const char* name;
  std::function<void(PartitionAccount&)> change;
  const char* sentence;
};

std::ostream& operator<<(std::ostream& out, const Wrong& wrong) {
  return out << wrong.name;
}

class WrongNumber : public ::testing::TestWithParam<Wrong> {};

TEST_P(WrongNumber, IsNoticed) {
  Example example;
  GetParam().change(example.report.partitions[1]);

  EXPECT_THAT(broken(example), Contains(GetParam().sentence));
  EXPECT_FALSE(check_identity(example.report).holds());
}

INSTANTIATE_TEST_SUITE_P(
    Identity, WrongNumber,
    ::testing::Values(
        Wrong{"Consumed", [](auto& account) { ++account.consumed; },
              "user-login/1: consumed 501, but emitted 470 + filtered 5 + dead-lettered 25 = 500."},
        Wrong{"Emitted", [](auto& account) { --account.emitted; },
              "user-login/1: consumed 500, but emitted 469 + filtered 5 + dead-lettered 25 = 499."},
        Wrong{"Filtered", [](auto& account) { ++account.filtered; },
              "user-login/1: consumed 500, but emitted 470 + filtered 6 + dead-lettered 25 = 501."},
        Wrong{"DeadLettered", [](auto& account) { account.dead_lettered = 0; },
              "user-login/1: consumed 500, but emitted 470 + filtered 5 + dead-lettered 0 = 475."},
        Wrong{"First", [](auto& account) { account.first.value -= 1'000; },
              "user-login/1: moved over 1,502 offsets, but consumed 500 + gaps 2 = 502."},
        Wrong{"Next", [](auto& account) { ++account.next.value; },
              "user-login/1: moved over 503 offsets, but consumed 500 + gaps 2 = 502."},
        Wrong{"NextBeforeFirst", [](auto& account) { account.next.value = 10; },
              "user-login/1: the next offset 10 lies before the first, 1000."},
        Wrong{"FirstMissing", [](auto& account) { account.first = {}; },
              "user-login/1: moved over 0 offsets, but consumed 500 + gaps 2 = 502."},
        Wrong{"Gaps", [](auto& account) { account.gaps = 0; },
              "user-login/1: moved over 502 offsets, but consumed 500 + gaps 0 = 500."},
        Wrong{"Polled", [](auto& account) { ++account.polled; },
              "user-login/1: polled 501, but consumed 500 + discarded 0 = 500."},
        Wrong{"Discarded", [](auto& account) { account.discarded = 3; },
              "user-login/1: polled 500, but consumed 500 + discarded 3 = 503."},
        Wrong{"Sent", [](auto& account) { account.sent = account.acknowledged = 494; },
              "user-login/1: sent 494 records, but emitted 470 + dead-lettered 25 = 495."},
        Wrong{"Acknowledged", [](auto& account) { --account.acknowledged; },
              "user-login/1: sent 495 records, but 494 were acknowledged."},
        Wrong{"CommittedBehind", [](auto& account) { --account.committed.value; },
              "user-login/1: committed offset 1501, but settled up to 1502."},
        Wrong{
            "CommittedUnknown", [](auto& account) { account.committed = {}; },
            "user-login/1: settled up to 1502, but the committed offset could not be read back."}),
    [](const auto& wrong) { return wrong.param.name; });

TEST(Identity, NamesEachThingOnce) {
  Example example;
  --example.report.partitions[0].committed.value;
  ++example.report.partitions[1].gaps;

  EXPECT_THAT(
      broken(example),
      ElementsAre("user-login/0: committed offset 499, but settled up to 500.",
                  "user-login/1: moved over 502 offsets, but consumed 500 + gaps 3 = 503."));
}

TEST(Identity, ExpectsNoDeadLettersSentWhereTheyAreDiscarded) {
  Example example;
  for (PartitionAccount& account : example.report.partitions)
    account.outputs.letters_discarded = 25;
  EXPECT_THAT(broken(example), Contains("user-login/0: sent 495 records, but emitted 470 + "
                                        "dead-lettered 25 - discarded letters 25 = 470."));

  for (PartitionAccount& account : example.report.partitions) {
    account.sent = account.acknowledged = account.emitted;
  }
  EXPECT_THAT(broken(example), IsEmpty());
}

TEST(Identity, CountsCopiesAndPiecesAmongWhatWasSent) {
  Example example;
  PartitionAccount& account = example.report.partitions[0];
  account.outputs = {.copies = 100, .exploded = 2, .pieces = 9, .letters_discarded = 0};
  EXPECT_THAT(broken(example),
              Contains("user-login/0: sent 495 records, but emitted 470 - exploded 2 + pieces 9 + "
                       "copies 100 + dead-lettered 25 = 602."));
  account.sent = account.acknowledged = 602;
  EXPECT_THAT(broken(example), IsEmpty());
}

TEST(Identity, AllowsAnotherMemberToHaveGoneOn) {
  Example example;
  example.report.partitions[0].committed.value += 1'000;
  EXPECT_THAT(broken(example), IsEmpty());
}

TEST(Identity, APartitionThatWasLostBeforeItsCommitIsWhereItsBooksSay) {
  Example example;
  PartitionAccount& lost = example.report.partitions[0];
  lost.ours = false;
  lost.due = lost.committed = base::Offset{lost.next.value - 5};
  EXPECT_TRUE(check_identity(example.report).holds());
  EXPECT_THAT(to_text(example.report), HasSubstr("behind in 1 (lost before the commit)"));
  --lost.committed.value;
  EXPECT_FALSE(check_identity(example.report).holds());
  lost.committed = {};
  EXPECT_TRUE(check_identity(example.report).holds());
  EXPECT_THAT(to_text(example.report), HasSubstr("not known in 1 (another member's)"));
  lost.ours = true;
  EXPECT_FALSE(check_identity(example.report).holds());
}

TEST(Identity, AllowsRecordsInFlightBeforeTheEnd) {
  Example example;
  example.report.partitions[0].polled += 100;
  EXPECT_THAT(broken(example),
              ElementsAre("user-login/0: polled 600, but consumed 500 + discarded 0 = 500."));

  example.report.final = false;
  EXPECT_THAT(broken(example), IsEmpty());
  example.report.partitions[0].polled = 499;
  EXPECT_THAT(broken(example),
              ElementsAre("user-login/0: polled 499, but consumed 500 + discarded 0 = 500."));
}

TEST(Identity, LooksAtCommitsAndInsightsOnlyAtTheEnd) {
  Example example;
  example.report.final = false;
  example.report.partitions[0].committed = {};
  ++example.report.given.emitted;
  ++example.report.counted.insights[0].missing;
  EXPECT_THAT(broken(example), IsEmpty());
}

TEST(Identity, ComparesTheOutcomesWithThoseThatWereProcessed) {
  Example example;
  example.shard.count_filtered();
  example.shard.count_dead_letter(0);
  example.count_again();
  EXPECT_THAT(
      broken(example),
      ElementsAre("in total: filtered 10, but 11 when they were processed.",
                  "in total: dead-lettered 50, but 51 when they were processed.",
                  "in total: filtered 10 in the partitions' states, but 11 all together.",
                  "in total: dead-lettered 50 in the partitions' states, but 51 all together."));
}

TEST(Identity, HoldsWhatTheInsightsCoverAgainstThePartitions) {
  Example example;
  --example.report.counted.partitions[0].coverage.records;
  ++example.report.counted.partitions[1].coverage.end.value;
  EXPECT_THAT(broken(example),
              ElementsAre("user-login/1: settled up to 1502, but the insights cover up to 1503.",
                          "user-login/0: the insights cover 499 records, but emitted 470 + "
                          "filtered 5 + dead-lettered 25 = 500.",
                          "user-login/0: the insights cover 500 offsets, but records 499 + gaps 0 "
                          "= 499.",
                          "user-login/1: the insights cover 503 offsets, but records 500 + gaps 2 "
                          "= 502."));
}

TEST(Identity, WaitsForInsightsThatAreStillCountedAgain) {
  Example example;
  report::StateAccount& state = example.report.counted.partitions[1];
  state.coverage.end.value -= 2;
  state.coverage.gaps -= 2;
  EXPECT_THAT(broken(example),
              ElementsAre("user-login/1: settled up to 1502, but the insights cover up to 1500."));
  example.report.partitions[1].recounting = true;
  EXPECT_THAT(broken(example), IsEmpty());
}

TEST(Identity, CoversTheFleet) {
  Example example;
  example.report.fleet = example.report.counted;
  EXPECT_THAT(broken(example), IsEmpty());
  ++example.report.fleet->insights[2].missing;
  ++example.report.fleet->partitions[0].emitted;
  EXPECT_THAT(broken(example),
              ElementsAre("in the fleet, user-login/0: the insights cover 500 records, but emitted "
                          "471 + filtered 5 + dead-lettered 25 = 501.",
                          "in the fleet, in total: emitted 941 in the partitions' states, but "
                          "940 all together.",
                          "in the fleet, insight distinct_user_id: counted 940 + not counted 1 = "
                          "941, but emitted 940."));
}

TEST(Identity, NoticesAnInsightThatDoesNotSumUp) {
  Example example;
  example.shard.add_hour(4, 1);
  example.shard.add_missing(2);
  example.count_again();
  EXPECT_THAT(
      broken(example),
      ElementsAre(
          "insight distinct_user_id: counted 940 + not counted 1 = 941, but emitted 940.",
          "insight hours_of_day_timestamp: counted 932 + not counted 9 = 941, but emitted 940."));
}

TEST(Identity, HoldsAnInsightAgainstTheRecordsSinceItBegan) {
  Example example;
  example.report.counted.insights[4].emitted -= 2;
  EXPECT_THAT(broken(example), ElementsAre("insight hours_of_day_timestamp: given 940 records, but "
                                           "938 were emitted since it began."));

  example.declaration.parts[4].selection = 1;
  EXPECT_THAT(broken(example), IsEmpty());
}

TEST(Identity, HoldsAnInsightAgainstTheRecordsThatItIsAbout) {
  Example example;
  example.declaration.parts[4].selection = 1;
  insights::Result& hours = example.report.counted.insights[4];
  hours.selected = hours.counted + hours.missing;
  EXPECT_THAT(broken(example), IsEmpty());

  ++hours.selected;
  EXPECT_THAT(broken(example), ElementsAre("insight hours_of_day_timestamp: counted 931 + not "
                                           "counted 9 = 940, but selected 941."));
}

}  // namespace
}  // namespace millrace::report
