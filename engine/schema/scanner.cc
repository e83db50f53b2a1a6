// SPDX-License-Identifier: Apache-2.0
#include "engine/schema/scanner.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "engine/record/decimal.h"
#include "engine/record/value_text.h"
#include "engine/schema/children.h"
#include "engine/schema/formats.h"
#include "engine/schema/metaschemas.h"
#include "engine/schema/uri.h"

namespace millrace::schema {
namespace {

using record::Node;
using record::ValueKind;

constexpr std::array<std::string_view, 7> kTypeNames{"null",   "boolean", "integer", "number",
                                                     "string", "array",   "object"};

std::string shown(const Node& node) {
  std::string text;
  record::append_shown(node.value, text);
  return text;
}

bool is_string(const Node& node) noexcept {
  return node.value.kind == ValueKind::kString;
}

bool is_schema(const Node& node) noexcept {
  return node.value.kind == ValueKind::kObject || node.value.kind == ValueKind::kBoolean;
}

bool is_letter(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_anchor_name(std::string_view text) noexcept {
  if (text.empty() || !(is_letter(text.front()) || text.front() == '_')) return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return is_letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
  });
}

// Keywords that draft-07 ignores beside `$ref` to somebody's surprise.
bool asserts(const KeywordInfo& info) noexcept {
  return info.keyword != Keyword::kNone && info.vocabulary != vocabulary::kCore;
}

}  // namespace

void Scanner::scan_document(ValuePlace root, const std::string& uri) {
  Dialect dialect{.draft = library_.options_.draft,
                  .vocabularies = vocabulary::kAll,
                  .assert_formats = library_.options_.assert_formats};
  const ResourceId resource = library_.add_resource(uri, root, dialect);
  if (!uri.empty()) library_.by_uri_.insert_or_assign(uri, resource);
  scan(root, resource);
}

void Scanner::scan(ValuePlace schema, ResourceId resource) {
  const Node& value = node(schema);
  if (!is_schema(value)) {
    library_.error(schema,
                   fmt::format("A schema is an object or a boolean, not {}.", shown(value)));
    return;
  }
  if (library_.is_scanned(schema)) return;
  if (value.value.kind == ValueKind::kObject) resource = enter(schema, resource);
  library_.set_resource(schema, resource);
  if (value.value.kind == ValueKind::kObject) scan_members(schema, resource);
}

std::optional<ValuePlace> Scanner::member(ValuePlace object, std::string_view name) const {
  const Children members(document(object), node(object));
  for (auto i = members.begin(); i != members.end(); ++i) {
    if (name_of(*i) == name) return ValuePlace{object.document, i.index()};
  }
  return std::nullopt;
}

std::optional<std::string> Scanner::string_member(ValuePlace object, std::string_view name) const {
  const std::optional<ValuePlace> found = member(object, name);
  if (!found || !is_string(node(*found))) return std::nullopt;
  return string_of(node(*found));
}

// `$schema` and `$id`: the resource that a schema is of, a new one where it begins one.
ResourceId Scanner::enter(ValuePlace schema, ResourceId resource) {
  const Resource& parent = library_.resources_[resource];
  const bool is_root = parent.root.document == schema.document && parent.root.node == schema.node;
  Dialect dialect = parent.dialect;
  const std::optional<ValuePlace> said = member(schema, "$schema");
  const std::optional<std::string> id = string_member(schema, "$id");
  if (said && is_string(node(*said)) && (is_root || id)) {
    if (const std::optional<Dialect> other = dialect_of(string_of(node(*said)), *said, 0)) {
      dialect = *other;
      if (is_root) library_.resources_[resource].dialect = dialect;
    }
  }
  if (!id) return resource;
  // In draft-07 nothing counts beside `$ref`.
  if (dialect.draft == Draft::k7 && member(schema, "$ref")) return resource;
  const ValuePlace place = *member(schema, "$id");
  const SplitUri split = split_fragment(resolve_uri(parent.uri, *id));
  ResourceId own = resource;
  if (!id->starts_with('#')) {
    const auto known = library_.by_uri_.find(split.without_fragment);
    if (known != library_.by_uri_.end() && known->second && !(is_root && *known->second == own)) {
      library_.error(place, fmt::format("Two schemas have the address {}.",
                                        record::cut_text(split.without_fragment, 256)));
    }
    if (is_root) {
      library_.resources_[own].uri = split.without_fragment;
    } else {
      own = library_.add_resource(split.without_fragment, schema, dialect);
    }
    library_.by_uri_.insert_or_assign(split.without_fragment, own);
  }
  if (split.fragment.empty()) return own;
  if (dialect.draft == Draft::k7) {
    add_anchor(split.fragment, schema, own, false, place);
  } else {
    library_.error(place, "In draft 2020-12 an \"$id\" has no fragment; \"$anchor\" names places.");
  }
  return own;
}

