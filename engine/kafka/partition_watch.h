// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/mutex.h"
#include "engine/io/source.h"

namespace millrace::kafka {

class ClientEvents;
class CurrentConsumer;

// What a consumer knows of its partitions without asking a broker, for whoever wonders why one does
// not move.
//
// Threading: look() any thread, and it never waits for the network; the rest the poll thread.
// Lifetime: the consumer's.
class PartitionWatch {
 public:
  using Clock = std::chrono::steady_clock;

  struct Partition {
    base::TopicPartition id;
    uint32_t slot = 0;
    // The end of the log when it was fetched from last, records of open transactions included;
    // invalid before the first fetch.
    base::Offset log_end;
    // Where nothing more could be read, as long as nothing came since. Below `log_end` it is
    // most often somebody's open transaction; Admin::log_ends() tells for certain.
    base::Offset stable_end;
    // The last error of reading it, a sentence without a full stop; empty where something could be
    // read since.
    std::string error;
    Clock::time_point error_at;
  };

  struct View {
    std::vector<Partition> partitions;
    // Between the end of one assignment and the begin of the next, waits for committed offsets
    // included.
    bool rebalancing = false;
    Clock::time_point rebalancing_since;
    // Not empty while no broker can be reached: the reason. A reader that has nothing to do finds
    // that out late.
    std::string away;
  };

  [[nodiscard]] View look() const;

  // For the consumer alone.
  PartitionWatch() = default;
  PartitionWatch(const PartitionWatch&) = delete;
  PartitionWatch& operator=(const PartitionWatch&) = delete;

  void begin(const CurrentConsumer& consumer, const ClientEvents& events);
  void rebalance();
  void assigned(std::span<const io::AssignedPartition> partitions);
  void failed(uint32_t slot, std::string error);
  void at_end(uint32_t slot, base::Offset end);
  void reading(uint32_t slot);

 private:
  mutable base::Mutex mutex_;
  const CurrentConsumer* consumer_ GUARDED_BY(mutex_) = nullptr;
  const ClientEvents* events_ GUARDED_BY(mutex_) = nullptr;
  std::vector<Partition> partitions_ GUARDED_BY(mutex_);
  bool rebalancing_ GUARDED_BY(mutex_) = false;
  Clock::time_point rebalancing_since_ GUARDED_BY(mutex_);
};

}  // namespace millrace::kafka
