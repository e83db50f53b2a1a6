// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "engine/base/result.h"
#include "engine/config/pipeline_config.h"
#include "engine/kafka/admin.h"
#include "engine/record/bytes.h"

namespace millrace::kafka {

// Sends records that the caller does not keep: copies each one, waits while librdkafka's queue is
// full. For the generator, for tools and for tests; the engine's outputs go by Producer.
//
// Threading: one thread.
class RecordSender {
 public:
  [[nodiscard]] static base::Result<std::unique_ptr<RecordSender>> create(
      const config::KafkaConfig& kafka, const std::string& topic);

  RecordSender(const RecordSender&) = delete;
  RecordSender& operator=(const RecordSender&) = delete;
  ~RecordSender();

  // The error is that of this record, or of an earlier one whose delivery failed.
  base::Status send(int32_t partition, record::Bytes key, record::Bytes value,
                    std::span<const record::Header> headers, const Patience& patience);

  // Waits for every acknowledgement.
  base::Status flush(const Patience& patience);

  // Records acknowledged so far.
  [[nodiscard]] uint64_t acknowledged() const;

 private:
  class Impl;
  explicit RecordSender(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace millrace::kafka
