// SPDX-License-Identifier: Apache-2.0
#include <map>
#include <string>
#include <vector>

#include <fmt/format.h>
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

// Every kind of insight that is a function of the input, with limits that 3,000 records break.
config::PipelineConfig many_insights() {
  using config::InsightKind;
  config::PipelineConfig config = small_pipeline();
  add_insight(config, InsightKind::kCount, "count_rejected", nullptr).of =
      config::InsightOf::kDeadLettered;
  add_insight(config, InsightKind::kCountBy, "count_by_group", "group").keys_max = 20;
  add_insight(config, InsightKind::kDistinct, "distinct_n", "n").exact_up_to = 100;
  config::InsightConfig& by =
      add_insight(config, InsightKind::kDistinct, "groups_by_user", "group");
  by.by.push_back(field_path("user"));
  by.exact_up_to = 5;
  by.keys_max = 30;
  config::InsightConfig& top = add_insight(config, InsightKind::kTop, "top_group", "group");
  top.exact_up_to = 10;
  top.also.push_back({config::AlsoConfig::Edge::kLast, field_path("n")});
  top.also.push_back({config::AlsoConfig::Edge::kFirst, field_path("device")});
  add_insight(config, InsightKind::kHoursOfDay, "hours", "n");
  add_insight(config, InsightKind::kQuantiles, "quantiles", "n").quantiles = {0.5, 0.99};
  add_insight(config, InsightKind::kSum, "sum", "share");
  add_insight(config, InsightKind::kMean, "mean", "share");
  add_insight(config, InsightKind::kMin, "min", "n");
  add_insight(config, InsightKind::kMax, "max", "n");
  config::InsightConfig& last = add_insight(config, InsightKind::kLast, "last_n_by_group", "n");
  last.by.push_back(field_path("group"));
  last.keys_max = 30;
  return config;
}

// As records(), with more to count, and so far apart that some fifty of them are an epoch.
std::vector<FakeRecord> spread_records(int32_t partition, int64_t count) {
  std::vector<FakeRecord> made = records(partition, count, 11 + partition);
  for (FakeRecord& record : made) {
    const int64_t n = record.offset;
    record.offset = n * 1'301;
    record.value->insert(
        1, fmt::format(R"("group":"g{}","share":{}.{},)", n * n % 97 * (n % 5), n % 1'000, n % 7));
  }
  return made;
}

// Behind the last record come offsets without any, up to a later epoch.
constexpr int64_t kEnd = 3'000 * 1'301 + 200'000;

std::string insights_with(size_t workers, size_t batch_records, size_t burst) {
  FlowFixture fixture(many_insights());
  fixture.options.workers = workers;
  fixture.options.batch_records_max = batch_records;
  fixture.source.burst = burst;
  for (int32_t partition = 0; partition < 3; ++partition)
    fixture.add(partition, spread_records(partition, 3'000), kEnd);
  fixture.run();
  EXPECT_EQ(fixture.broken(), "");
  return fixture.stable_json();
}

TEST(Determinism, EveryInsightIsTheSameForAnyWorkersAndAnyCutIntoBatches) {
  const std::string one = insights_with(1, 64, 50);

  // The limits do something: what was forgotten and where depends on nothing but the input.
  EXPECT_NE(one.find("\"exact\": false"), one.npos);
  EXPECT_NE(one.find("\"count_by_group\": "), one.npos);
  EXPECT_EQ(one.find("\"not_kept\": {}"), one.npos);
  EXPECT_EQ(one, insights_with(2, 64, 50));
  EXPECT_EQ(one, insights_with(8, 64, 50));
  EXPECT_EQ(one, insights_with(2, 100'000, 3'000));
  EXPECT_EQ(one, insights_with(2, 1, 1));
  EXPECT_EQ(one, insights_with(8, 37, 13));
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
