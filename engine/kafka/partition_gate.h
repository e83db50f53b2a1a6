// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace millrace::kafka {

// Lets one record of a partition out and holds the others back until that one is acknowledged; from
// then on the partition is open.
//
// Why: a broker takes any sequence number as the first one of a producer that it does not know. If
// the first request to a partition fails for a moment (its leader is just being made) while the
// second one, already under way, is accepted, the retry of the first looks like a duplicate, and
// librdkafka counts it as delivered: its records are lost without an error (docs/decisions/0005).
// With one record under way there is no second request.
//
// Threading: begin() and refused() by the sending thread, acknowledged() and failed() by the one
// that serves the reports, the questions by both.
class PartitionGate {
 public:
  PartitionGate() = default;

  explicit PartitionGate(size_t partitions)
      : states_(std::make_unique<std::atomic<State>[]>(partitions)) {}

  // Whether records may go as they come.
  [[nodiscard]] bool open(int32_t partition) const { return state(partition) == State::kOpen; }

  // Whether the first record is under way.
  [[nodiscard]] bool waiting(int32_t partition) const {
    return state(partition) == State::kWaiting;
  }

  // The first record is about to be sent.
  void begin(int32_t partition) { set(partition, State::kWaiting); }

  // It was not taken after all, or will never be delivered: the next one is the first.
  void failed(int32_t partition) { set(partition, State::kClosed); }

  void acknowledged(int32_t partition) { set(partition, State::kOpen); }

 private:
  enum class State : uint8_t { kClosed = 0, kWaiting, kOpen };

  [[nodiscard]] State state(int32_t partition) const {
    return states_[static_cast<size_t>(partition)].load(std::memory_order_acquire);
  }

  void set(int32_t partition, State state) {
    states_[static_cast<size_t>(partition)].store(state, std::memory_order_release);
  }

  // Written by both threads, but never at the same time: the sender only where nothing is under
  // way. A stale kWaiting costs one more look.
  std::unique_ptr<std::atomic<State>[]> states_;
};

}  // namespace millrace::kafka
