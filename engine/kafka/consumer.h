// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/config/pipeline_config.h"
#include "engine/io/source.h"
#include "engine/kafka/client_statistics.h"
#include "engine/kafka/partition_watch.h"

namespace millrace::kafka {

class CurrentConsumer;
class GroupMembership;

struct ConsumerOptions {
  std::vector<std::string> topics;  // names, or one pattern that begins with '^'
  std::string group;
  config::Start start = config::Start::kEarliest;  // where a partition has no committed offset
  // librdkafka's share of the memory for records read ahead, its bookkeeping included.
  size_t prefetch_bytes = size_t{64} << 20;
  // How many bytes a broker should gather for a fetch, and how long it may hold one that has fewer.
  // The wait is also how often is asked while nothing comes.
  size_t fetch_bytes_min = 1;
  std::chrono::milliseconds fetch_wait{500};
  std::chrono::milliseconds session_timeout{10'000};
  // How long the broker lets a transaction be open. An assignment may have to wait for a dead
  // member's, and choose_starts() for others, so that polling may pause for longer than that
  // (max.poll.interval.ms).
  std::chrono::milliseconds transaction_timeout{10'000};
  // The stable name of this member (group.instance.id); empty: none.
  std::string instance;
  config::OnLostOffsets on_lost_offsets = config::OnLostOffsets::kStop;
};

// A member of a consumer group. Partitions always begin at explicit offsets: the committed one, or
// the configured start where there is none, or earlier where the listener says so (choose_starts);
// auto.offset.reset never decides. The range assignor
// (eager) is used on every version, and records come one by one from rd_kafka_consumer_poll:
// librdkafka 2.0.2 loses records of the batch call at rebalances.
//
// An absent topic is waited for (said once), an unreachable broker too. A wrong password, a denied
// topic or group, another member with the same instance name is kFatal.
//
// A member with an instance name that was cut off from the group's coordinator may be fenced by a
// late request of its own (rejoin_limit.h). It then joins again with a new handle, and all that is
// seen of that is an assignment that was lost, and another.
//
// Assignments are numbered from 1 on. The membership that a commit is fenced by is captured when an
// assignment begins, and ends when its revocation returns.
//
// Threading: as io::Source; membership(), watch(), statistics() and current() any thread.
// Lifetime: outlives every committer made of it.
class Consumer final : public io::Source {
 public:
  [[nodiscard]] static base::Result<std::unique_ptr<Consumer>> create(
      const config::KafkaConfig& kafka, const ConsumerOptions& options);

  Consumer(const Consumer&) = delete;
  Consumer& operator=(const Consumer&) = delete;

  // Closes first if close() was not called; on_revoked does not fire then.
  ~Consumer() override;

  base::Status subscribe(io::AssignmentListener& listener) override;
  void poll(std::chrono::milliseconds timeout, io::SourceEvent& event) override;
  base::Status rewind(uint32_t slot, base::Offset offset) override;
  void stop_partition(uint32_t slot) override;
  void close() override;

  // Any thread: an assignment waits for nothing any more (committed offsets, watermarks), so that a
  // stop is not held up by a broker that does not answer. Partitions are then given up again. Who
  // waits in choose_starts() has to be told apart.
  void cancel_waits();

  // What fences commits; the same object for the whole life of the consumer.
  [[nodiscard]] std::shared_ptr<GroupMembership> membership() const;

  // Why partitions may not move.
  [[nodiscard]] const PartitionWatch& watch() const;

  // What librdkafka says of it, where its statistics are on. Any thread.
  [[nodiscard]] std::optional<ClientStatistics> statistics() const;

  // The handle, for calls of other threads.
  [[nodiscard]] const CurrentConsumer& current() const;

 private:
  class Impl;
  explicit Consumer(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace millrace::kafka
