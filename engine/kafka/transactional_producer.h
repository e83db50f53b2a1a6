// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/config/pipeline_config.h"
#include "engine/io/committer.h"
#include "engine/io/sink.h"
#include "engine/kafka/consumer.h"
#include "engine/kafka/producer.h"

namespace millrace::kafka {

struct TransactionOptions {
  std::string transactional_id;
  // How long the broker lets a transaction be open; also how long a blocking call may take.
  std::chrono::milliseconds timeout{10'000};
  // The smallest max.message.bytes of the topics that commits carry records to.
  size_t carried_bytes_max = 1'000'000;
};

// Exactly once: outputs and offsets in one transaction. send() begins it where none is open, a
// commit ends it with the offsets in it, also where nothing was sent. Blocking calls run on a
// thread of its own, so that the deliver thread never waits inside one; delivery reports have to be
// served meanwhile (serve()), or they do not end.
//
// A commit resolves for certain: see transaction_session.h. After kRefused the transaction is void
// and waits for begin_reset(). Records that went with it are reported as kGivenUp if they were not
// acknowledged yet; of what the commit carried the listener hears nothing.
//
// Being fenced is usual after a long pause, as the broker ends a transaction that is open for too
// long: the reset then replaces the producer. Three times without a commit in between is another
// copy with our name; ten other failures, or a missing permission, also end it for good.
//
// Threading: as io::Sink and io::Committer; wake() any thread.
// Lifetime: the consumer that was attached outlives it. The destructor gives up what is open within
// about 3 s; if a commit or abort is under way and the broker does not answer, within the
// transaction timeout.
class TransactionalProducer final : public io::Sink, public io::Committer {
 public:
  // Ends open transactions of the same id. Waits for the broker, saying so, for `patience` at most.
  // A missing permission is an error at once.
  [[nodiscard]] static base::Result<std::unique_ptr<TransactionalProducer>> create(
      const config::KafkaConfig& kafka, const ProducerOptions& topics,
      const TransactionOptions& options, std::chrono::milliseconds patience,
      const std::stop_token& stop);

  TransactionalProducer(const TransactionalProducer&) = delete;
  TransactionalProducer& operator=(const TransactionalProducer&) = delete;
  ~TransactionalProducer() override;

  // The consumer whose offsets are committed. Before the first commit.
  void attach(const Consumer& consumer);

  size_t send(std::span<const record::OutputRecord> records, void* token) override;
  void serve(std::chrono::milliseconds timeout, io::AckListener& listener) override;
  [[nodiscard]] std::string fatal_error() const override;
  void begin_reset() override;
  std::optional<base::Status> poll_reset(std::chrono::milliseconds timeout) override;

  void begin_commit(std::span<const io::PartitionCommit> offsets, uint64_t assignment,
                    std::span<const io::CarriedRecord> carried) override;
  std::optional<io::CommitResult> poll_commit(std::chrono::milliseconds timeout) override;
  base::Result<std::vector<io::PartitionOffset>> read_back(
      std::span<const base::TopicPartition> partitions, std::chrono::milliseconds timeout) override;

  // Ends a serve() under way, or the next one, at once.
  void wake();

  // What librdkafka says of it, where its statistics are on. Any thread.
  [[nodiscard]] std::optional<ClientStatistics> statistics() const;

 private:
  class Impl;
  explicit TransactionalProducer(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace millrace::kafka
