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
#include "engine/io/sink.h"
#include "engine/kafka/client_statistics.h"
#include "engine/record/topic_limits.h"

namespace millrace::kafka {

struct ProducerOptions {
  struct Topic {
    std::string name;
    record::TopicLimits limits;
  };

  // Indexed by record::OutputTopic; a topic with an empty name is never sent to.
  std::vector<Topic> topics;
  // librdkafka's share of the memory for records that wait for their acknowledgement. Values stay
  // in the batches; this counts them anyway, as they are copied once into requests.
  size_t queue_bytes = size_t{64} << 20;
  std::chrono::milliseconds linger{2};
};

// The idempotent producer: acks of all replicas, no message timeout (a broker that is away delays,
// it never loses), order kept per partition.
//
// Records without headers go in bulk (rd_kafka_produce_batch), others one by one; neither copies
// the value. The first record of each partition goes alone, and send() takes no other of that
// partition before it is acknowledged (partition_gate.h). A record that can never be delivered is
// reported by on_failed, in send order among the immediate refusals, never dropped.
//
// A reset replaces librdkafka's producer: what had been sent may still arrive, and is sent again by
// whoever reads it again. After ten fatal errors without a delivery in between a reset fails.
//
// Threading: as io::Sink; wake() any thread. Lifetime: values live until their report was served,
// or until the producer is destroyed, which gives up what was not delivered within about 3 s.
class Producer final : public io::Sink {
 public:
  // Waits until the topics' metadata has come, for `timeout` at most.
  [[nodiscard]] static base::Result<std::unique_ptr<Producer>> create(
      const config::KafkaConfig& kafka, const ProducerOptions& options,
      std::chrono::milliseconds timeout, const std::stop_token& stop);

  Producer(const Producer&) = delete;
  Producer& operator=(const Producer&) = delete;
  ~Producer() override;

  size_t send(std::span<const record::OutputRecord> records, void* token) override;
  void serve(std::chrono::milliseconds timeout, io::AckListener& listener) override;
  [[nodiscard]] std::string fatal_error() const override;
  void begin_reset() override;
  std::optional<base::Status> poll_reset(std::chrono::milliseconds timeout) override;

  // Ends a serve() under way, or the next one, at once.
  void wake();

  // What librdkafka says of it, where its statistics are on. Any thread.
  [[nodiscard]] std::optional<ClientStatistics> statistics() const;

 private:
  class Impl;
  explicit Producer(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace millrace::kafka
