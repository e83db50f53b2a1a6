// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/config/pipeline_config.h"
#include "engine/kafka/producer.h"
#include "engine/record/batch.h"

namespace millrace::kafka {

// Groups of records, each of them one transaction, of a program that reads without a consumer
// group: all records of a group become visible, or none of them ever.
//
// Whoever opens a writer ends what an earlier one of the same transactional id left open, and shuts
// that one out: its next write() is fenced.
//
// Threading: one thread. Lifetime: a group's bytes stay until write() has returned.
class TransactionWriter {
 public:
  struct Outcome {
    enum class Kind : uint8_t {
      kCommitted,
      kRefused,  // records were refused for good: `records` says which; nothing was written
      kFenced,  // another writer has our id, or the brokers ended the transaction: it took too long
      kDenied,  // only a person can help: a permission
      kFailed,  // it may have been written or not; a new writer with the same id makes it certain
      kStale,   // nothing was written: the end of the last group was asked for more than once, so
                // that only a new writer begins another one safely. Somebody else may have had
                // the id by then: what they did is to be read behind the new writer
    };

    Kind kind = Kind::kCommitted;
    std::string message;  // a sentence without a full stop, and without any record's content
    // Those whose refusal is known by now. Brokers refuse what came in one request as one, so that
    // others may be among them that would have been taken alone.
    std::vector<size_t> records = {};
  };

  // Waits for brokers, topics and the end of a predecessor's transaction, for `patience` at most.
  // `timeout` is how long the broker lets a transaction be open.
  [[nodiscard]] static base::Result<std::unique_ptr<TransactionWriter>> create(
      const config::KafkaConfig& kafka, const ProducerOptions& topics,
      const std::string& transactional_id, std::chrono::milliseconds timeout,
      std::chrono::milliseconds patience, const std::stop_token& stop);

  TransactionWriter(const TransactionWriter&) = delete;
  TransactionWriter& operator=(const TransactionWriter&) = delete;
  ~TransactionWriter();

  // After anything but kCommitted the writer is of no more use.
  [[nodiscard]] Outcome write(std::span<const record::OutputRecord> records);

 private:
  class Impl;
  explicit TransactionWriter(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace millrace::kafka
