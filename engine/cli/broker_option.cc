// SPDX-License-Identifier: Apache-2.0
#include "engine/cli/broker_option.h"

#include <CLI/CLI.hpp>

namespace millrace::cli {

void add_brokers(CLI::App& command, std::string& brokers) {
  brokers = "localhost:9092";
  command.add_option("--brokers", brokers, "Kafka's bootstrap.servers")
      ->envname("BOOTSTRAP_SERVERS")
      ->capture_default_str();
}

}  // namespace millrace::cli
