// SPDX-License-Identifier: Apache-2.0
// A program of its own, because it replaces operator new for all of it.
#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <new>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/unit/plan/login_config.h"
#include "tests/unit/plan/pipeline_run.h"

namespace {

// Written by every operator new, read by the test's only thread; no order with anything else.
std::atomic<size_t> allocations{0};

}  // namespace

// Not inlined: the compiler would then see free() on what a `new` returned, and warn.
[[gnu::noinline]] void* operator new(size_t bytes) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  void* const memory = std::malloc(bytes);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

[[gnu::noinline]] void* operator new[](size_t bytes) {
  return operator new(bytes);
}

[[gnu::noinline]] void operator delete(void* memory) noexcept {
  std::free(memory);
}

[[gnu::noinline]] void operator delete(void* memory, size_t) noexcept {
  std::free(memory);
}

[[gnu::noinline]] void operator delete[](void* memory) noexcept {
  std::free(memory);
}

[[gnu::noinline]] void operator delete[](void* memory, size_t) noexcept {
  std::free(memory);
}

namespace millrace::plan::testing {
namespace {

constexpr int kRecords = 1000;

// Allocations of the third batch of these records through one processor, filling included.
size_t allocations_of_a_warm_batch(const std::vector<Given>& records) {
  const auto plan = Plan::compile(login_config());
  Processor processor(*plan, {});
  insights::Shard shard(plan->declaration());
  record::Batch batch;
  size_t counted = 0;
  for (int round = 0; round < 3; ++round) {
    const size_t before = allocations.load(std::memory_order_relaxed);
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
    counted = allocations.load(std::memory_order_relaxed) - before;
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
