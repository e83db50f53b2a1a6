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
  insights::Declaration declaration_{{}, {"rule"}};
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
  budget_.charge(500);
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
        budget_.charge(thread + 1);
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
