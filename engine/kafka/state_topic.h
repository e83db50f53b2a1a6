// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "engine/base/result.h"
#include "engine/config/pipeline_config.h"
#include "engine/io/state_log.h"
#include "engine/kafka/admin.h"

namespace millrace::kafka {

// Reads the topic that state is written to, with the input's connection, without a group: nothing
// is joined and nothing is committed. Each read() connects anew, as there may be days between them.
//
// Threading: cancel() any thread; else one thread at a time.
class StateTopic final : public io::StateLog {
 public:
  // Up to where a read goes.
  enum class Until : uint8_t {
    // The end of the log, and waits for the outcome of transactions that are open: for who owns the
    // partitions that the states are of, as nobody else then writes any.
    kEnd,
    // The end of what is decided, without waiting: for who looks on while others write. Up to the
    // end of the log it would see a part of what a transaction wrote that ends behind it.
    kDecided,
  };

  // Waits for the topic as long as `patience` says. Its stop counts for reads too.
  [[nodiscard]] static base::Result<std::unique_ptr<StateTopic>> create(
      const config::KafkaConfig& kafka, std::string topic, const Patience& patience,
      Until until = Until::kEnd);

  StateTopic(const StateTopic&) = delete;
  StateTopic& operator=(const StateTopic&) = delete;
  ~StateTopic() override;

  [[nodiscard]] int32_t partition_count() const override;

  // As io::StateLog. Waits for brokers, and until the end for transactions, without end; a stop, or
  // cancel(), ends it within a second, with an error.
  base::Status read(std::span<const int32_t> partitions, const OnRecord& on_record) override;

  // A read() under way, and every later one, ends with an error.
  void cancel();

 private:
  class Impl;
  explicit StateTopic(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace millrace::kafka
