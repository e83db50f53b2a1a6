// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/ids.h"

// Whether the partitions move, as the report, the log and the status show it. Plain values.
namespace millrace::report {

// In the order of how bad it is.
enum class Status : uint8_t {
  kHealthy,
  kWaiting,    // named, and nobody here is ill: another producer's transaction is open in the input
  kUnhealthy,  // has offsets to read and does not move, or was stopped
};

// "healthy", "waiting", "unhealthy".
[[nodiscard]] std::string_view name_of(Status status);

struct PartitionHealth {
  base::TopicPartition id;
  Status status = Status::kHealthy;
  std::string reason;                      // empty where healthy
  base::Offset position;                   // the next offset to settle
  std::optional<uint64_t> lag;             // offsets from there to the end of the log, where known
  std::chrono::milliseconds still_for{0};  // how long it has not moved
};

// "user-login/3 is unhealthy: not moved from offset 1234 for 45 s, 1,000 offsets behind: …".
// Without a full stop. Requires: not healthy.
[[nodiscard]] std::string to_sentence(const PartitionHealth& partition);

struct Health {
  Status status = Status::kHealthy;         // the worst of what follows
  std::string instance;                     // what is wrong with all of it, else empty
  std::vector<PartitionHealth> partitions;  // those that are not healthy, by topic and partition

  [[nodiscard]] size_t unhealthy_partitions() const;
};

}  // namespace millrace::report
