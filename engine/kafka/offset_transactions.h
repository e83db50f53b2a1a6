// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <vector>

#include "engine/base/result.h"
#include "engine/config/pipeline_config.h"
#include "engine/io/committer.h"
#include "engine/kafka/consumer.h"
#include "engine/kafka/transactional_producer.h"

namespace millrace::kafka {

// At least once: each commit of offsets is a small transaction of its own on the input's cluster,
// fenced by the membership of the assignment that it belongs to. A plain commit would be taken from
// a member that lost the partitions meanwhile. What a commit carries goes to topics of that
// cluster.
//
// After kRefused nothing needs to be reset: the next commit makes up for it.
//
// Threading: as io::Committer. Lifetime: as TransactionalProducer.
class OffsetTransactions final : public io::Committer {
 public:
  // As TransactionalProducer::create().
  [[nodiscard]] static base::Result<std::unique_ptr<OffsetTransactions>> create(
      const config::KafkaConfig& kafka, const TransactionOptions& options,
      std::chrono::milliseconds patience, const std::stop_token& stop);

  OffsetTransactions(const OffsetTransactions&) = delete;
  OffsetTransactions& operator=(const OffsetTransactions&) = delete;
  ~OffsetTransactions() override;

  // The consumer whose offsets are committed. Before the first commit.
  void attach(const Consumer& consumer);

  void begin_commit(std::span<const io::PartitionCommit> offsets, uint64_t assignment,
                    std::span<const io::CarriedRecord> carried) override;
  std::optional<io::CommitResult> poll_commit(std::chrono::milliseconds timeout) override;
  base::Result<std::vector<io::PartitionOffset>> read_back(
      std::span<const base::TopicPartition> partitions, std::chrono::milliseconds timeout) override;

  // What librdkafka says of it, where its statistics are on. Any thread.
  [[nodiscard]] std::optional<ClientStatistics> statistics() const;

 private:
  class Impl;
  explicit OffsetTransactions(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace millrace::kafka
