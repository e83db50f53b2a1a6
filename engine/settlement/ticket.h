// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>

#include "engine/base/check.h"

namespace millrace::settlement {

// What a batch still waits for: the acknowledgements of its outputs, and the end of its hand-over.
//
// Threading: the deliver thread opens it before the first send; then deliver and settle release
// from their sides. Exactly one release() returns true: that caller owns the batch from there on.
class Ticket {
 public:
  // Requires: nothing outstanding.
  void open(size_t outputs) {
    MILLRACE_CHECK(outstanding_.load(std::memory_order_relaxed) == 0);
    // One more than the outputs: the hand-over itself, so that a batch whose first outputs are
    // acknowledged early (or that has none) does not settle under the deliver thread's hands.
    outstanding_.store(outputs + 1, std::memory_order_relaxed);
  }

  [[nodiscard]] bool release(size_t count) {
    // acq_rel: the last release sees everything that the others wrote to the batch before theirs.
    const size_t before = outstanding_.fetch_sub(count, std::memory_order_acq_rel);
    MILLRACE_CHECK(before >= count);
    return before == count;
  }

 private:
  std::atomic<size_t> outstanding_{0};
};

}  // namespace millrace::settlement
