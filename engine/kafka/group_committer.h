// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "engine/io/committer.h"
#include "engine/kafka/consumer.h"

namespace millrace::kafka {

// Plain commits of a consumer group's offsets, without transactions: at least once. A commit that
// failed says so and changed nothing or everything; committing a later offset makes up for it.
// A commit also works from within on_revoked (the poll thread need not poll meanwhile).
//
// Threading: as io::Committer. Lifetime: `consumer` outlives it, and is not closed before the last
// read_back().
class GroupCommitter final : public io::Committer {
 public:
  explicit GroupCommitter(Consumer& consumer);
  GroupCommitter(const GroupCommitter&) = delete;
  GroupCommitter& operator=(const GroupCommitter&) = delete;
  ~GroupCommitter() override;

  base::Status begin_commit(std::span<const io::PartitionOffset> offsets) override;
  std::optional<base::Status> poll_commit(std::chrono::milliseconds timeout) override;

  // Partitions without a committed offset come back with an invalid one.
  base::Result<std::vector<io::PartitionOffset>> read_back(
      std::span<const base::TopicPartition> partitions, std::chrono::milliseconds timeout) override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace millrace::kafka
