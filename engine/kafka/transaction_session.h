// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/base/mutex.h"
#include "engine/base/result.h"
#include "engine/config/pipeline_config.h"
#include "engine/io/committer.h"
#include "engine/kafka/attempt_limit.h"
#include "engine/kafka/consumer.h"
#include "engine/kafka/current_consumer.h"
#include "engine/kafka/current_producer.h"
#include "engine/kafka/group_membership.h"
#include "engine/kafka/report_server.h"
#include "engine/kafka/transactional_producer.h"

// Internal to kafka/.
namespace millrace::kafka {

// The protocol of transactions: one transactional id, its producer, and what becomes of a
// transaction whose answer was lost. Calls block; who must not block uses an Errand.
//
// A commit resolves for certain. Where librdkafka cannot tell (a timeout, a fatal error after the
// request to end the transaction went out), the producer is replaced, which completes or aborts the
// old transaction, and the committed offsets tell what became of it: by their metadata where there
// is some, as no two commits have the same, else by the offsets that moved.
//
// KAFKA-17754: a request to end a transaction that the broker takes late, because librdkafka sent
// it again, would end the next transaction. So wherever more than one such request went out for one
// transaction the producer is replaced before the next: its new epoch makes late ones void.
//
// Threading: open(), attach(), begin(), commit(), reset() and abandon() one at a time, handed over
// between threads with synchronisation; producer() as its class says; fatal_error() and stop() any.
// Between them delivery reports have to be served by another thread where outputs are sent.
class TransactionSession {
 public:
  // `sends`: outputs are sent, and the reports served by another thread. Else it serves those of
  // what its commits carry by itself.
  TransactionSession(config::KafkaConfig kafka, ProducerOptions topics, TransactionOptions options,
                     bool sends);
  TransactionSession(const TransactionSession&) = delete;
  TransactionSession& operator=(const TransactionSession&) = delete;

  base::Status open(const Patience& patience);
  void attach(const Consumer& consumer);

  // Begins a transaction where none is open. Does not block. False: fatal_error() says why.
  bool begin();

  // librdkafka takes no more records: finds out why, for fatal_error(). Does not block.
  void note_stuck();

  // A carried record that is not delivered makes the commit one that is refused, with a reason
  // that names its topic.
  io::CommitResult commit(std::span<const io::PartitionCommit> offsets, uint64_t assignment,
                          std::span<const io::CarriedRecord> carried);
  base::Status reset();
  base::Result<std::vector<io::PartitionOffset>> read_back(
      std::span<const base::TopicPartition> partitions, std::chrono::milliseconds timeout) const;

  [[nodiscard]] CurrentProducer& producer() { return current_; }

  [[nodiscard]] std::string fatal_error() const;

  // Waits end soon; nothing but abandon() may be called after that.
  void stop() { stop_.request_stop(); }

  // Gives up what is open, so that readers need not wait for its timeout, and the producer; takes
  // about 3 s at most.
  void abandon();

 private:
  base::Result<std::unique_ptr<ProducerClient>> connect(const Patience& patience, Failure& failure);
  [[nodiscard]] std::vector<Setting> settings() const;
  base::Status renew(const Patience& patience, Failure why);
  base::Status replace(const Failure& why);
  base::Status abort();
  void settle_reports();

  void fail(const Failure& failure);
  [[nodiscard]] Failure failure() const;
  [[nodiscard]] Failure failure_of(const rd_kafka_error_t& error, const char* doing) const;
  [[nodiscard]] Failure probe() const;

  io::CommitResult refuse(const Failure& why);
  Failure find_topics(std::span<const io::CarriedRecord> carried);
  Failure carry(std::span<const io::CarriedRecord> carried);
  [[nodiscard]] Failure cause(const Failure& why) const;
  Failure send_offsets(std::span<const io::PartitionCommit> offsets,
                       const GroupMembership::Metadata& metadata);
  io::CommitResult end_commit(std::span<const io::PartitionCommit> offsets);
  io::CommitResult resolve(std::span<const io::PartitionCommit> offsets, const Failure& why);

  const config::KafkaConfig kafka_;
  const ProducerOptions topics_;
  const TransactionOptions options_;
  const bool sends_;
  std::stop_source stop_;

  CurrentProducer current_;
  std::shared_ptr<GroupMembership> membership_;
  const CurrentConsumer* consumer_ = nullptr;  // not owned

  bool begun_ = false;
  AttemptLimit attempts_;

  mutable base::Mutex mutex_;
  Failure failure_ GUARDED_BY(mutex_);  // why the transaction cannot be committed any more

  std::optional<ReportServer> server_;  // last: it uses the producer
};

}  // namespace millrace::kafka
