// SPDX-License-Identifier: Apache-2.0
#include "engine/plan/schema.h"

#include <fmt/format.h>

#include "engine/plan/value_text.h"

namespace millrace::plan {
namespace {

const char* name_of(config::JsonType type) {
  switch (type) {
    case config::JsonType::kString:
      return "string";
    case config::JsonType::kInteger:
      return "integer";
    case config::JsonType::kNumber:
      return "number";
    case config::JsonType::kBoolean:
      return "boolean";
    case config::JsonType::kNull:
      return "null";
    case config::JsonType::kObject:
      return "object";
    case config::JsonType::kArray:
      return "array";
  }
  return "";
}

uint32_t bit(config::JsonType type) {
  return uint32_t{1} << static_cast<unsigned>(type);
}

bool has_type(const record::JsonValue& value, uint32_t allowed) {
  switch (value.kind) {
    case record::ValueKind::kString:
      return (allowed & bit(config::JsonType::kString)) != 0;
    case record::ValueKind::kNumber:
      if ((allowed & bit(config::JsonType::kNumber)) != 0) return true;
      return (allowed & bit(config::JsonType::kInteger)) != 0 && record::is_integral(value.text);
    case record::ValueKind::kBoolean:
      return (allowed & bit(config::JsonType::kBoolean)) != 0;
    case record::ValueKind::kNull:
      return (allowed & bit(config::JsonType::kNull)) != 0;
    case record::ValueKind::kObject:
      return (allowed & bit(config::JsonType::kObject)) != 0;
    case record::ValueKind::kArray:
      return (allowed & bit(config::JsonType::kArray)) != 0;
  }
  return false;
}

RuleId add_rule(std::string id, std::vector<std::string>& rules) {
  rules.push_back(std::move(id));
  return RuleId{static_cast<uint32_t>(rules.size() - 1)};
}

std::string pointer_token(const std::string& name) {
  std::string token;
  append_pointer_token(name, token);
  return token;
}

}  // namespace

Schema::Schema(const config::SchemaConfig& schema, FieldNames& names,
               std::vector<std::string>& rules) {
  for (const config::Text& name : schema.required) {
    required_.push_back({names.intern(name.value),
                         add_rule("schema:/required/" + pointer_token(name.value), rules),
                         name.value});
  }
  for (const config::SchemaConfig::Property& property : schema.properties) {
    if (property.types.empty()) continue;
    Typed typed;
    typed.field = names.intern(property.name.value);
    typed.rule =
        add_rule("schema:/properties/" + pointer_token(property.name.value) + "/type", rules);
    for (const config::JsonType type : property.types) {
      typed.allowed |= bit(type);
      if (!typed.allowed_text.empty()) typed.allowed_text += ", ";
      typed.allowed_text += fmt::format("'{}'", name_of(type));
    }
    typed_.push_back(std::move(typed));
  }
}

Verdict Schema::check(const Fields& fields, StepContext& context) const noexcept {
  for (const Required& required : required_) {
    if (fields.input(required.field) == nullptr) [[unlikely]] {
      context.reason_text = fmt::format("'{}' is a required property", required.name);
      return context.reject(required.rule);
    }
  }
  for (const Typed& typed : typed_) {
    const record::JsonValue* value = fields.input(typed.field);
    if (value != nullptr && !has_type(*value, typed.allowed)) [[unlikely]] {
      append_shown(*value, context.reason_text);
      context.reason_text += " is not of type ";
      context.reason_text += typed.allowed_text;
      return context.reject(typed.rule);
    }
  }
  return Verdict::kContinue;
}

}  // namespace millrace::plan
