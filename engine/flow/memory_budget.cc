// SPDX-License-Identifier: Apache-2.0
#include "engine/flow/memory_budget.h"

#include <algorithm>

#include "engine/base/check.h"

namespace millrace::flow {

void MemoryBudget::charge_estimate(size_t bytes) {
  base::MutexLock lock(mutex_);
  charged_ += bytes;
  estimated_ += bytes;
}

size_t MemoryBudget::confirm(size_t estimate, size_t needed) {
  const size_t charged = std::max(estimate, needed);
  {
    base::MutexLock lock(mutex_);
    MILLRACE_CHECK(estimate <= estimated_);
    estimated_ -= estimate;
    charged_ += charged - estimate;
  }
  room_.notify_one();  // only the poll thread waits
  return charged;
}

void MemoryBudget::release(size_t bytes) {
  {
    base::MutexLock lock(mutex_);
    MILLRACE_CHECK(bytes + estimated_ <= charged_);
    charged_ -= bytes;
  }
  room_.notify_one();
}

bool MemoryBudget::wait_for_room(std::chrono::steady_clock::time_point deadline) {
  base::MutexLock lock(mutex_);
  while (!in_credit() || !certain()) {
    if (std::chrono::steady_clock::now() >= deadline) return false;
    room_.wait_until(mutex_, deadline);
  }
  return true;
}

bool MemoryBudget::has_room() const {
  base::MutexLock lock(mutex_);
  return in_credit();
}

size_t MemoryBudget::charged() const {
  base::MutexLock lock(mutex_);
  return charged_;
}

}  // namespace millrace::flow
