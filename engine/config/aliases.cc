// SPDX-License-Identifier: Apache-2.0
#include "engine/config/aliases.h"

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/config/utf8.h"

namespace millrace::config {
namespace {

using Path = std::vector<std::string_view>;

Place place_of(std::string_view variable) {
  return Place{"environment variable " + std::string(variable)};
}

const YamlNode* member(const YamlNode& map, std::string_view key) {
  for (const NodeMember& one : map.members) {
    if (one.key.value == key) return one.value.get();
  }
  return nullptr;
}

// Whether a file leaves a key out. Where it has something else than a map on the way there, it does
// not: that is reported when the map is read.
bool leaves_out(const YamlNode& root, const Path& path) {
  const YamlNode* node = &root;
  for (const std::string_view key : path) {
    if (node->kind != NodeKind::kMap || node->broken) return false;
    node = member(*node, key);
    if (node == nullptr) return true;
  }
  return false;
}

// A copy of a map with a value at `path`, and with the maps on the way there. `place` is theirs.
NodePointer filled(const YamlNode& map, const Path& path, size_t depth, const NodePointer& value,
                   const Place& place) {
  auto copy = std::make_shared<YamlNode>(map);
  if (depth + 1 == path.size()) {
    copy->members.push_back(NodeMember{Text{std::string(path[depth]), value->place}, value});
    return copy;
  }
  for (NodeMember& one : copy->members) {
    if (one.key.value != path[depth]) continue;
    one.value = filled(*one.value, path, depth + 1, value, place);
    return copy;
  }
  YamlNode empty;
  empty.kind = NodeKind::kMap;
  empty.place = place;
  copy->members.push_back(NodeMember{Text{std::string(path[depth]), place},
                                     filled(empty, path, depth + 1, value, place)});
  return copy;
}

// What a variable's text means in the words of the file, or nothing where it means nothing.
using Translate = std::optional<std::string> (*)(const std::string& text);

// The names that librdkafka gives to the two.
std::optional<std::string> start_of(const std::string& text) {
  if (text == "smallest" || text == "beginning") return "earliest";
  if (text == "largest" || text == "end") return "latest";
  return text;
}

// Seconds, with or without a fraction, as a duration; what is below a millisecond counts as one.
std::optional<std::string> duration_of_seconds(const std::string& text) {
  static constexpr size_t kDigitsMax = 9;
  const size_t point = std::min(text.find('.'), text.size());
  const std::string whole = text.substr(0, point);
  std::string fraction = point == text.size() ? "" : text.substr(point + 1);
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  const std::string digits = whole + fraction;
  if (digits.empty() || whole.size() > kDigitsMax ||
      !std::all_of(digits.begin(), digits.end(), is_digit)) {
    return std::nullopt;
  }
  fraction.resize(std::max<size_t>(fraction.size(), 3), '0');
  uint64_t milliseconds = 0;
  for (const char c : whole + fraction.substr(0, 3)) {
    milliseconds = milliseconds * 10 + static_cast<uint64_t>(c - '0');
  }
  if (fraction.find_first_not_of('0', 3) != std::string::npos) ++milliseconds;
  return std::to_string(milliseconds) + "ms";
}

struct Alias {
  std::string_view variable;
  std::vector<Path> paths;  // the first is filled, if the file leaves out all of them
  Translate translate = nullptr;
  std::string_view expectation = {};  // of a text that translate refuses
};

const std::vector<Alias>& aliases() {
  static const std::vector<Alias> all = {
      {"CONSUMER_KAFKA_TOPIC",
       {{"input", "topic"}, {"input", "topics"}, {"input", "topic_pattern"}}},
      {"CONSUMER_GROUP_ID", {{"input", "group"}}},
      {"CONSUMER_AUTO_OFFSET_RESET", {{"input", "start"}}, start_of},
      {"CONSUMER_MESSAGE_LIMIT", {{"input", "batch", "max_records"}}},
      {"CONSUMER_WAIT_TIME",
       {{"input", "batch", "max_wait"}},
       duration_of_seconds,
       "must hold a number of seconds, such as 0.5"},
      {"PRODUCER_KAFKA_TOPIC", {{"output", "topic"}}},
      {"PRODUCER_CLIENT_ID", {{"kafka", "producer", "client.id"}, {"kafka", "client.id"}}},
      {"LOGGER_LEVEL", {{"log", "level"}}},
  };
  return all;
}

// Fills one key at a time.
class Filling {
 public:
  Filling(NodePointer root, const std::string& file, const Environment& environment,
          Problems& problems)
      : root_(std::move(root)), file_(file), environment_(environment), problems_(problems) {}

  Filling(const Filling&) = delete;
  Filling& operator=(const Filling&) = delete;

  void fill(const Alias& alias) {
    const auto is_left_out = [this](const Path& path) { return leaves_out(*root_, path); };
    if (!std::all_of(alias.paths.begin(), alias.paths.end(), is_left_out)) return;
    const auto text = value_of(alias.variable);
    if (!text) return;
    auto meaning = alias.translate == nullptr ? text : alias.translate(*text);
    if (!meaning) {
      problems_.add(place_of(alias.variable), "it " + std::string(alias.expectation));
    }
    put(alias.paths.front(), alias.variable, std::move(meaning));
  }

  // One cluster is read and written, and the variables of both sides can name it.
  void fill_brokers() {
    static constexpr std::array<std::string_view, 4> kVariables = {
        "BOOTSTRAP_SERVERS", "KAFKA_BROKER", "CONSUMER_BOOTSTRAP_SERVER",
        "PRODUCER_BOOTSTRAP_SERVER"};
    static const Path servers_path = {"kafka", "bootstrap.servers"};
    if (!leaves_out(*root_, servers_path)) return;
    std::string_view first;
    std::optional<std::string> servers;
    for (const std::string_view variable : kVariables) {
      auto text = value_of(variable);
      if (!text) continue;
      if (!servers) {
        first = variable;
        servers = std::move(text);
      } else if (*text != *servers) {
        problems_.add(place_of(variable),
                      "it names other brokers than the environment variable " + std::string(first) +
                          ", and a pipeline reads and writes one cluster; set both alike, or write "
                          "'kafka: {bootstrap.servers: HOST:PORT}'");
      }
    }
    if (servers) put(servers_path, first, std::move(servers));
  }

  [[nodiscard]] NodePointer take() { return std::move(root_); }

 private:
  [[nodiscard]] std::optional<std::string> value_of(std::string_view variable) const {
    auto text = environment_(std::string(variable));
    if (!text || text->empty()) return std::nullopt;
    return text;
  }

  // `text` is nothing where a problem is reported already.
  void put(const Path& path, std::string_view variable, std::optional<std::string> text) {
    auto node = std::make_shared<YamlNode>();
    node->kind = NodeKind::kScalar;
    node->place = place_of(variable);
    node->from_environment = true;
    node->written = "${" + std::string(variable) + "}";
    node->broken = !text;
    node->text = std::move(text).value_or("");
    if (find_invalid_utf8(node->text)) {
      problems_.add(node->place, "it is not valid UTF-8");
      node->broken = true;
    }
    root_ = filled(*root_, path, 0, node, Place{file_, 1, 1});
  }

  NodePointer root_;
  const std::string& file_;
  const Environment& environment_;
  Problems& problems_;
};

}  // namespace

NodePointer with_aliases(NodePointer root, const std::string& file, const Environment& environment,
                         Problems& problems) {
  Filling filling(std::move(root), file, environment, problems);
  filling.fill_brokers();
  for (const Alias& alias : aliases()) filling.fill(alias);
  return filling.take();
}

}  // namespace millrace::config
