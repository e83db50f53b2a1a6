// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace millrace::app {

// How the one number that the user sets (`memory:`) is divided. What remains (an eighth) is for the
// insights, the books, and the program itself.
struct MemoryShares {
  size_t batches;         // records in flight with their outputs, and what is kept for the next
  size_t prefetch;        // records that librdkafka read ahead, its bookkeeping included
  size_t producer_queue;  // records that wait for their acknowledgement

  [[nodiscard]] static constexpr MemoryShares of(size_t memory) {
    return {memory / 2, memory / 4, memory / 8};
  }

  [[nodiscard]] constexpr size_t rest(size_t memory) const {
    return memory - batches - prefetch - producer_queue;
  }
};

static_assert(MemoryShares::of(800).rest(800) > 0 && MemoryShares::of(800).rest(800) < 800);

}  // namespace millrace::app
