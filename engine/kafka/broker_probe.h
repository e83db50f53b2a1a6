// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "engine/config/pipeline_config.h"
#include "engine/kafka/admin.h"

namespace millrace::kafka {

// What one broker answered when it was asked by itself.
struct BrokerAnswer {
  std::string address = {};  // "host:port", as the user listed it or as the cluster names it
  bool listed = false;       // in bootstrap.servers
  std::string error = {};    // why it does not answer us: a sentence without a full stop
  // From what it says that it understands: "4.0"; it is that version of Kafka, or later. Empty:
  // not known.
  std::string version = {};
  bool transactions = true;  // it knows of them
};

// Asks every broker that the user listed, one by one and by its own address, and then those that
// they name. Each may take up to `wait`. Joins nothing and changes nothing. Blocks; any thread.
[[nodiscard]] std::vector<BrokerAnswer> probe_brokers(const config::KafkaConfig& kafka, Side side,
                                                      std::chrono::milliseconds wait);

// Internal to kafka/. The lowest version of Kafka that understands Fetch from `oldest` to `newest`.
[[nodiscard]] std::string version_of(int oldest, int newest);

}  // namespace millrace::kafka
