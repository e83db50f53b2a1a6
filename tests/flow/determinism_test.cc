// SPDX-License-Identifier: Apache-2.0
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/flow/flow_fixture.h"

namespace millrace::tests {
namespace {

struct Outputs {
  std::map<FakeSink::Place, std::vector<FakeSink::Sent>> delivered;
  std::string report;
};

Outputs run_with(size_t workers, size_t batch_records, size_t burst) {
  FlowFixture fixture;
  fixture.options.workers = workers;
  fixture.options.batch_records_max = batch_records;
  fixture.source.burst = burst;
  for (int32_t partition = 0; partition < 3; ++partition)
    fixture.add(partition, records(partition, 3000, 11 + partition));
  fixture.run();
  return {fixture.sink.delivered(), fixture.stable_json()};
}

TEST(Determinism, OutputsAndReportAreTheSameForOneTwoAndEightWorkers) {
  const Outputs one = run_with(1, 64, 50);
  const Outputs two = run_with(2, 64, 50);
  const Outputs eight = run_with(8, 64, 50);

  ASSERT_EQ(one.delivered.size(), 6U);  // three partitions of each topic
  EXPECT_EQ(one.delivered, two.delivered);
  EXPECT_EQ(one.delivered, eight.delivered);
  EXPECT_EQ(one.report, two.report);
  EXPECT_EQ(one.report, eight.report);
}

TEST(Determinism, OutputsAndReportAreTheSameForAnyCutIntoBatches) {
  const Outputs whole = run_with(2, 100'000, 3000);
  const Outputs single = run_with(2, 1, 1);
  const Outputs odd = run_with(2, 37, 13);

  EXPECT_EQ(whole.delivered, single.delivered);
  EXPECT_EQ(whole.delivered, odd.delivered);
  EXPECT_EQ(whole.report, single.report);
  EXPECT_EQ(whole.report, odd.report);
}

TEST(Determinism, DeadLettersTellWhereTheyCameFrom) {
  FlowFixture fixture;
  fixture.add(0, records(0, 10, 5));
  fixture.run();

  const auto letters = fixture.sink.delivered()[{1, 0}];

  ASSERT_EQ(letters.size(), 2U);
  const std::vector<std::pair<std::string, std::string>> expected = {
      {"millrace.reason", "schema:/required/n"},
      {"millrace.reason_text", "'n' is a required property"},
      {"millrace.value_pointer", ""},
      {"millrace.rule_pointer", "/required/n"},
      {"millrace.topic", "in"},
      {"millrace.partition", "0"},
      {"millrace.offset", "4"},
      {"millrace.timestamp", "1700000000004"},
      {"millrace.pipeline", "small"}};
  EXPECT_EQ(letters[0].headers, expected);
  EXPECT_EQ(letters[0].value, records(0, 10, 5)[4].value);
}

}  // namespace
}  // namespace millrace::tests
