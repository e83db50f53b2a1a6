// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>

#include "engine/base/mutex.h"

namespace millrace::flow {

// The bytes that batches in flight may hold: the backpressure of the engine. The poll thread asks
// for room before it reads; batches are charged with an estimate when they are dispatched, with
// what they really need when their outputs are there, and released when they settle.
//
// A charge is never refused (the record is already here), so the budget may be overdrawn by what
// one poll read and by what its outputs need; nothing more is read until it is in credit again.
// An estimate can be far too low (a record that becomes a hundred), so only a small part of the
// limit may consist of estimates. With nothing charged there is always room, so that a budget
// smaller than a batch cannot stall.
//
// Threading: any thread.
class MemoryBudget {
 public:
  // The part of the limit that estimates may take before nothing more is read.
  static constexpr size_t kEstimatesPart = 16;

  explicit MemoryBudget(size_t limit) : limit_(limit) {}

  // Charges a batch that is to be processed.
  void charge_estimate(size_t bytes);

  // The batch is processed: charges what it needs beyond its estimate. Returns what is charged for
  // it now, which is never less than the estimate.
  [[nodiscard]] size_t confirm(size_t estimate, size_t needed);

  // Requires: charged and confirmed before.
  void release(size_t bytes);

  // Waits until there is room, at most until `deadline`; false if there still is none.
  [[nodiscard]] bool wait_for_room(std::chrono::steady_clock::time_point deadline);

  // Whether batches leave room for more, estimates taken as they are. Where they do not, only
  // batches that settle make room.
  [[nodiscard]] bool has_room() const;

  [[nodiscard]] size_t charged() const;

  [[nodiscard]] size_t limit() const { return limit_; }

 private:
  [[nodiscard]] bool in_credit() const REQUIRES(mutex_) {
    return charged_ == 0 || charged_ < limit_;
  }

  [[nodiscard]] bool certain() const REQUIRES(mutex_) {
    return estimated_ == 0 || estimated_ < limit_ / kEstimatesPart;
  }

  const size_t limit_;
  mutable base::Mutex mutex_;
  base::CondVar room_;
  size_t charged_ GUARDED_BY(mutex_) = 0;
  size_t estimated_ GUARDED_BY(mutex_) = 0;  // the part of charged_ that is not confirmed
};

}  // namespace millrace::flow
