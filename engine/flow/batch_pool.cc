// SPDX-License-Identifier: Apache-2.0
#include "engine/flow/batch_pool.h"

namespace millrace::flow {

BatchInFlight* BatchPool::acquire() {
  base::MutexLock lock(mutex_);
  if (idle_.empty()) {
    all_.push_back(std::make_unique<BatchInFlight>(declaration_));
    return all_.back().get();
  }
  // The one used last: its memory is the likeliest to be in a cache.
  BatchInFlight* batch = idle_.back();
  idle_.pop_back();
  return batch;
}

void BatchPool::recycle(BatchInFlight* batch) {
  budget_.release(batch->charged);
  batch->batch.reset();
  batch->shard.clear();
  batch->lease.reset();
  batch->charged = 0;
  batch->sent = 0;
  batch->acknowledged = 0;
  batch->abandoned = false;
  batch->given_up = false;
  batch->failed = false;
  batch->refused = false;
  base::MutexLock lock(mutex_);
  idle_.push_back(batch);
}

}  // namespace millrace::flow
