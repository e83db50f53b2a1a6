// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/config/quantities.h"
#include "engine/config/sections.h"

namespace millrace::config {
namespace {

constexpr size_t kFieldsMax = 1000;
constexpr uint64_t kAttemptsMax = 1000;

bool contains(const std::vector<Text>& names, const std::string& name) {
  return std::any_of(names.begin(), names.end(),
                     [&name](const Text& one) { return one.value == name; });
}

void read_fields(const Field& field, DeadLettersConfig& dead_letters) {
  const std::vector<Field> items = field.items("a list of the record's members");
  if (items.size() > kFieldsMax) {
    field.problem("has more than 1,000 members");
    return;
  }
  for (const Field& item : items) {
    auto name = item.member();
    if (!name) continue;
    if (contains(dead_letters.fields, name->value)) {
      item.problem("names " + in_quotes(name->value) + " twice");
      continue;
    }
    dead_letters.fields.push_back(std::move(*name));
  }
}

void read_format(const Field& field, DeadLettersConfig& dead_letters) {
  static constexpr std::string_view kExpectation =
      "raw, envelope, or a map such as {fields: [user_id], error: error}";
  if (!field.is(NodeKind::kMap)) {
    const auto word = field.text(kExpectation);
    if (!word || word->value == "raw") return;
    if (word->value != "envelope") return field.expected(kExpectation);
    dead_letters.format = DeadLetterFormat::kEnvelope;
    return;
  }
  auto map = field.map(kExpectation);
  if (!map) return;
  dead_letters.format = DeadLetterFormat::kFields;
  dead_letters.error = "error";
  read_fields(map->require("fields", "name the members that a dead letter shows"), dead_letters);
  const Field error = map->take("error");
  if (auto name = error.member()) dead_letters.error = std::move(name->value);
  map->finish();
  if (!contains(dead_letters.fields, dead_letters.error)) return;
  const std::string shown = in_quotes(dead_letters.error);
  if (error.present()) {
    error.problem("is " + shown + ", which is one of the fields too");
  } else {
    field.problem("shows the field " + shown +
                  ", and the reason stands in a member of that name; "
                  "give it another one: {fields: […], error: NAME}");
  }
}

std::optional<StopAbove> read_stop_above(const Field& field) {
  static constexpr uint64_t kOverMax = 1'000'000;
  static constexpr std::string_view kShare = "a percentage above 0% and below 100%, such as 50%";
  static constexpr std::string_view kOver =
      "a number of records from 1 to 1000000, such as 10000 records";
  auto map = field.map();
  if (!map) return std::nullopt;
  StopAbove stop_above;
  const Field share = map->require("share", "write the share of dead letters, such as 50%");
  if (const auto text = share.text(kShare)) {
    const auto value = parse_percentage(text->value);
    if (value && *value > 0 && *value < 1) {
      stop_above.share = *value;
    } else {
      share.expected(kShare);
    }
  }
  const Field over = map->take("over");
  if (const auto text = over.text(kOver)) {
    auto records = parse_records(text->value);
    if (!records) records = parse_count(text->value);
    if (records && *records >= 1 && *records <= kOverMax) {
      stop_above.over = *records;
    } else {
      over.expected(kOver);
    }
  }
  map->finish();
  return stop_above;
}

}  // namespace

DeadLettersConfig read_dead_letters(const Field& field) {
  static constexpr std::string_view kExpectation =
      "'discard' (rejected records are counted, and gone) or a map with the key 'topic'";
  DeadLettersConfig dead_letters;
  if (field.is(NodeKind::kScalar)) {
    const auto word = field.text(kExpectation);
    dead_letters.discard = word && word->value == "discard";
    if (word && !dead_letters.discard) field.expected(kExpectation);
    return dead_letters;
  }
  auto map = field.map(kExpectation);
  if (!map) return dead_letters;
  map->not_yet({"key", "mask", "reason_text"});
  set_if(dead_letters.topic,
         map->require("topic", "write the topic that rejected records go to").topic());
  read_format(map->take("format"), dead_letters);
  dead_letters.stop_above = read_stop_above(map->take("stop_above"));
  set_if(dead_letters.max_attempts, map->take("max_attempts").count(1, kAttemptsMax));
  set_if(dead_letters.parking_topic, map->take("parking_topic").topic());
  set_if(dead_letters.progress_topic, map->take("progress_topic").topic());
  map->finish();
  return dead_letters;
}

}  // namespace millrace::config
