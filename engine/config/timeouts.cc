// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/config/quantities.h"
#include "engine/config/sections.h"

namespace millrace::config {
namespace {

using std::chrono::milliseconds;

// Kafka's timeouts are 32 bits wide.
constexpr uint64_t kTimeoutMax = 0x7FFF'FFFF;

// One property of librdkafka as a client gets it: its own wins over the common one.
struct Given {
  milliseconds value;
  const Text* name;
  std::string path;
};

std::optional<Given> given(const std::vector<KafkaProperty>& common,
                           const std::vector<KafkaProperty>& own, const std::string& client,
                           const std::string& name) {
  std::optional<Given> found;
  const auto look = [&found, &name](const std::vector<KafkaProperty>& properties,
                                    const std::string& path) {
    for (const KafkaProperty& property : properties) {
      if (property.name.value != name) continue;
      found.reset();
      // What is no number is librdkafka's to refuse.
      const auto value = parse_count(property.value);
      if (!value || *value > kTimeoutMax) continue;
      found = Given{milliseconds{static_cast<int64_t>(*value)}, &property.name, path + name};
    }
  };
  look(common, "kafka.");
  look(own, "kafka." + client + ".");
  return found;
}

std::string in_milliseconds(milliseconds duration) {
  return std::to_string(duration.count());
}

}  // namespace

void check_timeouts(const PipelineConfig& config, Problems& problems) {
  const KafkaConfig& kafka = config.kafka;
  const milliseconds session = config.session_timeout;
  const milliseconds transaction = config.delivery.transaction_timeout;
  const bool is_transactional =
      config.state.durable || config.delivery.guarantee == Guarantee::kExactlyOnce;
  const auto problem = [&problems](const Given& property, const std::string& sentence) {
    problems.add(property.name->place, "'" + property.path + "' must be " + sentence);
  };

  const auto heartbeat = given(kafka.common, kafka.consumer, "consumer", "heartbeat.interval.ms");
  if (heartbeat && heartbeat->value >= session) {
    problem(*heartbeat, "below " + in_milliseconds(session) +
                            ": 'session_timeout' would be over before the next heartbeat");
  }

  const auto poll = given(kafka.common, kafka.consumer, "consumer", "max.poll.interval.ms");
  if (poll && poll->value < session) {
    problem(*poll, "at least " + in_milliseconds(session) + ", the 'session_timeout'");
  }

  // Else librdkafka refuses to make the producer, and names properties that the file does not have.
  const auto socket = given(kafka.common, kafka.producer, "producer", "socket.timeout.ms");
  if (socket && is_transactional && socket->value > transaction) {
    problem(*socket, "at most " + in_milliseconds(transaction) +
                         ", the 'delivery.transaction_timeout': a request must not outlast its "
                         "transaction");
  }
}

}  // namespace millrace::config
