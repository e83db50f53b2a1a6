// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/result.h"
#include "engine/config/pipeline_config.h"
#include "engine/io/committer.h"

namespace millrace::kafka {

struct GroupMember {
  std::string client;    // its client.id
  std::string host;      // where the broker sees it
  std::string instance;  // its stable name; empty: none
  std::vector<base::TopicPartition> partitions;
};

struct GroupState {
  std::string state;  // as Kafka calls it: "Stable", "Empty", "Dead" where it does not exist
  std::vector<GroupMember> members;
};

// One partition's committed offset, invalid where there is none, and the text beside it.
struct GroupOffset {
  base::TopicPartition id;
  base::Offset next;
  std::string metadata;
};

// One partition's log as a reader of everything sees it. Invalid with `error`.
struct PartitionLog {
  base::TopicPartition id;
  base::Offset begin;
  base::Offset end;
  std::string error;
};

// Looks at a group and at the partitions that it reads, and moves its offsets; joins it never.
//
// Threading: one thread at a time. Each call waits for up to the time given. Errors are sentences
// without a full stop.
class GroupAdmin {
 public:
  [[nodiscard]] static base::Result<std::unique_ptr<GroupAdmin>> create(
      const config::KafkaConfig& kafka, const std::string& group);

  GroupAdmin(const GroupAdmin&) = delete;
  GroupAdmin& operator=(const GroupAdmin&) = delete;
  ~GroupAdmin();

  base::Result<GroupState> describe(std::chrono::milliseconds wait);

  // In the order asked. Offsets that are pending in somebody's transaction are waited for.
  base::Result<std::vector<GroupOffset>> committed(std::span<const base::TopicPartition> partitions,
                                                   std::chrono::milliseconds wait);

  // In the order asked, within `wait` in all.
  std::vector<PartitionLog> log_ranges(std::span<const base::TopicPartition> partitions,
                                       std::chrono::milliseconds wait);

  // Of each partition the first offset whose record is of that time (Unix milliseconds) or later;
  // invalid: there is none. In the order asked.
  base::Result<std::vector<io::PartitionOffset>> offsets_at(
      std::span<const base::TopicPartition> partitions, int64_t unix_ms,
      std::chrono::milliseconds wait);

  // The time (Unix milliseconds) of the first record at each of these offsets or behind it, those
  // of open transactions too; none where there is no such record, or it did not come in time.
  std::vector<std::optional<int64_t>> times_at(std::span<const io::PartitionOffset> offsets,
                                               std::chrono::milliseconds wait);

  // Commits these offsets and their metadata, all or none. The brokers refuse where the group has
  // members.
  base::Status move(std::span<const io::PartitionCommit> offsets, std::chrono::milliseconds wait);

 private:
  class Impl;
  explicit GroupAdmin(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace millrace::kafka
