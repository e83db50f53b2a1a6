// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <utility>

#include "engine/base/ids.h"

namespace millrace::settlement {

// One uninterrupted reading of a partition: begins at assign or rewind, ends at revoke, loss or
// rewind. Every batch carries its lease, so that what was read before an end is never sent after.
//
// Threading: the state moves forward only (open, cut, closed). The poll thread cuts and closes; the
// deliver thread closes when a delivery failed. Anyone reads; a stale "open" is answered by the
// handshake of the cut: poll waits for deliver before it lets the partition go.
class Lease {
 public:
  Lease(base::TopicPartition id, uint32_t slot, base::Offset start, uint64_t assignment = 0)
      : id_(std::move(id)), slot_(slot), start_(start), assignment_(assignment) {}

  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;

  [[nodiscard]] const base::TopicPartition& id() const { return id_; }

  // The source's number of this partition.
  [[nodiscard]] uint32_t slot() const { return slot_; }

  // The first offset that this lease reads.
  [[nodiscard]] base::Offset start() const { return start_; }

  // The source's number of the assignment that it belongs to: what fences its commits.
  [[nodiscard]] uint64_t assignment() const { return assignment_; }

  // Whether its batches may still be handed over.
  [[nodiscard]] bool open() const { return state_.load(std::memory_order_acquire) == State::kOpen; }

  // Whether nothing of it counts any more: what is still under way is only waited for.
  [[nodiscard]] bool closed() const {
    return state_.load(std::memory_order_acquire) == State::kClosed;
  }

  // Nothing more is handed over; what was handed over still settles and commits.
  void cut() {
    State expected = State::kOpen;
    state_.compare_exchange_strong(expected, State::kCut, std::memory_order_acq_rel);
  }

  void close() { state_.store(State::kClosed, std::memory_order_release); }

 private:
  enum class State : uint8_t { kOpen, kCut, kClosed };

  const base::TopicPartition id_;
  const uint32_t slot_;
  const base::Offset start_;
  const uint64_t assignment_;
  // acquire/release: who sees a lease cut or closed also sees what was written before that.
  std::atomic<State> state_{State::kOpen};
};

}  // namespace millrace::settlement
