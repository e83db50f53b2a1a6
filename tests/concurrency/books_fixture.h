// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "engine/base/mutex.h"
#include "engine/flow/batch_pool.h"
#include "engine/flow/books.h"
#include "engine/flow/memory_budget.h"

namespace millrace::flow {

// What the insights count a record under.
inline std::string key_of(int partition, int64_t offset) {
  return std::to_string(partition) + ":" + std::to_string(offset);
}

// Books with batches to enter into them. Every batch has to go back to the pool once.
class BooksTest : public ::testing::Test {
 protected:
  explicit BooksTest(SettleAt settle_at = SettleAt::kAcknowledgement)
      : books_(declaration_, settle_at, nullptr, 0, nullptr) {}

  std::shared_ptr<settlement::Lease> open(int partition, int64_t start) {
    auto lease =
        std::make_shared<settlement::Lease>(base::TopicPartition{"in", partition},
                                            static_cast<uint32_t>(partition), base::Offset{start});
    books_.open(lease, {.resume = lease->start()});
    return lease;
  }

  // A batch of `count` emitted records from `begin` on, each counted under a key of its own, and
  // behind them a gap.
  BatchInFlight* make(const std::shared_ptr<settlement::Lease>& lease, int64_t begin, int count,
                      int gap = 0) {
    BatchInFlight* batch = pool_.acquire();
    hold(batch);
    batch->lease = lease;
    batch->batch.open(base::Offset{begin}, lease->id().partition, {});
    for (int64_t offset = begin; offset < begin + count; ++offset) {
      batch->batch.append({base::Offset{offset}, 0, {}, record::Bytes::of("{}"), {}});
      batch->batch.outcomes().push_back(record::Outcome::kEmitted);
      const std::string key = key_of(lease->id().partition, offset);
      const std::string_view value = key;
      batch->shard.add_key(0, {&value, 1});
      batch->shard.count_emitted();
    }
    batch->batch.extend(base::Offset{begin + count + gap});
    budget_.charge_estimate(10);
    batch->charged = budget_.confirm(10, 10);
    books_.polled(*batch);
    return batch;
  }

  void recycle(BatchInFlight* batch) {
    release(batch);
    pool_.recycle(batch);
  }

  void settle(BatchInFlight* batch) {
    for (BatchInFlight* done : books_.acknowledge(*batch)) recycle(done);
  }

  std::map<std::string, uint64_t> counted() {
    std::map<std::string, uint64_t> counted;
    const Snapshot snapshot = books_.snapshot();
    const auto& offsets = std::get<insights::CountByResult>(snapshot.counted.insights[0].value);
    for (const auto& row : offsets.rows) counted[row.values[0]] = row.count;
    return counted;
  }

  insights::Declaration declaration_{.insights = {{.kind = insights::Kind::kCountBy,
                                                   .name = "offsets",
                                                   .fields = {"offset"},
                                                   .keys_max = 1'000'000}},
                                     .parts = {{.kind = insights::PartKind::kKeys, .fields = 1}}};
  MemoryBudget budget_{size_t{1} << 40};
  BatchPool pool_{declaration_, budget_};
  Books books_;
  base::Mutex mutex_;
  std::set<BatchInFlight*> held_ GUARDED_BY(mutex_);
  std::atomic<int> wrong_{0};

 private:
  // Every batch is out of the pool once, and goes back once.
  void hold(BatchInFlight* batch) {
    base::MutexLock lock(mutex_);
    if (!held_.insert(batch).second) wrong_.fetch_add(1);
  }

  void release(BatchInFlight* batch) {
    base::MutexLock lock(mutex_);
    if (held_.erase(batch) != 1) wrong_.fetch_add(1);
  }
};

class BooksAtCommit : public BooksTest {
 protected:
  BooksAtCommit() : BooksTest(SettleAt::kCommit) {}

  // Handed over and acknowledged.
  BatchInFlight* sent(const std::shared_ptr<settlement::Lease>& lease, int64_t begin, int count) {
    BatchInFlight* batch = make(lease, begin, count);
    books_.hand_over(*batch);
    EXPECT_TRUE(books_.acknowledge(*batch).empty());
    return batch;
  }

  void recycle_all(const std::vector<BatchInFlight*>& done) {
    for (BatchInFlight* batch : done) recycle(batch);
  }
};

}  // namespace millrace::flow
