// SPDX-License-Identifier: Apache-2.0
// A program of its own, because it replaces operator new for all of it.
#include <cstddef>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/counting_new.h"
#include "tests/unit/plan/login_config.h"
#include "tests/unit/plan/pipeline_run.h"

namespace millrace::plan::testing {
namespace {

constexpr int kRecords = 1000;

// Allocations of the third batch of these records through one processor, filling included.
size_t allocations_of_a_warm_batch(const std::vector<Given>& records,
                                   const config::PipelineConfig& config = login_config()) {
  const auto plan = compile(config);
  Processor processor(*plan, limits_for(*plan));
  insights::Shard shard(plan->declaration());
  record::Batch batch;
  size_t counted = 0;
  for (int round = 0; round < 3; ++round) {
    const size_t before = millrace::tests::allocations();
    batch.reset();
    shard.clear();
    batch.open(base::Offset{0}, 0, kNow);
    for (const Given& given : records) {
      record::InputRecord input;
      input.offset = batch.range_end();
      input.value = to_bytes(given.value);
      batch.append(input);
    }
    processor.process(batch, "in", shard);
    counted = millrace::tests::allocations() - before;
  }
  return counted;
}

TEST(ProcessorAllocation, AWarmBatchOfLoginsAllocatesNothing) {
  std::vector<Given> records;
  for (unsigned i = 0; i < kRecords; ++i) records.push_back({login_record(i)});
  EXPECT_EQ(allocations_of_a_warm_batch(records), 0U);
}

TEST(ProcessorAllocation, FilteredRecordsAllocateNothing) {
  std::string old_login = login_record(0);
  old_login.replace(old_login.find("2.3.0"), 5, "2.2.9");
  EXPECT_EQ(allocations_of_a_warm_batch(std::vector<Given>(kRecords, {old_login})), 0U);
}

TEST(ProcessorAllocation, UnparseableRecordsAllocateNothing) {
  EXPECT_EQ(allocations_of_a_warm_batch(std::vector<Given>(kRecords, {"{\"user_id\": "})), 0U);
}

// Every kind, of every outcome: what they keep per key is in the shard's memory by then.
TEST(ProcessorAllocation, InsightsOfAllKindsAllocateNothing) {
  const config::PipelineConfig config = config_of({.rest = R"(
steps:
  - reject_if: {field: user_id, exists: false}
  - drop_if: {field: app_version, version_below: 2.3.0}
  - lowercase: device_type
insights:
  - {count: records, of: consumed, when: {field: ip, ip_in: 1.0.0.0/8}}
  - {count_by: [device_type, locale], after: true}
  - {distinct: user_id, of: consumed}
  - {distinct: device_id, by: user_id}
  - top: {of: user_id, also: {last: [timestamp, ip], first: timestamp}}
  - {hours_of_day: timestamp, of: filtered}
  - quantiles: timestamp
  - quantiles: {latency_of: timestamp}
  - {quantiles: {latency_of: {timestamp: true}}, of: dead_lettered}
  - sum: timestamp
  - {mean: timestamp, after: true, when: {field: device_type, equals: ios}}
  - {last: locale, by: device_id}
  - {rate: records, of: dead_lettered}
  - window: {every: 60s, hop: 20s, on: timestamp, count_by: [device_type, locale]}
  - window: {every: 1h, on: {timestamp: true}, last: ip, by: user_id, of: consumed}
)"});
  std::string old_login = login_record(0);
  old_login.replace(old_login.find("2.3.0"), 5, "2.2.9");
  std::vector<Given> records;
  for (unsigned i = 0; i < kRecords; ++i) {
    records.push_back({login_record(i)});
    if (i % 10 == 0) records.push_back({old_login});
    if (i % 11 == 0) records.push_back({R"({"timestamp":5,"ip":"none"})"});
    if (i % 12 == 0) records.push_back({"{"});
  }
  EXPECT_EQ(allocations_of_a_warm_batch(records, config), 0U);
}

TEST(ProcessorAllocation, ShapesThatAlternateAllocateNothing) {
  std::string other = login_record(1);
  other.insert(1, R"("a_name_longer_than_fits_a_small_string": 1, )");
  std::vector<Given> records;
  for (int i = 0; i < kRecords; ++i) records.push_back({i % 2 == 0 ? login_record(0) : other});
  EXPECT_EQ(allocations_of_a_warm_batch(records), 0U);
}

}  // namespace
}  // namespace millrace::plan::testing
