// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/config/pipeline_config.h"

struct rd_kafka_mock_cluster_s;

namespace millrace::embedded {

// A Kafka broker inside this process: librdkafka's mock cluster, on a random port of 127.0.0.1.
// Right for the demo and for tests of the flow, of errors and of retries. What it cannot do:
// - it keeps 5 MiB (or 100,000 batches) of each partition, then deletes the oldest: whoever writes
//   must wait for the reader, or records are gone;
// - it does not isolate transactions: aborted records stay visible, offsets sent in a transaction
//   are not stored. Nothing about exactly once can be proved on it;
// - nothing is kept on disk, nothing is compacted, there is one replica;
// - it has no admin interface: topics come from create_topic(), or appear with 4 partitions when a
//   producer asks for one; a topic's settings cannot be read;
// - the first assignment of a group takes 3 s on librdkafka before 2.8, members need a session
//   timeout above 3 s, and an empty fetch waits its full time (set fetch.wait.max.ms to 10).
//
// Threading: any thread. Lifetime: outlives all clients of it.
class EmbeddedBroker {
 public:
  [[nodiscard]] static base::Result<std::unique_ptr<EmbeddedBroker>> start();

  EmbeddedBroker(const EmbeddedBroker&) = delete;
  EmbeddedBroker& operator=(const EmbeddedBroker&) = delete;
  ~EmbeddedBroker();

  base::Status create_topic(const std::string& topic, int32_t partitions);

  // For bootstrap.servers.
  [[nodiscard]] std::string bootstrap_servers() const;

  // A configuration with nothing but bootstrap.servers.
  [[nodiscard]] config::KafkaConfig config() const;

  // The next `codes.size()` requests of the protocol's kind `api_key` (0 Produce, 1 Fetch,
  // 8 OffsetCommit, …) are answered with these errors (rd_kafka_resp_err_t; -195 disconnects).
  void fail_requests(int16_t api_key, const std::vector<int>& codes);

  // Closes its connections and accepts none while down.
  void set_down(bool down);

  // Delays every answer.
  void set_round_trip(std::chrono::milliseconds time);

  [[nodiscard]] rd_kafka_mock_cluster_s* cluster() const;

 private:
  struct Impl;
  explicit EmbeddedBroker(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace millrace::embedded
