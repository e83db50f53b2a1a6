// SPDX-License-Identifier: Apache-2.0
#include "engine/config/yaml_reader.h"

#include <algorithm>

#include "engine/base/check.h"
#include "engine/base/nearest_name.h"
#include "engine/config/json_constant.h"
#include "engine/config/names.h"
#include "engine/config/quantities.h"
#include "engine/config/utf8.h"

namespace millrace::config {
namespace {

// A map with more of them is not a map of ours; each costs a search for the nearest name.
constexpr size_t kUnknownKeysMax = 100;

// How a message shows a value that is not what it should be.
std::string shown(const YamlNode& node) {
  switch (node.kind) {
    case NodeKind::kNull:
      return "nothing";
    case NodeKind::kList:
      return "a list";
    case NodeKind::kMap:
      return "a map";
    case NodeKind::kScalar:
      break;
  }
  // What came from the environment may be a secret that was put under the wrong key.
  return node.from_environment ? "what " + in_quotes(node.written) + " gives"
                               : in_quotes(node.text);
}

std::string range(const std::string& min, const std::string& max) {
  return min + " to " + max;
}

}  // namespace

Field::Field(const YamlNode* node, std::string path, Place key_place, Problems& problems)
    : node_(node), path_(std::move(path)), key_place_(std::move(key_place)), problems_(&problems) {}

void Field::expected(std::string_view expectation) const {
  if (node_->kind == NodeKind::kNull) {
    problem("has no value; it must be " + std::string(expectation));
  } else {
    problem("must be " + std::string(expectation) + ", not " + shown(*node_));
  }
}

void Field::problem(std::string_view sentence) const {
  problems_->add(node_->place, "'" + path_ + "' " + std::string(sentence));
}

const std::string* Field::scalar(std::string_view expectation) const {
  if (!present() || node_->broken) return nullptr;
  if (node_->kind != NodeKind::kScalar) {
    expected(expectation);
    return nullptr;
  }
  return &node_->text;
}

std::optional<Text> Field::text(std::string_view expectation) const {
  const std::string* const text = scalar(expectation);
  if (text == nullptr) return std::nullopt;
  if (text->empty()) {
    problem("is empty; it must be " + std::string(expectation));
    return std::nullopt;
  }
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
  if (std::any_of(text->begin(), text->end(), is_control)) {
    problem("holds a control character");
    return std::nullopt;
  }
  return Text{*text, node_->place};
}

std::optional<Text> Field::topic() const {
  static constexpr std::string_view kExpectation =
      "the name of a topic (1 to 249 letters, digits, '.', '_' and '-')";
  auto name = text(kExpectation);
  if (name && !is_topic_name(name->value)) {
    expected(kExpectation);
    return std::nullopt;
  }
  return name;
}

std::optional<Text> Field::member() const {
  const auto name = text("the name of a member of the record");
  if (!name) return std::nullopt;
  auto path = parse_field_path(name->value);
  if (!path.ok() || path.value().parts.size() != 1 || path.value().parts[0].is_index) {
    problem("must be the name of one member, not the path " + shown(*node_) +
            "; a name that holds a dot or a bracket is written [\"a.b\"]");
    return std::nullopt;
  }
  return Text{std::move(path.value().parts[0].name), node_->place};
}

std::optional<FieldPath> Field::field_path(WholeRecord whole_record) const {
  static constexpr std::string_view kExpectation = "the path of a field, such as user.city";
  const auto written = text(kExpectation);
  if (!written) return std::nullopt;
  auto path = parse_field_path(written->value);
  if (!path.ok()) {
    problem("must be " + std::string(kExpectation) + ", not " + shown(*node_) + ": " +
            path.message());
    return std::nullopt;
  }
  if (path.value().is_record() && whole_record == WholeRecord::kForbidden) {
    problem("must be " + std::string(kExpectation) + ", not '.', the record itself");
    return std::nullopt;
  }
  path.value().place = node_->place;
  return std::move(path.value());
}

std::optional<bool> Field::boolean() const {
  static constexpr std::string_view kExpectation = "true or false";
  const std::string* const text = scalar(kExpectation);
  if (text == nullptr) return std::nullopt;
  const bool is_literal = *text == "true" || *text == "false";
  if (!is_literal || (node_->quoted && !node_->from_environment)) {
    expected(kExpectation);
    return std::nullopt;
  }
  return *text == "true";
}

std::optional<Text> Field::any_text(std::string_view expectation) const {
  const std::string* const text = scalar(expectation);
  if (text == nullptr) return std::nullopt;
  return Text{*text, node_->place};
}

std::optional<std::string> Field::json() const {
  if (!present()) return std::nullopt;
  JsonConstant constant = json_constant(*node_);
  if (constant.too_deep) problem("is nested deeper than a record may be (512)");
  if (constant.too_deep || constant.broken) return std::nullopt;
  return std::move(constant.json);
}

std::optional<uint64_t> Field::count(uint64_t min, uint64_t max) const {
  const std::string expectation =
      "a whole number from " + range(std::to_string(min), std::to_string(max));
  const std::string* const text = scalar(expectation);
  if (text == nullptr) return std::nullopt;
  const auto value = parse_count(*text);
  if (value && *value >= min && *value <= max) return value;
  expected(expectation);
  return std::nullopt;
}

std::optional<std::chrono::milliseconds> Field::duration(std::chrono::milliseconds min,
                                                         std::chrono::milliseconds max) const {
  const std::string expectation = "a duration from " +
                                  range(duration_text(min), duration_text(max)) +
                                  " (a whole number and ms, s, m or h)";
  const std::string* const text = scalar(expectation);
  if (text == nullptr) return std::nullopt;
  const auto value = parse_duration(*text);
  if (value && *value >= min && *value <= max) return value;
  expected(expectation);
  return std::nullopt;
}

std::optional<uint64_t> Field::bytes(uint64_t min, uint64_t max) const {
  const std::string expectation = "a size from " + range(bytes_text(min), bytes_text(max)) +
                                  " (a whole number and KiB, MiB, GiB, KB, MB or GB)";
  const std::string* const text = scalar(expectation);
  if (text == nullptr) return std::nullopt;
  const auto value = parse_bytes(*text);
  if (value && *value >= min && *value <= max) return value;
  expected(expectation);
  return std::nullopt;
}

std::optional<MapReader> Field::map(std::string_view expectation) const {
  if (!present() || node_->broken) return std::nullopt;
  if (node_->kind != NodeKind::kMap) {
    expected(expectation);
    return std::nullopt;
  }
  return MapReader(*node_, path_, key_place_, *problems_);
}

std::vector<Field> Field::items(std::string_view expectation) const {
  if (!present() || node_->broken) return {};
  if (node_->kind != NodeKind::kList) {
    expected(expectation);
    return {};
  }
  if (node_->items.empty()) problem("is an empty list; it must be " + std::string(expectation));
  std::vector<Field> fields;
  for (const NodePointer& item : node_->items) {
    fields.emplace_back(item.get(), path_, item->place, *problems_);
  }
  return fields;
}

std::vector<Field> Field::items_or_one(std::string_view expectation) const {
  if (is(NodeKind::kScalar)) return {*this};
  return items(expectation);
}

MapReader::MapReader(const YamlNode& node, std::string path, Place place, Problems& problems)
    : node_(&node), path_(std::move(path)), place_(std::move(place)), problems_(&problems) {
  MILLRACE_CHECK(node.kind == NodeKind::kMap);
}

std::string MapReader::name() const {
  return path_.empty() ? "the top level" : "'" + path_ + "'";
}

Field MapReader::take(std::string_view key) {
  known_.push_back(key);
  std::string path = path_.empty() ? std::string(key) : path_ + "." + std::string(key);
  for (const NodeMember& member : node_->members) {
    if (member.key.value == key) {
      return Field(member.value.get(), std::move(path), member.key.place, *problems_);
    }
  }
  return Field(nullptr, std::move(path), place_, *problems_);
}

Field MapReader::require(std::string_view key, std::string_view hint) {
  Field field = take(key);
  if (!field.present()) {
    problems_->add(place_, "the key " + in_quotes(key) + " is missing in " + name() + "; " +
                               std::string(hint));
  }
  return field;
}

void MapReader::not_yet(std::initializer_list<std::string_view> keys) {
  not_yet_.insert(not_yet_.end(), keys.begin(), keys.end());
}

void MapReader::elsewhere(std::initializer_list<std::string_view> keys, std::string_view where) {
  for (const std::string_view key : keys) elsewhere_.emplace_back(key, where);
}

void MapReader::finish() const {
  const auto is_in = [](const std::vector<std::string_view>& names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  size_t unknown_keys = 0;
  for (const NodeMember& member : node_->members) {
    const std::string& key = member.key.value;
    if (is_in(known_, key)) continue;
    if (++unknown_keys > kUnknownKeysMax) {
      problems_->add(member.key.place, "more unknown keys follow in " + name());
      return;
    }
    const auto misplaced = std::find_if(elsewhere_.begin(), elsewhere_.end(),
                                        [&key](const auto& one) { return one.first == key; });
    if (misplaced != elsewhere_.end()) {
      problems_->add(member.key.place, "the key " + in_quotes(key) + " in " + name() + " stands " +
                                           std::string(misplaced->second));
    } else if (is_in(not_yet_, key)) {
      add_not_yet(*problems_, member.key.place, "the key " + in_quotes(key) + " in " + name());
    } else {
      problems_->add(member.key.place, unknown("key", key, name(), known_));
    }
  }
}

void add_not_yet(Problems& problems, const Place& place, const std::string& what) {
  problems.add(place, what + " is not supported yet");
}

std::string unknown(std::string_view what, std::string_view name, std::string_view where,
                    const std::vector<std::string_view>& known) {
  std::string message = "unknown " + std::string(what) + " " + in_quotes(name);
  if (!where.empty()) message += " in " + std::string(where);
  if (const auto nearest = base::nearest_name(name, known)) {
    message += "; did you mean '" + std::string(*nearest) + "'?";
  } else {
    message += "; known here: " + one_of(known);
  }
  return message;
}

}  // namespace millrace::config
