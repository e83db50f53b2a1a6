// SPDX-License-Identifier: Apache-2.0
#include <optional>
#include <string>
#include <utility>

#include "engine/config/step_readers.h"

// The steps that change texts.
namespace millrace::config {

Step read_lowercase(const Field& field, const Context& /*context*/) {
  return TextStep{TextStep::Change::kLowercase, read_paths(field)};
}

Step read_uppercase(const Field& field, const Context& /*context*/) {
  return TextStep{TextStep::Change::kUppercase, read_paths(field)};
}

Step read_trim(const Field& field, const Context& /*context*/) {
  return TextStep{TextStep::Change::kTrim, read_paths(field)};
}

Step read_replace(const Field& field, const Context& /*context*/) {
  ReplaceStep step;
  auto map = field.map("a map with the keys 'field', 'pattern' and 'with'");
  if (!map) return step;
  set_if(step.field, map->require("field", "write the path of a text").field_path());
  set_if(step.pattern, map->require("pattern", "write a regular expression, such as '[0-9]+'")
                           .text("a regular expression"));
  const Field with = map->require("with", "write what every match becomes; '' removes it");
  if (auto text = with.any_text("a text; '' removes every match")) {
    step.with = std::move(text->value);
    step.with_place = std::move(text->place);
  }
  map->finish();
  return step;
}

}  // namespace millrace::config
