// SPDX-License-Identifier: Apache-2.0
#include "engine/trial/trial_run.h"

#include <string>

#include <gtest/gtest.h>

#include "engine/trial/step_times.h"
#include "tests/unit/trial/trial_fixture.h"

namespace millrace::trial {
namespace {

using record::Outcome;

class TrialRunTest : public TrialTest {
 protected:
  static void add(TrialRun& run, int64_t offset, std::string_view value) {
    record::InputRecord record;
    record.offset = base::Offset{offset};
    record.value = record::Bytes::of(value);
    run.add(record);
  }
};

TEST_F(TrialRunTest, EveryRecordHasItsOwnResult) {
  TrialRun run(*plan_);
  run.open("in", 0, base::Offset{5}, kDefaultNow);
  add(run, 5, R"({"id":"old"})");
  add(run, 6, "{}");
  add(run, 7, R"({"id":"a"})");
  add(run, 9, R"({"id":"a","n":[]})");
  run.run();

  EXPECT_EQ(run.result(0).outcome, Outcome::kFiltered);
  EXPECT_TRUE(run.result(0).outputs.empty());
  EXPECT_EQ(run.result(0).reason, "");

  EXPECT_EQ(run.result(1).outcome, Outcome::kDeadLettered);
  EXPECT_EQ(run.result(1).reason, "schema:/required/id");
  EXPECT_EQ(run.result(1).reason_text, "'id' is a required property");
  ASSERT_EQ(run.result(1).outputs.size(), 1U);
  EXPECT_EQ(run.result(1).topic(run.result(1).outputs[0]), "dead");

  EXPECT_EQ(run.result(2).outcome, Outcome::kEmitted);
  EXPECT_EQ(run.result(2).reason, "");
  ASSERT_EQ(run.result(2).outputs.size(), 2U);
  EXPECT_EQ(run.result(2).topic(run.result(2).outputs[0]), "copies");
  EXPECT_EQ(run.result(2).topic(run.result(2).outputs[1]), "out");

  EXPECT_EQ(run.result(3).outcome, Outcome::kDeadLettered);
  EXPECT_EQ(run.result(3).reason, "step:4:cast");
  EXPECT_EQ(run.result(3).outputs.size(), 2U);  // the copy, and the dead letter
}

TEST_F(TrialRunTest, ABatchForgetsTheOneBefore) {
  TrialRun run(*plan_);
  run.open("in", 0, base::Offset{0}, kDefaultNow);
  add(run, 0, "{");
  run.run();
  EXPECT_EQ(run.result(0).reason, "parse:syntax");

  run.open("in", 0, base::Offset{1}, kDefaultNow);
  add(run, 1, R"({"id":"a"})");
  run.run();

  EXPECT_EQ(run.size(), 1U);
  EXPECT_EQ(run.result(0).outcome, Outcome::kEmitted);
  EXPECT_EQ(run.result(0).reason_text, "");
}

TEST_F(TrialRunTest, StepTimesCountVisits) {
  StepTimes times(*plan_);
  EXPECT_EQ(times.table(), "");
  TrialRun run(*plan_, &times);
  run.open("in", 0, base::Offset{0}, kDefaultNow);
  add(run, 0, R"({"id":"old"})");
  add(run, 1, R"({"id":"a"})");
  add(run, 2, R"({"id":"b"})");
  run.run();

  const std::string table = times.table();

  // Names, and the records that came there; the times are what they are.
  EXPECT_NE(table.find("parse, schema                           3 "), std::string::npos) << table;
  EXPECT_NE(table.find("step 1, drop_if                         3 "), std::string::npos) << table;
  EXPECT_NE(table.find("step 2, lowercase                       2 "), std::string::npos) << table;
  EXPECT_NE(table.find("encode, count                           3 "), std::string::npos) << table;
}

}  // namespace
}  // namespace millrace::trial
