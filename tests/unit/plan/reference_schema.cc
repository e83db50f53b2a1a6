// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/plan/reference_schema.h"

#include <algorithm>
#include <cstddef>
#include <stdexcept>
#include <utility>
#include <vector>

namespace millrace::plan::testing::reference {
namespace {

std::string token(std::string_view name) {
  std::string escaped;
  for (const char c : name) {
    if (c == '~') {
      escaped += "~0";
    } else if (c == '/') {
      escaped += "~1";
    } else {
      escaped += c;
    }
  }
  return "/" + escaped;
}

bool holds(const Value& schema, const Value& value) {
  return !broken_rule(schema, value);
}

bool is_of_type(const Value& value, std::string_view type) {
  switch (value.kind) {
    case Kind::kNull:
      return type == "null";
    case Kind::kBoolean:
      return type == "boolean";
    case Kind::kNumber:
      return type == "number" || (type == "integer" && !whole_number(value.text).fraction);
    case Kind::kString:
      return type == "string";
    case Kind::kArray:
      return type == "array";
    case Kind::kObject:
      return type == "object";
  }
  return false;
}

bool has_type(const Value& value, const Value& types) {
  if (types.is(Kind::kString)) return is_of_type(value, types.content);
  return std::any_of(types.elements.begin(), types.elements.end(),
                     [&](const Value& type) { return is_of_type(value, type.content); });
}

bool is_one_of(const Value& value, const Value& list) {
  return std::any_of(list.elements.begin(), list.elements.end(),
                     [&](const Value& one) { return equal(one, value); });
}

bool are_unique(const std::vector<Value>& elements) {
  for (size_t i = 0; i < elements.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      if (equal(elements[i], elements[j])) return false;
    }
  }
  return true;
}

size_t count_of(const Value& number) {
  return std::stoul(whole_number(number.text).digits);
}

// What `additionalProperties` speaks of.
std::vector<const Member*> additional_members(const Value& schema, const Value& object) {
  const Value* const properties = schema.member("properties");
  std::vector<const Member*> additional;
  for (const Member& member : object.members) {
    if (properties == nullptr || properties->member(member.name) == nullptr)
      additional.push_back(&member);
  }
  return additional;
}

bool breaks_number_rule(const std::string& keyword, const Value& says, const Value& value) {
  if (!value.is(Kind::kNumber)) return false;
  if (keyword == "minimum") return compare_numbers(value.text, says.text) < 0;
  if (keyword == "maximum") return compare_numbers(value.text, says.text) > 0;
  if (keyword == "exclusiveMinimum") return compare_numbers(value.text, says.text) <= 0;
  return keyword == "exclusiveMaximum" && compare_numbers(value.text, says.text) >= 0;
}

bool breaks_text_rule(const std::string& keyword, const Value& says, const Value& value) {
  if (!value.is(Kind::kString)) return false;
  if (keyword == "minLength") return characters(value.content) < count_of(says);
  if (keyword == "maxLength") return characters(value.content) > count_of(says);
  return keyword == "pattern" && !pattern_is_found(says.content, value.content);
}

bool breaks_array_rule(const std::string& keyword, const Value& says, const Value& value) {
  if (!value.is(Kind::kArray)) return false;
  if (keyword == "minItems") return value.elements.size() < count_of(says);
  if (keyword == "maxItems") return value.elements.size() > count_of(says);
  // That there may be none is said of the array.
  if (keyword == "items") return says.text == "false" && !value.elements.empty();
  return keyword == "uniqueItems" && says.text == "true" && !are_unique(value.elements);
}

bool breaks_combination(const std::string& keyword, const Value& says, const Value& value) {
  const auto held = std::count_if(says.elements.begin(), says.elements.end(),
                                  [&](const Value& one) { return holds(one, value); });
  if (keyword == "anyOf") return held == 0;
  if (keyword == "oneOf") return held != 1;
  return keyword == "not" && holds(says, value);
}

bool breaks_object_rule(const Value& schema, const std::string& keyword, const Value& says,
                        const Value& value) {
  if (!value.is(Kind::kObject)) return false;
  if (keyword == "minProperties") return value.members.size() < count_of(says);
  return keyword == "additionalProperties" && says.text == "false" &&
         !additional_members(schema, value).empty();
}

// Whether `type` forbids all values of this kind. What else a schema says of the kind is not heard
// then, even where it stands before `type`.
bool is_kind_forbidden(const Value& schema, const Value& value) {
  const Value* const types = schema.member("type");
  if (types == nullptr) return false;
  return !has_type(value.is(Kind::kNumber) ? scalar(Kind::kNumber, "0") : value, *types);
}

// What a keyword says of the value itself.
bool breaks(const Value& schema, const std::string& keyword, const Value& says,
            const Value& value) {
  if (keyword == "type") return !has_type(value, says);
  if (keyword == "enum") return !is_one_of(value, says);
  if (keyword == "const") return !equal(says, value);
  if (breaks_combination(keyword, says, value)) return true;
  if (is_kind_forbidden(schema, value)) return false;
  return breaks_number_rule(keyword, says, value) || breaks_text_rule(keyword, says, value) ||
         breaks_array_rule(keyword, says, value) ||
         breaks_object_rule(schema, keyword, says, value);
}

std::string missing_name(const Value& names, const Value& object) {
  if (!object.is(Kind::kObject)) return "";
  for (const Value& name : names.elements) {
    if (object.member(name.content) == nullptr) return token(name.content);
  }
  return "";
}

std::string find(const Value& schema, const Value& value, const std::string& at);
std::string find_inside(const Value& schema, const Value& value, const std::string& at);

std::string find_itself(const Value& schema, const Value& value, const std::string& at) {
  if (schema.text == "false") return at;
  for (const Member& keyword : schema.members) {
    std::string here = at + token(keyword.name);
    if (keyword.name == "required") {
      if (is_kind_forbidden(schema, value)) continue;
      const std::string name = missing_name(keyword.value, value);
      if (!name.empty()) return here + name;
    } else if (keyword.name == "allOf") {
      for (size_t i = 0; i < keyword.value.elements.size(); ++i) {
        std::string rule =
            find_itself(keyword.value.elements[i], value, here + "/" + std::to_string(i));
        if (!rule.empty()) return rule;
      }
    } else if (breaks(schema, keyword.name, keyword.value, value)) {
      return here;
    }
  }
  return "";
}

// What a keyword says of members and elements.
std::string find_inside_keyword(const Value& schema, const Member& keyword, const Value& value,
                                const std::string& here) {
  std::string rule;
  if (keyword.name == "properties") {
    for (const Member& named : keyword.value.members) {
      const Value* const member = value.member(named.name);
      if (rule.empty() && member != nullptr)
        rule = find(named.value, *member, here + token(named.name));
    }
  } else if (keyword.name == "items") {
    for (const Value& element : value.elements) {
      if (rule.empty()) rule = find(keyword.value, element, here);
    }
  } else if (keyword.name == "additionalProperties") {
    for (const Member* member : additional_members(schema, value)) {
      if (rule.empty()) rule = find(keyword.value, member->value, here);
    }
  } else if (keyword.name == "allOf") {
    for (size_t i = 0; i < keyword.value.elements.size() && rule.empty(); ++i)
      rule = find_inside(keyword.value.elements[i], value, here + "/" + std::to_string(i));
  }
  return rule;
}

std::string find_inside(const Value& schema, const Value& value, const std::string& at) {
  for (const Member& keyword : schema.members) {
    std::string rule = find_inside_keyword(schema, keyword, value, at + token(keyword.name));
    if (!rule.empty()) return rule;
  }
  return "";
}

std::string find(const Value& schema, const Value& value, const std::string& at) {
  std::string rule = find_itself(schema, value, at);
  return rule.empty() ? find_inside(schema, value, at) : rule;
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

}  // namespace

std::optional<std::string> broken_rule(const Value& schema, const Value& value) {
  // The place of the root.
  if (schema.text == "false") return "";
  std::string rule = find(schema, value, "");
  return rule.empty() ? std::nullopt : std::optional(std::move(rule));
}

bool pattern_is_found(std::string_view pattern, std::string_view text) {
  if (pattern == "^a") return text.starts_with('a');
  if (pattern == "b$") return text.ends_with('b');
  if (pattern == "[0-9]") return std::any_of(text.begin(), text.end(), is_digit);
  if (pattern == "^[0-9]+$")
    return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
  if (pattern == "^$") return text.empty();
  if (pattern == "^.{2,3}$") {
    const size_t count = characters(text);
    return count >= 2 && count <= 3 && text.find('\n') == std::string_view::npos;
  }
  throw std::logic_error("a pattern that the reference does not know: " + std::string(pattern));
}

}  // namespace millrace::plan::testing::reference
