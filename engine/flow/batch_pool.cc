// SPDX-License-Identifier: Apache-2.0
#include "engine/flow/batch_pool.h"

#include <utility>

namespace millrace::flow {

BatchInFlight* BatchPool::acquire() {
  std::vector<Owned> surplus;  // destroyed without the lock
  base::MutexLock lock(mutex_);
  if (idle_.empty()) {
    auto made = std::make_unique<BatchInFlight>(declaration_);
    BatchInFlight* batch = made.get();
    all_.emplace(batch, std::move(made));
    return batch;
  }
  // The one used last: its memory is the likeliest to be in a cache.
  const Idle idle = idle_.back();
  idle_.pop_back();
  idle_bytes_ -= idle.bytes;
  surplus = take_surplus();
  return idle.batch;
}

void BatchPool::recycle(BatchInFlight* batch) {
  budget_.release(batch->charged);
  batch->batch.reset();
  batch->shard.clear();
  batch->lease.reset();
  batch->recount = false;
  batch->charged = 0;
  batch->sent = 0;
  batch->acknowledged = 0;
  batch->abandoned = false;
  batch->given_up = false;
  batch->failed = false;
  batch->refused = false;
  const size_t bytes = batch->batch.footprint() + batch->shard.footprint();
  std::vector<Owned> surplus;  // destroyed without the lock
  base::MutexLock lock(mutex_);
  idle_.push_back({batch, bytes});
  idle_bytes_ += bytes;
  surplus = take_surplus();
}

std::vector<BatchPool::Owned> BatchPool::take_surplus() {
  std::vector<Owned> surplus;
  const size_t charged = budget_.charged();
  while (!idle_.empty() && idle_bytes_ + charged > budget_.limit()) {
    const auto owned = all_.find(idle_.front().batch);
    idle_bytes_ -= idle_.front().bytes;
    idle_.pop_front();
    surplus.push_back(std::move(owned->second));
    all_.erase(owned);
  }
  return surplus;
}

size_t BatchPool::idle_bytes() const {
  base::MutexLock lock(mutex_);
  return idle_bytes_;
}

}  // namespace millrace::flow
