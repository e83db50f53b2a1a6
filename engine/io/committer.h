// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/result.h"

namespace millrace::io {

// The next offset to read of one partition.
struct PartitionOffset {
  base::TopicPartition id;
  base::Offset next;
};

// What the deliver thread asks of the outside to make progress durable. At most one commit is
// under way at a time, so that hand-over goes on while the broker answers.
//
// Threading: deliver thread; read_back() the thread that stops the flow, after deliver ended.
class Committer {
 public:
  virtual ~Committer() = default;

  // Requires: no commit under way.
  virtual base::Status begin_commit(std::span<const PartitionOffset> offsets) = 0;

  // The result of the commit under way, once it is known, waiting for it up to `timeout`.
  virtual std::optional<base::Status> poll_commit(std::chrono::milliseconds timeout) = 0;

  // What the group has committed for these partitions, as the broker says now.
  virtual base::Result<std::vector<PartitionOffset>> read_back(
      std::span<const base::TopicPartition> partitions, std::chrono::milliseconds timeout) = 0;
};

}  // namespace millrace::io
