// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/ids.h"

// How far the flow is at one moment, for whoever watches whether it moves. Plain values.
namespace millrace::flow {

// A partition that is ours, or was stopped.
struct PartitionProgress {
  base::TopicPartition id;
  base::Offset position;  // the next offset to settle
  // Where reading ends for this run (--until-end); nothing: never.
  std::optional<base::Offset> until;
  size_t unsettled = 0;  // batches handed over that have not settled
  // Since the oldest of these was handed over.
  std::chrono::milliseconds oldest_unsettled{0};
  std::string stopped;  // why it was stopped, else empty
};

struct Progress {
  using Time = std::chrono::steady_clock::time_point;

  std::vector<PartitionProgress> partitions;
  bool budget_spent = false;  // nothing is read until batches settle
  // Set while it is under way: since when.
  std::optional<Time> commit_since;
  std::optional<Time> reset_since;
};

}  // namespace millrace::flow
