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

class CurrentConsumer;

// Plain commits of a consumer group's offsets, without transactions: at least once. They are fenced
// by the membership as it is when the request goes out, not by the assignment that they belong to.
// Unlike a transaction's, a commit that was refused may have been applied all the same; committing
// a later offset makes up for either. A commit also works from within on_revoked (the poll thread
// need not poll meanwhile). Carries nothing.
//
// Threading: as io::Committer. Lifetime: `consumer` outlives it, and is not closed before the last
// read_back().
class GroupCommitter final : public io::Committer {
 public:
  explicit GroupCommitter(const Consumer& consumer);
  explicit GroupCommitter(const CurrentConsumer& consumer);
  GroupCommitter(const GroupCommitter&) = delete;
  GroupCommitter& operator=(const GroupCommitter&) = delete;
  ~GroupCommitter() override;

  void begin_commit(std::span<const io::PartitionCommit> offsets, uint64_t assignment,
                    std::span<const io::CarriedRecord> carried) override;
  std::optional<io::CommitResult> poll_commit(std::chrono::milliseconds timeout) override;

  // Partitions without a committed offset come back with an invalid one.
  base::Result<std::vector<io::PartitionOffset>> read_back(
      std::span<const base::TopicPartition> partitions, std::chrono::milliseconds timeout) override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace millrace::kafka
