// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <memory>
#include <unordered_map>
#include <vector>

#include "engine/base/mutex.h"
#include "engine/flow/batch_in_flight.h"
#include "engine/flow/memory_budget.h"

namespace millrace::flow {

// Owns every batch and keeps idle ones with their memory, so that the steady state allocates
// nothing. What idle batches hold comes out of the budget too: together with what is charged they
// stay below its limit, or the longest idle ones are destroyed.
//
// Threading: any thread. Lifetime: outlives all use of its batches.
class BatchPool {
 public:
  BatchPool(const insights::Declaration& declaration, MemoryBudget& budget)
      : declaration_(declaration), budget_(budget) {}

  // An empty batch, exclusively the caller's.
  [[nodiscard]] BatchInFlight* acquire();

  // Empties a batch, gives its bytes back to the budget, and keeps it for the next acquire() where
  // there is room for it.
  void recycle(BatchInFlight* batch);

  // Bytes that idle batches hold.
  [[nodiscard]] size_t idle_bytes() const;

 private:
  struct Idle {
    BatchInFlight* batch;
    size_t bytes;
  };

  using Owned = std::unique_ptr<BatchInFlight>;

  // Takes the longest idle batches out until the rest fits into the budget.
  [[nodiscard]] std::vector<Owned> take_surplus() REQUIRES(mutex_);

  const insights::Declaration& declaration_;
  MemoryBudget& budget_;
  mutable base::Mutex mutex_;
  std::unordered_map<const BatchInFlight*, Owned> all_ GUARDED_BY(mutex_);
  std::deque<Idle> idle_ GUARDED_BY(mutex_);  // the one used last at the end
  size_t idle_bytes_ GUARDED_BY(mutex_) = 0;
};

}  // namespace millrace::flow
