// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <span>
#include <string>
#include <vector>

#include "engine/base/mutex.h"
#include "engine/io/committer.h"
#include "engine/kafka/admin.h"
#include "engine/kafka/attempt_limit.h"
#include "engine/kafka/client_events.h"
#include "engine/kafka/rd.h"

// Internal to kafka/.
namespace millrace::kafka {

// The records that commits carry, of one producer: they go out beside the outputs, copied, and what
// becomes of them is told here, not to a listener. Their topics are looked up when first needed.
//
// The first record of each partition goes alone, for the reason of partition_gate.h.
//
// Threading: reported() the thread that serves the delivery reports, failure() any; the rest the
// thread that commits.
class CarriedRecords {
 public:
  // `events` are those of the producer's client; `unreported` counts what librdkafka has taken and
  // not reported yet, outputs included.
  CarriedRecords(ClientEvents& events, std::atomic<size_t>& unreported)
      : events_(events), unreported_(unreported) {}

  CarriedRecords(const CarriedRecords&) = delete;
  CarriedRecords& operator=(const CarriedRecords&) = delete;

  // Makes the topics of these records known to the producer, waiting for them as long as `patience`
  // says.
  [[nodiscard]] Failure find_topics(rd_kafka_t* producer,
                                    std::span<const io::CarriedRecord> records,
                                    const Patience& patience);

  // Hands the records over, in order, waiting for room; forgets the failure of an earlier call.
  // Requires: find_topics(), an open transaction, and that somebody serves the reports meanwhile.
  // After a failure the transaction must not be committed; with the code _STATE it is the
  // transaction that failed, not a record.
  [[nodiscard]] Failure send(rd_kafka_t* producer, std::span<const io::CarriedRecord> records,
                             const Patience& patience) EXCLUDES(mutex_);

  // Why a record of the last send() was not delivered, if that is so, and not the transaction's
  // fault; waits for the reports up to `time`.
  [[nodiscard]] Failure failure(std::chrono::milliseconds time) EXCLUDES(mutex_);

  // For messages: "a, b"; empty where there is none.
  [[nodiscard]] std::string topic_names() const;

  // Whether the report is of a record that send() handed over.
  [[nodiscard]] bool sent(const rd_kafka_message_t& message) const {
    return message._private == this;
  }

  void reported(const rd_kafka_message_t& message) EXCLUDES(mutex_);

  // Before the producer's handle goes.
  void forget_topics() { topics_.clear(); }

 private:
  struct Topic {
    std::string name;
    rd::Topic handle;
    std::vector<bool> open;  // by partition: its first record was delivered
  };

  [[nodiscard]] Topic* topic_of(const std::string& name);
  [[nodiscard]] Failure find_topic(rd_kafka_t* producer, const std::string& name,
                                   const Patience& patience);
  [[nodiscard]] Failure send_one(rd_kafka_t* producer, const io::CarriedRecord& record,
                                 const Patience& patience);
  [[nodiscard]] rd_kafka_resp_err_t hand_over(rd_kafka_t* producer, const Topic& topic,
                                              int32_t partition, const io::CarriedRecord& record)
      EXCLUDES(mutex_);
  // Until at most `most` reports are missing. A failure: of a record, or `patience` is over.
  [[nodiscard]] Failure wait_for_reports(size_t most, const Patience& patience) EXCLUDES(mutex_);
  [[nodiscard]] size_t pending() const EXCLUDES(mutex_);

  ClientEvents& events_;
  std::atomic<size_t>& unreported_;
  std::list<Topic> topics_;

  mutable base::Mutex mutex_;
  base::CondVar changed_;
  size_t pending_ GUARDED_BY(mutex_) = 0;  // handed over, and not reported yet
  Failure failure_ GUARDED_BY(mutex_);
};

}  // namespace millrace::kafka
