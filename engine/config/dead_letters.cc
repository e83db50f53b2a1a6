// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/config/sections.h"

namespace millrace::config {
namespace {

constexpr size_t kFieldsMax = 1000;

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
  map->not_yet({"stop_above", "key", "mask", "reason_text"});
  set_if(dead_letters.topic,
         map->require("topic", "write the topic that rejected records go to").topic());
  read_format(map->take("format"), dead_letters);
  map->finish();
  return dead_letters;
}

}  // namespace millrace::config