void Scanner::add_anchor(const std::string& name, ValuePlace schema, ResourceId resource,
                         bool dynamic, ValuePlace place) {
  Resource& in = library_.resources_[resource];
  if (!in.anchors.emplace(name, schema.node).second) {
    library_.error(place,
                   fmt::format("Two schemas have the anchor '{}'.", record::cut_text(name, 256)));
    return;
  }
  if (dynamic) in.dynamic_anchors.emplace(name, schema.node);
}

void Scanner::scan_members(ValuePlace schema, ResourceId resource) {
  const Dialect dialect = library_.resources_[resource].dialect;
  const bool only_ref = dialect.draft == Draft::k7 && member(schema, "$ref").has_value();
  const Children members(document(schema), node(schema));
  for (auto i = members.begin(); i != members.end(); ++i) {
    const ValuePlace value{schema.document, i.index()};
    const std::string name = name_of(*i);
    const KeywordInfo* info = find_keyword(name, dialect.draft);
    if (info == nullptr) {
      // The prefix by which writers say that a member is theirs.
      if (name.starts_with("x-")) continue;
      library_.warn_of_name(value, describe_unknown_keyword(name, dialect.draft));
      continue;
    }
    if ((dialect.vocabularies & info->vocabulary) == 0) continue;
    if (only_ref && asserts(*info)) {
      library_.warn_of_name(value,
                            fmt::format("\"{}\" has no effect beside \"$ref\" in draft-07.", name));
    }
    if (info->keyword == Keyword::kAnchor || info->keyword == Keyword::kDynamicAnchor) {
      const bool dynamic = info->keyword == Keyword::kDynamicAnchor;
      if (is_string(*i)) add_anchor(string_of(*i), schema, resource, dynamic, value);
    }
    scan_keyword(*info, value, resource);
  }
}

bool Scanner::expect(bool holds, const KeywordInfo& info, ValuePlace value, std::string_view what) {
  if (!holds) {
    library_.error(value,
                   fmt::format("\"{}\" must be {}, not {}.", info.name, what, shown(node(value))));
  }
  return holds;
}

void Scanner::scan_keyword(const KeywordInfo& info, ValuePlace value, ResourceId resource) {
  switch (info.shape) {
    case Shape::kSchema:
      scan(value, resource);
      return;
    case Shape::kSchemas:
    case Shape::kSchemaOrArray:
    case Shape::kSchemaMap:
    case Shape::kPatternMap:
      if (check_schemas(info, value, resource)) scan_each(value, resource);
      if (info.shape == Shape::kPatternMap) scan_patterns(value);
      return;
    case Shape::kDependencies:
    case Shape::kNameMap:
      scan_dependencies(info, value, resource);
      return;
    case Shape::kFormatName:
      if (expect(is_string(node(value)), info, value, "a string")) {
        check_format(value, library_.resources_[resource].dialect);
      }
      return;
    case Shape::kUri:
      if (!expect(is_string(node(value)), info, value, "a string")) return;
      if (info.keyword == Keyword::kRef || info.keyword == Keyword::kDynamicRef) {
        library_.references_.push_back({value, resource, info.keyword == Keyword::kDynamicRef});
      }
      return;
    default:
      check_scalar(info, value);
  }
}

// Whether the schemas inside are to be scanned one by one.
bool Scanner::check_schemas(const KeywordInfo& info, ValuePlace value, ResourceId resource) {
  const ValueKind kind = node(value).value.kind;
  if (info.shape == Shape::kSchemaMap || info.shape == Shape::kPatternMap) {
    return expect(kind == ValueKind::kObject, info, value, "an object of schemas");
  }
  if (info.shape == Shape::kSchemaOrArray && kind != ValueKind::kArray) {
    scan(value, resource);
    return false;
  }
  const bool some = kind == ValueKind::kArray &&
                    Children(document(value), node(value)).begin().index() != record::kNoNode;
  return expect(some, info, value, "an array of schemas that is not empty");
}

void Scanner::scan_each(ValuePlace container, ResourceId resource) {
  const Children children(document(container), node(container));
  for (auto i = children.begin(); i != children.end(); ++i) {
    scan({container.document, i.index()}, resource);
  }
}

void Scanner::scan_dependencies(const KeywordInfo& info, ValuePlace value, ResourceId resource) {
  if (!expect(node(value).value.kind == ValueKind::kObject, info, value, "an object")) return;
  const Children children(document(value), node(value));
  for (auto i = children.begin(); i != children.end(); ++i) {
    const ValuePlace place{value.document, i.index()};
    if (info.shape == Shape::kNameMap || (*i).value.kind == ValueKind::kArray) {
      (void)check_names(info, place);
    } else {
      scan(place, resource);
    }
  }
}

