// SPDX-License-Identifier: Apache-2.0
#include "engine/cli/panel.h"

#include <random>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/insights/text_table.h"
#include "tests/unit/cli/some_vitals.h"

namespace millrace::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string panel(const SomeVitals& some, Size size) {
  std::string text = "\n";
  for (const std::string& line : lines(some.now, some.before, size, {})) text += line + '\n';
  return text;
}

TEST(Panel, LargeTerminal) {
  EXPECT_EQ(panel(SomeVitals(), {200, 50}), R"(
user-login   running 01:45   healthy   exactly_once

records                  total   share  per second    lag      450,000  caught up in 45 s
  consumed           1,100,000              20,000    commit   87 ms ago  p50 5 ms  p99 25 ms
  emitted            1,045,000   95.0%      19,000    memory   13.0 MiB of 256 MiB  state 1.2 MiB
  filtered              11,000    1.0%         200    bytes    4.0 MiB/s in  3.0 MiB/s out
  dead-lettered         44,000    4.0%         800    process  1.8 cores  130 MiB resident
                                                      batches  4 processing  2 queued  6 unsettled

dead letters (3 of 4 rules)
  schema:/required/device_type         24,000   54.5%         600
  parse:syntax                         16,000   36.4%         200
  step:4:format_time                    3,900    8.9%         780

partitions (5 of 8)            lag          per second    next offset
  user-login/3          53,000               2,500         126456
  user-login/4          54,000               2,500         127456
  user-login/5          55,000               2,500         128456
  user-login/6          56,000               2,500         129456
  user-login/7          57,000               2,500         130456
)");
}

TEST(Panel, WidthOfThePanelIsEnoughFor100Columns) {
  EXPECT_EQ(panel(SomeVitals(), {100, 50}), panel(SomeVitals(), {200, 50}));
}

TEST(Panel, OrdinaryTerminalWithSomethingIll) {
  SomeVitals some;
  some.make_ill();
  EXPECT_EQ(panel(some, {80, 24}), R"(
user-login   running 01:45   unhealthy, 1 alert   exactly_once
records                  total   share  per second
  consumed           1,100,000              20,000
  emitted            1,045,000   95.0%      19,000
  filtered              11,000    1.0%         200
  dead-lettered         44,000    4.0%         800
  lag      450,000  caught up in 45 s
  commit   87 ms ago  p50 5 ms  p99 25 ms
  memory   13.0 MiB of 256 MiB  state 1.2 MiB
  bytes    4.0 MiB/s in  3.0 MiB/s out
dead letters (3 of 4 rules)
  schema:/required/device_type         24,000   54.5%         600
partitions (5 of 8)            lag          per second    next offset
  user-login/1          51,000               2,500         124456  unhealthy
health
  user-login/1 is unhealthy: not moved from offset 1502 for 45 s, 1,000 offsets
    behind: it cannot be read: no broker leads the partition
alerts
  many-dead-letters fires
)");
}

TEST(Panel, LowTerminal) {
  EXPECT_EQ(panel(SomeVitals(), {60, 10}), R"(
user-login   running 01:45   healthy   exactly_once
records                  total   share  per second
  consumed           1,100,000              20,000
  emitted            1,045,000   95.0%      19,000
  filtered              11,000    1.0%         200
  dead-lettered         44,000    4.0%         800
  lag      450,000  caught up in 45 s
)");
}

TEST(Panel, NarrowTerminalHasOneLine) {
  EXPECT_EQ(panel(SomeVitals(), {40, 5}), "\n01:45  20,000/s in  lag 450,000 (45 s)\n");
  EXPECT_EQ(panel(SomeVitals(), {100, 5}),
            "\n01:45  20,000/s in  lag 450,000 (45 s)  19,000/s out  dead-lettered 44,000 (4.0%)  "
            "filtered 1.0%\n");
  SomeVitals far;
  far.before.lag = 123'456'789'000;
  far.now.lag = 123'456'700'000;
  EXPECT_EQ(panel(far, {40, 5}), "\n01:45  20,000/s in  lag 123,456,700,000\n");
  SomeVitals ill;
  ill.make_ill();
  EXPECT_EQ(panel(ill, {40, 5}), "\n01:45  unhealthy, 1 alert  20,000/s in\n");
}

TEST(Panel, NothingIsKnownAtFirst) {
  SomeVitals some;
  some.now = report::Vitals{};
  some.now.pipeline = "p";
  some.before = some.now;
  const std::string text = panel(some, {100, 30});
  EXPECT_THAT(text, HasSubstr("lag      not known yet"));
  EXPECT_THAT(text, HasSubstr("commit   none yet"));
  EXPECT_THAT(text, HasSubstr("consumed                   0                   -"));
  EXPECT_THAT(text, Not(HasSubstr("dead letters")));
  EXPECT_THAT(text, Not(HasSubstr("partitions")));
}

TEST(Panel, SaysWhatNeedsAttention) {
  SomeVitals some;
  some.now.instance = "engine-0";
  some.now.phase = report::Phase::kDraining;
  some.now.identity_broken = {"user-login/1: committed offset 1472, but settled up to 1502."};
  some.now.budget_spent = true;
  some.now.commits_failed = 3;
  const std::string text = panel(some, {120, 40});
  EXPECT_THAT(text, HasSubstr("user-login (engine-0)   draining 01:45"));
  EXPECT_THAT(text, HasSubstr("identity does not hold"));
  EXPECT_THAT(text, HasSubstr("committed offset 1472"));
  EXPECT_THAT(text, HasSubstr("spent: reading waits"));
  EXPECT_THAT(text, HasSubstr("3 failed"));
}

TEST(Panel, NamesOfAnyScriptKeepTheColumns) {
  SomeVitals some;
  for (auto* vitals : {&some.now, &some.before})
    for (report::PartitionVitals& partition : vitals->partitions)
      if (partition.id.partition == 7) partition.id.topic = "登录";
  EXPECT_THAT(panel(some, {80, 40}),
              HasSubstr("  登录/7                57,000               2,500         130456"));
}

// Whatever the size and whatever the names: it fits, and nothing steers the terminal.
TEST(Panel, AlwaysFitsAndIsSafe) {
  SomeVitals some;
  some.make_ill();
  const std::string evil = "\x1b[2J\xC2\x9B" + std::string(300, 'x') + "登录\r\n\xFF";
  some.now.pipeline = some.now.instance = some.now.guarantee = evil;
  some.now.dead_letters[evil] = 1'000'000'000'000;
  some.now.partitions[7].id.topic = evil;
  some.now.health.partitions[0].reason = evil;
  some.now.health.instance = evil;
  some.now.identity_broken = {evil};
  some.now.alerts[0].rule.name = evil;
  some.now.consumed = UINT64_MAX;
  for (size_t columns = 0; columns <= 130; columns += 3) {
    for (size_t rows = 0; rows <= 50; rows += 2) {
      const auto drawn = lines(some.now, some.before, {columns, rows}, {});
      ASSERT_LE(drawn.size() + 1, std::max<size_t>(rows, 2)) << columns << "x" << rows;
      for (const std::string& line : drawn) {
        ASSERT_LE(insights::display_width(line), columns == 0 ? 0 : columns - 1);
        for (const char c : line) ASSERT_GE(static_cast<unsigned char>(c), 0x20U);
        ASSERT_EQ(line.find("\xC2\x9B"), std::string::npos);
      }
    }
  }
}

}  // namespace
}  // namespace millrace::cli
