// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/insights/text_table.h"
#include "engine/report/report.h"
#include "tests/unit/report/document.h"
#include "tests/unit/report/example.h"

namespace millrace::report {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

size_t widest_line(const std::string& text) {
  size_t widest = 0;
  for (size_t at = 0; at < text.size();) {
    const size_t end = text.find('\n', at);
    widest = std::max(widest, insights::display_width(std::string_view(text).substr(at, end - at)));
    at = end + 1;
  }
  return widest;
}

TEST(ReportText, IsWhatItsDocumentShows) {
  Example example;
  const std::string text = to_text(example.report);
  EXPECT_NE(report_document().find("```text\n" + text + "```"), std::string::npos) << text;
}

TEST(ReportText, EndsWithTheIdentity) {
  Example example;
  EXPECT_THAT(to_text(example.report),
              EndsWith("\n\nidentity: holds\n"
                       "  consumed 1,000 = emitted 940 + filtered 10 + dead-lettered 50\n"
                       "  offsets 1,002 = consumed 1,000 + gaps 2\n"
                       "  committed = next in 2 of 2 partitions\n"));
}

TEST(ReportText, SaysEachThingThatDoesNotAddUp) {
  Example example;
  example.report.partitions[0].emitted = 469;
  example.report.partitions[1].committed.value = 1'472;

  EXPECT_THAT(to_text(example.report),
              EndsWith("\n\nidentity: DOES NOT HOLD\n"
                       "  user-login/0: consumed 500, but emitted 469 + filtered 5 + dead-lettered "
                       "25 =\n    499.\n"
                       "  user-login/0: sent 495 records, but emitted 469 + dead-lettered 25 = "
                       "494.\n"
                       "  user-login/1: committed offset 1472, but settled up to 1502.\n"
                       "  in total: emitted 939, but 940 when they were processed.\n"));
}

TEST(ReportText, SaysThatAnotherMemberWentOn) {
  Example example;
  example.report.partitions[1].committed.value = 9'000;
  EXPECT_THAT(
      to_text(example.report),
      EndsWith("  committed = next in 1 of 2 partitions, further in 1 (another member went on)\n"));
}

TEST(ReportText, IsWholeForARunThatReadNothing) {
  Report report;
  report.pipeline = "p";
  report.final = true;
  report.ended_by = "SIGTERM";
  EXPECT_EQ(to_text(report),
            "p: final report, ended by SIGTERM\n"
            "\n"
            "records\n"
            "  consumed       0\n"
            "  emitted        0\n"
            "  filtered       0\n"
            "  dead-lettered  0\n"
            "\n"
            "partitions\n"
            "  none was assigned\n"
            "\n"
            "run\n"
            "  elapsed      0.00 s\n"
            "  rate         0 records/s\n"
            "  CPU          0.00 s\n"
            "  peak memory  0.0 MiB\n"
            "\n"
            "identity: holds\n"
            "  consumed 0 = emitted 0 + filtered 0 + dead-lettered 0\n"
            "  offsets 0 = consumed 0 + gaps 0\n"
            "  nothing was read, so nothing had to be committed\n");
}

TEST(ReportText, LeavesOutGapsAndCommitsWhereThereAreNone) {
  Example example;
  example.report.final = false;
  example.report.partitions.resize(1);
  example.report.partitions.push_back({});
  example.report.partitions[1].id = {.topic = "user-login", .partition = 1};

  EXPECT_THAT(to_text(example.report), StartsWith("user-login: report of a run that goes on\n"));
  EXPECT_THAT(to_text(example.report),
              HasSubstr("partitions\n"
                        "  topic       partition  first  next  consumed\n"
                        "  user-login          0      0   500       500\n"
                        "  user-login          1      -     -         0\n"));
  EXPECT_THAT(to_text(example.report), Not(HasSubstr("committed")));
}

TEST(ReportText, TellsWhatWasGivenUpAndStopped) {
  Example example;
  example.report.partitions[0].polled += 1'200;
  example.report.partitions[0].discarded += 1'200;
  example.report.partitions[1].stopped = "offset out of range:\nthe broker has 2000 and later";
  const std::string text = to_text(example.report);

  EXPECT_THAT(text, HasSubstr("  (1,200 more were read and given up before they settled"));
  EXPECT_THAT(text, HasSubstr("user-login/1 was stopped: offset out of range:\uFFFDthe broker"));
}

TEST(ReportText, SaysThatDeadLettersWereDiscarded) {
  Example example;
  for (PartitionAccount& account : example.report.partitions)
    account.outputs.letters_discarded = 25;
  EXPECT_THAT(to_text(example.report), HasSubstr("dead letters by rule (discarded, not sent)\n"));
  example.report.partitions[0].outputs.letters_discarded = 0;
  EXPECT_THAT(to_text(example.report),
              HasSubstr("dead letters by rule (25 of them discarded, not sent)\n"));
}

TEST(ReportText, CountsCopiesAndPiecesApart) {
  Example example;
  example.report.partitions[0].outputs = {.copies = 1'100, .exploded = 2, .pieces = 9};
  EXPECT_THAT(to_text(example.report), HasSubstr("  (2 of the emitted went out in 9 pieces)\n"
                                                 "  (1,100 copies went out on the way)\n"));
}

TEST(ReportText, PutsALongReasonOnLinesOfItsOwn) {
  Example example;
  example.report.ended_by =
      "a record of user-login/1 that could not be delivered: the message is too large";
  EXPECT_THAT(to_text(example.report),
              StartsWith("user-login: final report\n"
                         "  ended by a record of user-login/1 that could not be delivered: the "
                         "message is\n    too large\n\nrecords\n"));
}

TEST(ReportText, KeepsWithin80Columns) {
  Example example;
  EXPECT_LE(widest_line(to_text(example.report)), 80U);

  // Numbers as they are after a year.
  for (PartitionAccount& account : example.report.partitions) {
    account.first.value = 1;
    account.next.value = account.committed.value = 98'765'432'100;
    account.consumed = 98'765'430'000;
    account.gaps = 2'099;
  }
  EXPECT_LE(widest_line(to_text(example.report)), 80U) << to_text(example.report);
}

TEST(ReportLine, IsOneLineWithTotalsAndRate) {
  Example example;
  EXPECT_EQ(to_line(example.report),
            "Report. consumed=1000 emitted=940 filtered=10 dead_lettered=50 gaps=2 seconds=2.5 "
            "records_per_second=400 identity=holds");
  --example.report.partitions[0].emitted;
  EXPECT_THAT(to_line(example.report), EndsWith("identity=broken"));
}

TEST(ReportText, SaysWhatIsNotHealthy) {
  Example example;
  example.report.health.status = Status::kUnhealthy;
  example.report.health.partitions = {
      {{"user-login", 1},
       Status::kUnhealthy,
       "it cannot be read: no broker leads the partition",
       base::Offset{1502},
       1000,
       std::chrono::milliseconds{45'999}},
      {{"user-login", 2}, Status::kWaiting, "so it is", {}, {}, {}}};
  const std::string block =
      "health: unhealthy\n"
      "  user-login/1 is unhealthy: not moved from offset 1502 for 45 s, 1,000 offsets\n"
      "    behind: it cannot be read: no broker leads the partition.\n";
  EXPECT_THAT(to_text(example.report),
              HasSubstr('\n' + block + "  user-login/2 is waiting: so it is.\n\ninsights\n"));
  EXPECT_NE(report_document().find("```text\n" + block + "```"), std::string::npos);
  EXPECT_THAT(to_line(example.report), EndsWith(" health=unhealthy unhealthy_partitions=1"));

  example.report.health.status = Status::kWaiting;
  EXPECT_THAT(to_line(example.report), Not(HasSubstr("health")));
}

}  // namespace
}  // namespace millrace::report
