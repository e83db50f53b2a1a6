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
size_t allocations_of_a_warm_batch(const std::vector<Given>& records) {
  const auto plan = compile(login_config());
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

TEST(ProcessorAllocation, ShapesThatAlternateAllocateNothing) {
  std::string other = login_record(1);
  other.insert(1, R"("a_name_longer_than_fits_a_small_string": 1, )");
  std::vector<Given> records;
  for (int i = 0; i < kRecords; ++i) records.push_back({i % 2 == 0 ? login_record(0) : other});
  EXPECT_EQ(allocations_of_a_warm_batch(records), 0U);
}

}  // namespace
}  // namespace millrace::plan::testing
