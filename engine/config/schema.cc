// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/config/nearest_name.h"
#include "engine/config/read_file.h"
#include "engine/config/sections.h"
#include "engine/config/yaml_parser.h"

namespace millrace::config {
namespace {

constexpr std::string_view kDraft = "https://json-schema.org/draft/2020-12/schema";
constexpr std::array<std::string_view, 5> kAnnotations = {"$schema", "$id", "title", "description",
                                                          "$comment"};

bool is_annotation(std::string_view keyword) {
  return std::find(kAnnotations.begin(), kAnnotations.end(), keyword) != kAnnotations.end();
}

Field member_of(const Field& map, const NodeMember& member, const Context& context) {
  return {member.value.get(), map.path() + "." + member.key.value, member.key.place,
          context.problems};
}

void add_keyword_not_yet(const Text& keyword, const Context& context) {
  std::string what = "the schema keyword " + in_quotes(keyword.value) + " is not supported yet";
  const std::vector<std::string_view> known = {"type",  "required",    "properties",
                                               "title", "description", "$comment"};
  if (const auto nearest = nearest_name(keyword.value, known)) {
    what += "; did you mean '" + std::string(*nearest) + "'?";
  }
  context.problems.add(keyword.place, std::move(what));
}

// Annotations say nothing about a record, but one of the wrong type is a slip.
void check_annotation(const Field& field) {
  const auto text = field.text("a text");
  if (!text || !field.path().ends_with(".$schema")) return;
  if (text->value != kDraft && text->value != std::string(kDraft) + "#") {
    field.problem("names another draft than 2020-12 (" + std::string(kDraft) +
                  "); that is not supported yet");
  }
}

std::optional<JsonType> read_type(const Field& field) {
  return field.choice<JsonType>({{"string", JsonType::kString},
                                 {"integer", JsonType::kInteger},
                                 {"number", JsonType::kNumber},
                                 {"boolean", JsonType::kBoolean},
                                 {"null", JsonType::kNull},
                                 {"object", JsonType::kObject},
                                 {"array", JsonType::kArray}});
}

// YAML reads a bare `null` as no value; as the name of a type it is meant as the text.
std::optional<JsonType> read_type_or_null(const Field& field) {
  if (field.is(NodeKind::kNull)) {
    field.problem("has no value; a type is a text, and the type null is written 'null', in quotes");
    return std::nullopt;
  }
  return read_type(field);
}

std::vector<JsonType> read_types(const Field& field) {
  std::vector<JsonType> types;
  if (!field.is(NodeKind::kList)) {
    if (const auto type = read_type_or_null(field)) types.push_back(*type);
    return types;
  }
  for (const Field& item : field.items("a type or a list of types")) {
    const auto type = read_type_or_null(item);
    if (!type) continue;
    if (std::find(types.begin(), types.end(), *type) != types.end()) {
      item.problem("names the type " + in_quotes(item.node().text) + " twice");
    }
    types.push_back(*type);
  }
  return types;
}

SchemaConfig::Property read_property(const Field& field, const Text& name, const Context& context) {
  SchemaConfig::Property property{name, {}};
  if (field.is(NodeKind::kScalar) &&
      (field.node().text == "true" || field.node().text == "false") && !field.node().quoted) {
    add_not_yet(context.problems, field.node().place,
                "'" + field.path() + "': " + field.node().text + " as schema");
    return property;
  }
  if (!field.map("a schema, such as {type: string}")) return property;
  for (const NodeMember& member : field.node().members) {
    const Field value = member_of(field, member, context);
    if (member.key.value == "type") {
      property.types = read_types(value);
    } else if (is_annotation(member.key.value) && !member.key.value.starts_with("$schema")) {
      check_annotation(value);
    } else {
      add_keyword_not_yet(member.key, context);
    }
  }
  return property;
}

std::vector<Text> read_required(const Field& field) {
  std::vector<Text> required;
  if (field.is(NodeKind::kList) && field.node().items.empty()) return required;
  std::set<std::string> seen;
  for (const Field& item : field.items("a list of member names")) {
    auto name = item.text("the name of a member");
    if (!name) continue;
    if (!seen.insert(name->value).second) {
      item.problem("names " + in_quotes(name->value) + " twice");
      continue;
    }
    required.push_back(std::move(*name));
  }
  return required;
}

void check_root_type(const Field& field) {
  const auto type = field.text("object");
  if (type && type->value != "object") field.expected("object (a record is a JSON object)");
}

SchemaConfig read_root(const Field& field, const Context& context) {
  SchemaConfig schema;
  if (!field.map("a JSON Schema")) return schema;
  for (const NodeMember& member : field.node().members) {
    const Field value = member_of(field, member, context);
    const std::string& keyword = member.key.value;
    if (keyword == "type") {
      check_root_type(value);
    } else if (keyword == "required") {
      schema.required = read_required(value);
    } else if (keyword == "properties") {
      if (!value.map("a map of names and schemas")) continue;
      for (const NodeMember& property : value.node().members) {
        schema.properties.push_back(
            read_property(member_of(value, property, context), property.key, context));
      }
    } else if (is_annotation(keyword)) {
      check_annotation(value);
    } else {
      add_keyword_not_yet(member.key, context);
    }
  }
  return schema;
}

// A schema in a file of its own. ${…} stands for itself there: other programs read the file too.
std::optional<SchemaConfig> read_schema_file(const Field& field, const Context& context) {
  const auto path = field.text("a JSON Schema, or the path of a file that holds one");
  if (!path) return std::nullopt;
  const std::string full = relative_to_file(path->value, context.file);
  const auto contents = read_file(full, kFileBytesMax);
  if (!contents.ok()) {
    field.problem("names the file " + in_quotes(full) + ": " + contents.message());
    return std::nullopt;
  }
  const NodePointer root = parse_yaml(contents.value(), full, nullptr, context.problems);
  if (!root) return std::nullopt;
  return read_root(Field(root.get(), "schema", root->place, context.problems), context);
}

}  // namespace

std::optional<SchemaConfig> read_schema(const Field& field, const Context& context) {
  if (!field.present() || field.node().broken) return std::nullopt;
  if (field.node().kind == NodeKind::kScalar) return read_schema_file(field, context);
  return read_root(field, context);
}

}  // namespace millrace::config
