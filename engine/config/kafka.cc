// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/config/kafka_refused.h"
#include "engine/config/secret.h"
#include "engine/config/sections.h"

namespace millrace::config {
namespace {

constexpr std::string_view kServers = "bootstrap.servers";
constexpr std::string_view kValue = "a text, a number, true, false, or {file: PATH}";

// No message of this file shows a value: it may be a secret.

std::optional<std::string> read_value(const Field& field, const Context& context) {
  auto value = read_secret(field, kValue, context);
  // librdkafka takes C strings.
  if (value && value->find('\0') != std::string::npos) {
    field.problem("holds a NUL character");
    return std::nullopt;
  }
  return value;
}

bool is_property_name(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  });
}

// The properties of one map. `path` is where they stand, `nested` below the common ones.
std::vector<KafkaProperty> read_properties(const YamlNode& map, const std::string& path,
                                           bool nested, const Context& context) {
  std::vector<KafkaProperty> properties;
  for (const auto& [name, value] : map.members) {
    const Field field(value.get(), path + "." + name.value, name.place, context.problems);
    if (!nested && (name.value == "consumer" || name.value == "producer")) continue;
    if (!is_property_name(name.value)) {
      context.problems.add(name.place,
                           in_quotes(name.value) + " is not the name of a Kafka property");
    } else if (const auto reason = why_refused(name.value)) {
      context.problems.add(name.place,
                           "'" + field.path() + "' cannot be set: " + std::string(*reason));
    } else if (nested && name.value == kServers) {
      context.problems.add(name.place, "'" + field.path() +
                                           "' cannot be set: consumer and producer use the same "
                                           "brokers; write it directly under 'kafka'");
    } else if (auto text = read_value(field, context)) {
      if (name.value == kServers && text->empty()) {
        field.problem("is empty; write HOST:PORT, or several with commas between them");
      }
      properties.push_back(KafkaProperty{name, std::move(*text)});
    }
  }
  return properties;
}

std::vector<KafkaProperty> read_nested(const Field& field, const Context& context) {
  if (!field.map("a map of Kafka properties")) return {};
  return read_properties(field.node(), field.path(), true, context);
}

// Whether the file names brokers, well or not.
bool has_servers(const Field& field) {
  if (!field.is(NodeKind::kMap)) return false;
  const auto& members = field.node().members;
  return std::any_of(members.begin(), members.end(),
                     [](const NodeMember& member) { return member.key.value == kServers; });
}

}  // namespace

KafkaConfig read_kafka(const Field& field, const Context& context) {
  KafkaConfig kafka;
  if (auto map = field.map("a map of Kafka properties")) {
    kafka.common = read_properties(field.node(), "kafka", false, context);
    kafka.consumer = read_nested(map->take("consumer"), context);
    kafka.producer = read_nested(map->take("producer"), context);
  } else if (field.present()) {
    return kafka;
  }
  if (!has_servers(field)) {
    context.problems.add(field.key_place(),
                         "no brokers are given; write 'kafka: {bootstrap.servers: HOST:PORT}', or "
                         "set the environment variable BOOTSTRAP_SERVERS");
  }
  return kafka;
}

}  // namespace millrace::config
