// SPDX-License-Identifier: Apache-2.0
#include "engine/kafka/client_statistics.h"

#include <algorithm>
#include <charconv>

#include "engine/record/document.h"
#include "engine/record/names.h"

namespace millrace::kafka {
namespace {

using record::NodeIndex;
using record::ValueKind;

constexpr double kMicrosecond = 1e-6;
constexpr double kMillisecond = 1e-3;

// Its statistics, by name. Names of brokers, topics and partitions are nobody's members here.
class Statistics {
 public:
  // False where it is no JSON.
  [[nodiscard]] bool parse(std::string_view json) {
    return document_.parse(json) == record::ParseError::kNone;
  }

  [[nodiscard]] NodeIndex root() const { return document_.root(); }

  [[nodiscard]] NodeIndex member(NodeIndex of, std::string_view name) const {
    if (of == record::kNoNode) return of;
    for (NodeIndex child = document_.first_child(of); child != record::kNoNode;
         child = document_.next_child(child)) {
      const std::string_view quoted = document_.node(child).name_text;
      if (quoted.size() == name.size() + 2 && quoted.substr(1, name.size()) == name) return child;
    }
    return record::kNoNode;
  }

  // 0 where it is not there, or below that.
  [[nodiscard]] uint64_t number(NodeIndex of, std::string_view name) const {
    return static_cast<uint64_t>(std::max(int64_t{0}, whole(of, name).value_or(0)));
  }

  [[nodiscard]] std::optional<int64_t> whole(NodeIndex of, std::string_view name) const {
    const NodeIndex node = member(of, name);
    if (node == record::kNoNode) return std::nullopt;
    const std::string_view text = document_.node(node).value.text;
    int64_t value = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    return read.ec == std::errc{} ? std::optional(value) : std::nullopt;
  }

  [[nodiscard]] bool is(NodeIndex of, std::string_view name, std::string_view text) const {
    const NodeIndex node = member(of, name);
    if (node == record::kNoNode) return false;
    const record::JsonValue& value = document_.node(node).value;
    return value.kind == ValueKind::kString && !value.escaped && value.plain() == text;
  }

  template <typename Each>
  void for_each(NodeIndex of, const Each& each) const {
    if (of == record::kNoNode) return;
    for (NodeIndex child = document_.first_child(of); child != record::kNoNode;
         child = document_.next_child(child)) {
      each(child);
    }
  }

 private:
  record::NameTable names_;
  record::Document document_{names_, {.reject_duplicates = false, .objects_only = true}};
};

void take_broker(const Statistics& statistics, NodeIndex broker, ClientStatistics& to) {
  // Its connection to the group's coordinator is one to a broker that is there too; what only
  // bootstraps has no number.
  const bool logical = statistics.is(broker, "source", "logical");
  if (!logical && statistics.whole(broker, "nodeid").value_or(-1) >= 0) {
    ++to.brokers;
    if (statistics.is(broker, "state", "UP")) ++to.brokers_up;
  }
  to.request_timeouts += statistics.number(broker, "req_timeouts");
  to.request_errors += statistics.number(broker, "txerrs") + statistics.number(broker, "rxerrs");
  const auto mean = [&](std::string_view window) {
    return static_cast<double>(statistics.number(statistics.member(broker, window), "avg"));
  };
  to.round_trip_seconds = std::max(to.round_trip_seconds, mean("rtt") * kMicrosecond);
  to.throttle_seconds = std::max(to.throttle_seconds, mean("throttle") * kMillisecond);
}

}  // namespace

std::optional<ClientStatistics> read_statistics(std::string_view json) {
  Statistics statistics;
  if (!statistics.parse(json)) return std::nullopt;
  const NodeIndex root = statistics.root();
  ClientStatistics read;
  read.sent_bytes = statistics.number(root, "tx_bytes");
  read.received_bytes = statistics.number(root, "rx_bytes");
  read.requests = statistics.number(root, "tx");
  statistics.for_each(statistics.member(root, "brokers"),
                      [&](NodeIndex broker) { take_broker(statistics, broker, read); });
  if (!statistics.is(root, "type", "consumer")) {
    read.queued_messages = statistics.number(root, "msg_cnt");
    read.queued_bytes = statistics.number(root, "msg_size");
    return read;
  }
  statistics.for_each(statistics.member(root, "topics"), [&](NodeIndex topic) {
    statistics.for_each(statistics.member(topic, "partitions"), [&](NodeIndex partition) {
      read.queued_messages += statistics.number(partition, "fetchq_cnt");
      read.queued_bytes += statistics.number(partition, "fetchq_size");
    });
  });
  return read;
}

}  // namespace millrace::kafka