void Scanner::scan_patterns(ValuePlace value) {
  if (node(value).value.kind != ValueKind::kObject) return;
  const Children children(document(value), node(value));
  for (auto i = children.begin(); i != children.end(); ++i) {
    library_.add_pattern(name_of(*i), {value.document, i.index()});
  }
}

bool Scanner::check_names(const KeywordInfo& info, ValuePlace value) {
  constexpr std::string_view kWhat = "an array of different names";
  if (!expect(node(value).value.kind == ValueKind::kArray, info, value, kWhat)) return false;
  std::set<std::string> names;
  const Children children(document(value), node(value));
  for (auto i = children.begin(); i != children.end(); ++i) {
    const ValuePlace place{value.document, i.index()};
    if (!is_string(*i)) {
      library_.error(
          place, fmt::format("A name in \"{}\" must be a string, not {}.", info.name, shown(*i)));
      return false;
    }
    if (!names.insert(string_of(*i)).second) {
      library_.error(place, fmt::format("{} stands twice in \"{}\".", shown(*i), info.name));
      return false;
    }
  }
  return true;
}

void Scanner::check_scalar(const KeywordInfo& info, ValuePlace value) {
  const Node& given = node(value);
  const ValueKind kind = given.value.kind;
  switch (info.shape) {
    case Shape::kString:
      (void)expect(kind == ValueKind::kString, info, value, "a string");
      return;
    case Shape::kBoolean:
      (void)expect(kind == ValueKind::kBoolean, info, value, "true or false");
      return;
    case Shape::kArray:
    case Shape::kValues:
      (void)expect(kind == ValueKind::kArray, info, value, "an array");
      return;
    case Shape::kNumber:
      (void)expect(kind == ValueKind::kNumber, info, value, "a number");
      return;
    case Shape::kDivisor:
      if (expect(kind == ValueKind::kNumber && record::compare_numbers(given.value.text, "0") > 0,
                 info, value, "a number above 0")) {
        (void)expect(record::is_usable_divisor(given.value.text), info, value,
                     "a number of at most 37 digits");
      }
      return;
    case Shape::kCount:
      (void)expect(kind == ValueKind::kNumber && record::is_whole_number(given.value.text) &&
                       record::compare_numbers(given.value.text, "0") >= 0,
                   info, value, "a whole number that is not negative");
      return;
    case Shape::kNames:
      (void)check_names(info, value);
      return;
    case Shape::kTypes:
      check_types(value);
      return;
    case Shape::kAnchorName:
      (void)expect(kind == ValueKind::kString && is_anchor_name(string_of(given)), info, value,
                   "a name of letters, digits, '-', '.' and '_' that begins with a letter or '_'");
      return;
    case Shape::kPatternText:
      if (expect(kind == ValueKind::kString, info, value, "a string")) {
        library_.add_pattern(string_of(given), value);
      }
      return;
    case Shape::kVocabularies:
      (void)expect(kind == ValueKind::kObject, info, value, "an object");
      return;
    default:
      return;
  }
}

void Scanner::check_types(ValuePlace value) {
  const Node& given = node(value);
  std::vector<ValuePlace> places{value};
  if (given.value.kind == ValueKind::kArray) {
    places.clear();
    const Children children(document(value), given);
    for (auto i = children.begin(); i != children.end(); ++i) {
      places.push_back({value.document, i.index()});
    }
    if (places.empty()) library_.error(value, "\"type\" must name at least one type.");
  }
  std::set<std::string> names;
  for (const ValuePlace place : places) {
    const Node& name = node(place);
    const bool known = is_string(name) && std::find(kTypeNames.begin(), kTypeNames.end(),
                                                    string_of(name)) != kTypeNames.end();
    if (!known) {
      library_.error(place, fmt::format("{} is no type; there are null, boolean, integer, number, "
                                        "string, array and object.",
                                        shown(name)));
    } else if (!names.insert(string_of(name)).second) {
      library_.error(place, fmt::format("{} stands twice in \"type\".", shown(name)));
    }
  }
}

void Scanner::check_format(ValuePlace value, const Dialect& dialect) {
  const std::string name = string_of(node(value));
  if (!dialect.assert_formats || format_named(name)) return;
  // The metaschemas say more of themselves than anybody asserts.
  if (metaschema(library_.program_.documents[value.document].uri)) return;
  if (is_specified_format(name)) {
    library_.error(value,
                   fmt::format("The format {} cannot be asserted here.", shown(node(value))));
  } else {
    library_.problem(
        value, fmt::format("The format {} is not known and not asserted.", shown(node(value))),
        true, false);
  }
}

}  // namespace millrace::schema
