// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "engine/base/mutex.h"
#include "engine/flow/batch_in_flight.h"
#include "engine/flow/memory_budget.h"

namespace millrace::flow {

// Owns every batch and keeps the idle ones with their memory, so that the steady state allocates
// nothing. There are never more than were once in flight, which the memory budget bounds.
//
// Threading: any thread. Lifetime: outlives all use of its batches.
class BatchPool {
 public:
  BatchPool(const insights::Declaration& declaration, MemoryBudget& budget)
      : declaration_(declaration), budget_(budget) {}

  // An empty batch, exclusively the caller's.
  [[nodiscard]] BatchInFlight* acquire();

  // Empties a batch, gives its bytes back to the budget, and keeps it for the next acquire().
  void recycle(BatchInFlight* batch);

 private:
  const insights::Declaration& declaration_;
  MemoryBudget& budget_;
  base::Mutex mutex_;
  std::vector<std::unique_ptr<BatchInFlight>> all_ GUARDED_BY(mutex_);
  std::vector<BatchInFlight*> idle_ GUARDED_BY(mutex_);
};

}  // namespace millrace::flow
