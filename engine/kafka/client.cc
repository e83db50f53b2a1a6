// SPDX-License-Identifier: Apache-2.0
#include "engine/kafka/client.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "engine/kafka/admin.h"
#include "engine/kafka/client_conf.h"
#include "engine/kafka/idle_poll.h"

namespace millrace::kafka {
namespace {

ClientEvents& events_of(const rd_kafka_t* client) {
  return *static_cast<ClientEvents*>(rd_kafka_opaque(client));
}

void on_error(rd_kafka_t* client, int code, const char* reason, void* /*opaque*/) noexcept {
  events_of(client).on_error(code, reason);
}

void on_log(const rd_kafka_t* client, int level, const char* facility, const char* text) noexcept {
  // While a client is being made its lines come without one.
  if (client != nullptr) events_of(client).on_log(level, facility, text);
}

int on_statistics(rd_kafka_t* client, char* json, size_t size, void* /*opaque*/) noexcept {
  events_of(client).on_statistics({json, size});
  return 0;  // the text stays librdkafka's
}

// Never the value, and never librdkafka's own text, which repeats it: it may be a secret.
base::Error refused_property(const char* name, rd_kafka_conf_res_t result) {
  if (result == RD_KAFKA_CONF_UNKNOWN) {
    return {fmt::format("librdkafka {} does not know the property {}", library_version(), name)};
  }
  return {fmt::format("librdkafka {} does not accept the value of {}", library_version(), name)};
}

base::Status set(rd_kafka_conf_t* conf, const char* name, const char* value) {
  std::array<char, 512> text{};
  const rd_kafka_conf_res_t result = rd_kafka_conf_set(conf, name, value, text.data(), text.size());
  if (result == RD_KAFKA_CONF_OK) return {};
  return refused_property(name, result);
}

base::Status set_all(rd_kafka_conf_t* conf, std::span<const Setting> settings) {
  for (const Setting& setting : settings) {
    base::Status status = set(conf, setting.name, setting.value.c_str());
    if (!status.ok() && !setting.optional) return status;
  }
  return {};
}

base::Status set_all(rd_kafka_conf_t* conf, const std::vector<config::KafkaProperty>& properties) {
  for (const config::KafkaProperty& property : properties) {
    base::Status status = set(conf, property.name.value.c_str(), property.value.c_str());
    if (!status.ok()) return status;
  }
  return {};
}

const std::vector<config::KafkaProperty>& own_properties(const config::KafkaConfig& kafka,
                                                         Role role) {
  return role == Role::kConsumer ? kafka.consumer : kafka.producer;
}

// Defaults of every client of ours, which the user may override.
std::vector<Setting> shared_defaults() {
  return {
      {"client.id", "millrace"},
      // Nagle's algorithm holds back small requests, commits for example.
      {"socket.nagle.disable", "true", true},
      // Nobody asked to send metrics to the broker; 2.5.0 to 2.5.2 could even stop on it.
      {"enable.metrics.push", "false", true},
      // Two seconds at most between attempts while a broker restarts, not ten.
      {"reconnect.backoff.max.ms", "2000"},
  };
}

}  // namespace

Role role_of(Side side) {
  return side == Side::kInput ? Role::kConsumer : Role::kProducer;
}

base::Result<rd::Conf> make_conf(const config::KafkaConfig& kafka, Role role,
                                 std::span<const Setting> defaults, std::span<const Setting> fixed,
                                 Statistics statistics) {
  rd::Conf conf(rd_kafka_conf_new());
  base::Status status = set_all(conf.get(), shared_defaults());
  if (status.ok()) status = set_all(conf.get(), defaults);
  if (status.ok()) status = set_all(conf.get(), kafka.common);
  if (status.ok()) status = set_all(conf.get(), own_properties(kafka, role));
  if (status.ok()) status = set_all(conf.get(), fixed);
  if (status.ok() && statistics == Statistics::kOff)
    status = set(conf.get(), "statistics.interval.ms", "0");
  if (!status.ok()) return base::Error{status.message()};
  return conf;
}

std::string get(const rd_kafka_conf_t* conf, const char* name) {
  std::array<char, 1024> value{};
  size_t size = value.size();
  if (rd_kafka_conf_get(conf, name, value.data(), &size) != RD_KAFKA_CONF_OK) return {};
  return value.data();
}

bool uses_sasl(const config::KafkaConfig& kafka, Role role) {
  auto conf = make_conf(kafka, role, {}, {});
  return conf.ok() && get(conf.value().get(), "security.protocol").starts_with("sasl");
}

base::Result<rd::Handle> make_client(rd::Conf conf, Role role, ClientEvents& events,
                                     bool error_callback) {
  if (get(conf.get(), "bootstrap.servers").empty()) {
    return base::Error{"kafka: bootstrap.servers is missing"};
  }
  rd_kafka_conf_set_opaque(conf.get(), &events);
  rd_kafka_conf_set_log_cb(conf.get(), on_log);
  // Called for clients that are polled; who serves a queue of events gets an event instead.
  rd_kafka_conf_set_stats_cb(conf.get(), on_statistics);
  if (error_callback) rd_kafka_conf_set_error_cb(conf.get(), on_error);
  rest_when_idle(conf.get());
  std::array<char, 512> text{};
  const rd_kafka_type_t type = role == Role::kConsumer ? RD_KAFKA_CONSUMER : RD_KAFKA_PRODUCER;
  rd_kafka_t* client = rd_kafka_new(type, conf.get(), text.data(), text.size());
  if (client == nullptr) {
    return base::Error{fmt::format("librdkafka refuses the kafka properties: {}", text.data())};
  }
  static_cast<void>(conf.release());  // rd_kafka_new took it over
  return rd::Handle(client);
}

rd::AdminOptions request_options(rd_kafka_t* client, rd_kafka_admin_op_t operation,
                                 std::chrono::milliseconds timeout) {
  rd::AdminOptions options(rd_kafka_AdminOptions_new(client, operation));
  std::array<char, 256> text{};
  rd_kafka_AdminOptions_set_request_timeout(options.get(), std::max(1, rd::to_ms(timeout)),
                                            text.data(), text.size());
  return options;
}

}  // namespace millrace::kafka
