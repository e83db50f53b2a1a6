// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <deque>
#include <optional>
#include <utility>

#include "engine/base/mutex.h"
#include "engine/flow/delivery_failure.h"

namespace millrace::flow {

// What other threads ask of the poll thread, which looks in between two polls.
//
// Threading: anyone posts; the poll thread takes.
class PollInbox {
 public:
  // A delivery failed for good: the partition is to be read again from failure.resume.
  void post_rewind(DeliveryFailure failure) {
    base::MutexLock lock(mutex_);
    rewinds_.push_back(std::move(failure));
  }

  [[nodiscard]] std::optional<DeliveryFailure> take_rewind() {
    base::MutexLock lock(mutex_);
    if (rewinds_.empty()) return std::nullopt;
    DeliveryFailure failure = std::move(rewinds_.front());
    rewinds_.pop_front();
    return failure;
  }

  [[nodiscard]] bool has_rewind() {
    base::MutexLock lock(mutex_);
    return !rewinds_.empty();
  }

  // Whether one of them is the fault of a record.
  [[nodiscard]] bool has_refusal() {
    base::MutexLock lock(mutex_);
    return std::any_of(rewinds_.begin(), rewinds_.end(), [](const DeliveryFailure& failure) {
      return failure.cause == DeliveryFailure::Cause::kRefused;
    });
  }

  // Ends the intake, and a pause of the poll thread. Idempotent.
  void stop() {
    {
      base::MutexLock lock(mutex_);  // or the poll thread could be about to pause
      stop_.store(true, std::memory_order_release);
    }
    stopped_.notify_all();
  }

  [[nodiscard]] bool stopping() const { return stop_.load(std::memory_order_acquire); }

  // The poll thread: waits until `time`, but not past a stop.
  void pause_until(std::chrono::steady_clock::time_point time) {
    base::MutexLock lock(mutex_);
    while (!stopping() && std::chrono::steady_clock::now() < time)
      stopped_.wait_until(mutex_, time);
  }

 private:
  base::Mutex mutex_;
  base::CondVar stopped_;
  std::deque<DeliveryFailure> rewinds_ GUARDED_BY(mutex_);
  std::atomic<bool> stop_{false};  // written once by anyone, read by the poll thread every poll
};

}  // namespace millrace::flow
