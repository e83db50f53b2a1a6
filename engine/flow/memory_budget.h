// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>

#include "engine/base/mutex.h"

namespace millrace::flow {

// The bytes that batches in flight may hold: the backpressure of the engine. The poll thread asks
// for room before it reads; batches are charged when they are dispatched and again when their
// outputs made them grow, and released when they settle.
//
// A charge is never refused (the record is already here), so the budget may be overdrawn by what
// one poll read and by what its outputs need; nothing more is read until it is in credit again.
// With nothing charged there is always room, so that a budget smaller than a batch cannot stall.
//
// Threading: any thread.
class MemoryBudget {
 public:
  explicit MemoryBudget(size_t limit) : limit_(limit) {}

  void charge(size_t bytes);
  void release(size_t bytes);

  // Waits until there is room, at most until `deadline`; false if there still is none.
  [[nodiscard]] bool wait_for_room(std::chrono::steady_clock::time_point deadline);

  // Whether wait_for_room() would return at once.
  [[nodiscard]] bool has_room() const;

  [[nodiscard]] size_t charged() const;

  [[nodiscard]] size_t limit() const { return limit_; }

 private:
  [[nodiscard]] bool in_credit() const REQUIRES(mutex_) {
    return charged_ == 0 || charged_ < limit_;
  }

  const size_t limit_;
  mutable base::Mutex mutex_;
  base::CondVar room_;
  size_t charged_ GUARDED_BY(mutex_) = 0;
};

}  // namespace millrace::flow
