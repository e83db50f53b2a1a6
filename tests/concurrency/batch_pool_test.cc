// SPDX-License-Identifier: Apache-2.0
#include "engine/flow/batch_pool.h"

#include <atomic>
#include <memory>
#include <set>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace millrace::flow {
namespace {

class BatchPoolTest : public ::testing::Test {
 protected:
  insights::Declaration declaration_{.rules = {"rule"}};
  MemoryBudget budget_{1'000'000};
  BatchPool pool_{declaration_, budget_};
};

TEST_F(BatchPoolTest, GivesARecycledBatchOutAsNew) {
  BatchInFlight* batch = pool_.acquire();
  batch->lease =
      std::make_shared<settlement::Lease>(base::TopicPartition{"in", 0}, 0, base::Offset{0});
  const std::weak_ptr<settlement::Lease> lease = batch->lease;
  batch->batch.open(base::Offset{0}, 0, {});
  batch->batch.append({base::Offset{0}, 0, {}, record::Bytes::of("value"), {}});
  batch->shard.count_emitted();
  batch->sent = 1;
  batch->acknowledged = 1;
  batch->abandoned = true;
  batch->failed = true;
  batch->charged = 500;
  budget_.charge_estimate(500);
  ASSERT_EQ(budget_.confirm(500, 500), 500U);
  pool_.recycle(batch);

  EXPECT_EQ(budget_.charged(), 0U);
  EXPECT_TRUE(lease.expired());
  BatchInFlight* again = pool_.acquire();
  EXPECT_EQ(again, batch);
  EXPECT_TRUE(again->batch.records().empty());
  EXPECT_EQ(again->shard.emitted(), 0U);
  EXPECT_EQ(again->charged, 0U);
  EXPECT_EQ(again->sent, 0U);
  EXPECT_EQ(again->acknowledged, 0U);
  EXPECT_FALSE(again->abandoned);
  EXPECT_FALSE(again->failed);
}

TEST_F(BatchPoolTest, GivesNoBatchOutTwice) {
  std::set<BatchInFlight*> out;
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(out.insert(pool_.acquire()).second);
  for (BatchInFlight* batch : out) pool_.recycle(batch);
  std::set<BatchInFlight*> again;
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(again.insert(pool_.acquire()).second);
  EXPECT_EQ(again, out);
}

// A batch that holds at least `bytes`.
BatchInFlight* full_batch(BatchPool& pool, size_t bytes) {
  BatchInFlight* batch = pool.acquire();
  while (batch->batch.footprint() < bytes) static_cast<void>(batch->batch.arena().take(1000));
  return batch;
}

TEST_F(BatchPoolTest, KeepsNoMoreIdleThanTheBudgetHas) {
  std::vector<BatchInFlight*> batches;
  for (int i = 0; i < 30; ++i) batches.push_back(full_batch(pool_, 100'000));
  EXPECT_EQ(pool_.idle_bytes(), 0U);
  for (BatchInFlight* batch : batches) pool_.recycle(batch);
  EXPECT_LE(pool_.idle_bytes(), budget_.limit());
  EXPECT_GT(pool_.idle_bytes(), budget_.limit() / 2);
}

TEST_F(BatchPoolTest, GivesIdleMemoryBackWhereBatchesInFlightNeedIt) {
  std::vector<BatchInFlight*> batches;
  for (int i = 0; i < 8; ++i) batches.push_back(full_batch(pool_, 100'000));
  for (BatchInFlight* batch : batches) pool_.recycle(batch);
  EXPECT_GT(pool_.idle_bytes(), budget_.limit() / 2);
  budget_.charge_estimate(budget_.limit());
  // The next to ask for a batch sees that.
  static_cast<void>(pool_.acquire());
  EXPECT_EQ(pool_.idle_bytes(), 0U);
}

TEST_F(BatchPoolTest, EveryBatchIsExclusivelyItsHoldersUnderThreads) {
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (size_t thread = 0; thread < 4; ++thread) {
    threads.emplace_back([this, &wrong, thread] {
      for (size_t i = 0; i < 5000; ++i) {
        BatchInFlight* batch = pool_.acquire();
        if (batch->charged != 0 || batch->sent != 0) wrong.fetch_add(1);
        batch->charged = thread + 1;
        batch->sent = i;
        budget_.charge_estimate(thread + 1);
        static_cast<void>(budget_.confirm(thread + 1, thread + 1));
        if (batch->charged != thread + 1 || batch->sent != i) wrong.fetch_add(1);
        pool_.recycle(batch);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong.load(), 0);
  EXPECT_EQ(budget_.charged(), 0U);
}

}  // namespace
}  // namespace millrace::flow
