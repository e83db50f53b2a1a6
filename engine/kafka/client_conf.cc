// SPDX-License-Identifier: Apache-2.0
#include "engine/kafka/client_conf.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "engine/base/nearest_name.h"
#include "engine/config/kafka_refused.h"
#include "engine/kafka/client.h"
#include "engine/kafka/rd.h"

namespace millrace::kafka {
namespace {

using config::KafkaProperty;
using config::Problem;

// Kafka 4 answers the SCRAM of older librdkafka with "invalid credentials", the same words as for a
// wrong password (fixed by librdkafka's pull request 4895).
constexpr int kScramVersion = 0x020601ff;

bool is_scram(const KafkaProperty& property) {
  return (property.name.value == "sasl.mechanism" || property.name.value == "sasl.mechanisms") &&
         property.value.starts_with("SCRAM-");
}

// Those that the engine sets after the user's (as consumer_promises() does), and would ignore in
// silence. What breaks a promise outright is config's to refuse; asked here too, for callers
// without a file.
constexpr std::string_view kMemory = "it follows from 'memory', the one number for all of it";
constexpr auto kOverridden = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"queued.min.messages", kMemory},
    {"fetch.message.max.bytes", kMemory},
    {"max.partition.fetch.bytes", kMemory},
    {"fetch.max.bytes", kMemory},
    {"queue.buffering.max.messages", kMemory},
    {"message.max.bytes", "it follows from the output topics' max.message.bytes"},
    {"allow.auto.create.topics",
     "an absent input topic is waited for, and an output topic is made if the broker does so"},
    {"log.queue", "librdkafka's lines go to the engine's log"},
});

std::string_view why_not(std::string_view property) {
  if (const auto reason = config::why_refused(property)) return *reason;
  const auto* found = std::find_if(kOverridden.begin(), kOverridden.end(),
                                   [&](const auto& entry) { return entry.first == property; });
  return found == kOverridden.end() ? std::string_view{} : found->second;
}

// Every property that librdkafka knows: its own table of them, as it is the only list that has the
// aliases too ("linger.ms" is one).
std::string property_table() {
  char* text = nullptr;
  size_t size = 0;
  std::FILE* stream = open_memstream(&text, &size);
  if (stream == nullptr) return {};
  rd_kafka_conf_properties_show(stream);
  std::fclose(stream);
  std::string table(text, size);
  std::free(text);  // NOLINT(cppcoreguidelines-no-malloc): open_memstream's
  return table;
}

// Behind the broker's time-out a transaction is ended within its clean-up interval (10 s unless set
// otherwise), and then there is still something to do before the next poll.
constexpr std::chrono::milliseconds kPollIntervalMargin{20'000};

std::string poll_interval_problem(const KafkaProperty& property,
                                  std::chrono::milliseconds transaction_timeout) {
  if (property.name.value != "max.poll.interval.ms") return {};
  const auto least = transaction_timeout + kPollIntervalMargin;
  int64_t interval = 0;
  const char* const end = property.value.data() + property.value.size();
  const auto [read_to, error] = std::from_chars(property.value.data(), end, interval);
  if (error != std::errc{} || read_to != end || interval >= least.count()) return {};
  return fmt::format(
      "kafka: max.poll.interval.ms must be {} at least, or a member that waits for a dead one's "
      "transaction would be thrown out of the group while it waits",
      least.count());
}

std::string did_you_mean(const std::string& name) {
  const std::string table = property_table();
  std::vector<std::string_view> names;
  for (size_t line = 0; line < table.size();) {
    const size_t end = std::min(table.find('\n', line), table.size());
    const std::string_view row = std::string_view(table).substr(line, end - line);
    const size_t blank = row.find(' ');
    if (row.find('|') != std::string_view::npos && blank > 0) names.push_back(row.substr(0, blank));
    line = end + 1;
  }
  const auto nearest = base::nearest_name(name, names);
  return nearest ? fmt::format("; did you mean {}?", *nearest) : "";
}

std::string problem_of(const KafkaProperty& property) {
  const std::string& name = property.name.value;
  if (const std::string_view why = why_not(name); !why.empty()) {
    return fmt::format("kafka: {} cannot be set: {}", name, why);
  }
  const rd::Conf conf(rd_kafka_conf_new());
  std::array<char, 512> text{};
  const rd_kafka_conf_res_t result =
      rd_kafka_conf_set(conf.get(), name.c_str(), property.value.c_str(), text.data(), text.size());
  if (result == RD_KAFKA_CONF_UNKNOWN) {
    return fmt::format("kafka: librdkafka {} does not know the property {}{}", library_version(),
                       name, did_you_mean(name));
  }
  if (result != RD_KAFKA_CONF_OK) {
    return fmt::format("kafka: librdkafka {} does not accept the value of {}", library_version(),
                       name);
  }
  if (is_scram(property) && rd_kafka_version() < kScramVersion) {
    return fmt::format(
        "kafka: SCRAM needs librdkafka 2.6.1 or newer: today's brokers refuse that of {} in the "
        "words of a wrong password",
        library_version());
  }
  return {};
}

// A token of this mechanism comes from a program's callback, unless it is fetched over HTTP:
// without either librdkafka waits for it for ever, and says nothing.
bool waits_for_a_token(const rd_kafka_conf_t* conf) {
  return get(conf, "sasl.mechanisms") == "OAUTHBEARER" &&
         get(conf, "sasl.oauthbearer.method") != "oidc" &&
         get(conf, "enable.sasl.oauthbearer.unsecure.jwt") != "true";
}

// What librdkafka only says when it makes a client: properties that contradict each other, files
// that are not there. Without brokers, so that it connects to nothing.
void check_together(const config::KafkaConfig& kafka, Role role, std::vector<Problem>& problems) {
  ClientEvents events("", "", false);
  auto conf = make_conf(kafka, role, {}, {});
  if (!conf.ok()) return;
  std::array<char, 512> text{};
  rd_kafka_conf_set(conf.value().get(), "bootstrap.servers", "", text.data(), text.size());
  rd_kafka_conf_set_opaque(conf.value().get(), &events);
  rd_kafka_conf_set_log_cb(conf.value().get(), nullptr);
  std::string reason;
  if (waits_for_a_token(conf.value().get())) {
    reason = "OAUTHBEARER has no way to a token: sasl.oauthbearer.method must be oidc";
  } else {
    const rd_kafka_type_t type = role == Role::kConsumer ? RD_KAFKA_CONSUMER : RD_KAFKA_PRODUCER;
    rd_kafka_t* client = rd_kafka_new(type, conf.value().get(), text.data(), text.size());
    if (client != nullptr) {
      static_cast<void>(conf.value().release());
      rd_kafka_destroy(client);
      return;
    }
    reason = text.data();
  }
  Problem problem{{}, "kafka: " + reason};
  const auto& own = role == Role::kConsumer ? kafka.consumer : kafka.producer;
  for (const auto* properties : {&kafka.common, &own}) {
    for (const KafkaProperty& property : *properties) {
      const bool named = problem.message.find(property.name.value) != std::string::npos;
      if (named || problem.place.line == 0) problem.place = property.name.place;
    }
  }
  const bool said = std::any_of(problems.begin(), problems.end(), [&](const Problem& other) {
    return other.message == problem.message;
  });
  if (!said) problems.push_back(std::move(problem));
}

}  // namespace

std::vector<Problem> check_properties(const config::KafkaConfig& kafka,
                                      std::chrono::milliseconds transaction_timeout) {
  std::vector<Problem> problems;
  for (const auto* properties : {&kafka.common, &kafka.consumer, &kafka.producer}) {
    for (const KafkaProperty& property : *properties) {
      std::string message = problem_of(property);
      if (message.empty()) message = poll_interval_problem(property, transaction_timeout);
      if (!message.empty()) problems.push_back({property.name.place, std::move(message)});
    }
  }
  if (problems.empty()) {
    check_together(kafka, Role::kConsumer, problems);
    check_together(kafka, Role::kProducer, problems);
  }
  return problems;
}

std::string bootstrap_servers(const config::KafkaConfig& kafka) {
  for (const auto* properties : {&kafka.common, &kafka.consumer, &kafka.producer}) {
    for (const KafkaProperty& property : *properties) {
      if (property.name.value == "bootstrap.servers" ||
          property.name.value == "metadata.broker.list") {
        return property.value;
      }
    }
  }
  return "(no bootstrap.servers)";
}

config::KafkaConfig plain_config(const std::string& bootstrap_servers) {
  config::KafkaConfig kafka;
  kafka.common.push_back({{"bootstrap.servers", {}}, bootstrap_servers});
  return kafka;
}

std::string library_version() {
  return rd_kafka_version_str();
}

}  // namespace millrace::kafka
