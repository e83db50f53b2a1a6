// SPDX-License-Identifier: Apache-2.0
#include "engine/schema/library.h"

#include <algorithm>
#include <limits>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include "engine/base/check.h"
#include "engine/record/value_text.h"
#include "engine/schema/children.h"
#include "engine/schema/metaschemas.h"
#include "engine/schema/scanner.h"
#include "engine/schema/uri.h"

namespace millrace::schema {
namespace {

using record::Document;
using record::Node;
using record::NodeIndex;
using record::ValueKind;

constexpr ResourceId kNoResource = std::numeric_limits<ResourceId>::max();
// Documents that one schema may be made of.
constexpr size_t kDocumentsMax = 1000;
// Longer texts of an address are cut in messages.
constexpr size_t kShownBytesMax = 256;

std::pair<uint32_t, NodeIndex> key(ValuePlace place) {
  return {place.document, place.node};
}

std::string shown(std::string_view text) {
  return std::string(record::cut_text(text, kShownBytesMax));
}

// A token of a JSON Pointer without its escapes.
std::string unescaped_token(std::string_view token) {
  std::string text;
  for (size_t i = 0; i < token.size(); ++i) {
    const bool escape = token[i] == '~' && i + 1 < token.size();
    if (escape && (token[i + 1] == '0' || token[i + 1] == '1')) {
      text += token[++i] == '0' ? '~' : '/';
    } else {
      text += token[i];
    }
  }
  return text;
}

}  // namespace

std::string name_of(const Node& member) {
  std::string name;
  record::append_unescaped(member.name_text, name);
  return name;
}

std::string string_of(const Node& string) {
  std::string text;
  record::append_unescaped(string.value.text, text);
  return text;
}

Library::Library(Program& program, const Options& options, std::vector<Problem>& problems)
    : program_(program), options_(options), problems_(problems) {}

std::optional<ValuePlace> Library::add_root(std::string_view json, const std::string& uri) {
  return add_document(std::string(json), split_fragment(uri).without_fragment);
}

std::optional<ValuePlace> Library::add_document(std::string text, const std::string& uri) {
  const auto number = static_cast<uint32_t>(program_.documents.size());
  SourceDocument& source = program_.documents.emplace_back();
  resource_of_node_.emplace_back();
  source.uri = uri;
  source.text = std::move(text);
  source.document =
      std::make_unique<Document>(program_.no_names, Document::Options{.objects_only = false});
  const record::ParseError parse_error = source.document->parse(source.text);
  if (parse_error != record::ParseError::kNone) {
    problems_.push_back(
        {.uri = uri,
         .pointer = {},
         .offset = 0,
         .message = fmt::format("The schema cannot be read. {}", record::describe(parse_error)),
         .warning = false});
    return std::nullopt;
  }
  const ValuePlace root{number, source.document->root()};
  Scanner(*this).scan_document(root, uri);
  return root;
}

ResourceId Library::add_resource(std::string uri, ValuePlace root, Dialect dialect) {
  const auto id = static_cast<ResourceId>(resources_.size());
  resources_.push_back({std::move(uri), dialect, {}, {}, root});
  return id;
}

void Library::set_resource(ValuePlace schema, ResourceId resource) {
  std::vector<ResourceId>& of_node = resource_of_node_[schema.document];
  const auto index = static_cast<size_t>(schema.node);
  if (of_node.size() <= index) of_node.resize(index + 1, kNoResource);
  of_node[index] = resource;
}

bool Library::is_scanned(ValuePlace schema) const {
  const std::vector<ResourceId>& of_node = resource_of_node_[schema.document];
  const auto index = static_cast<size_t>(schema.node);
  return index < of_node.size() && of_node[index] != kNoResource;
}

ResourceId Library::resource_at(ValuePlace schema) const {
  MILLRACE_CHECK(is_scanned(schema));
  return resource_of_node_[schema.document][static_cast<size_t>(schema.node)];
}

const Target& Library::target(ValuePlace reference) const {
  return targets_.at(key(reference));
}

void Library::problem(ValuePlace place, std::string message, bool warning, bool of_name) {
  const SourceDocument& source = program_.documents[place.document];
  const Node& node = source.document->node(place.node);
  const std::string_view text = of_name ? node.name_text : node.value.text;
  Problem& problem = problems_.emplace_back();
  problem.uri = source.uri;
  source.document->append_pointer(place.node, problem.pointer);
  problem.offset = static_cast<size_t>(text.data() - source.text.data());
  problem.message = std::move(message);
  problem.warning = warning;
}

void Library::error(ValuePlace place, std::string message) {
  problem(place, std::move(message), false, false);
}

void Library::warn_of_name(ValuePlace member, std::string message) {
  problem(member, std::move(message), true, true);
}

void Library::add_pattern(const std::string& text, ValuePlace place) {
  if (patterns_.contains(text)) return;
  base::Result<std::unique_ptr<const EcmaPattern>> pattern = EcmaPattern::compile(text);
  patterns_.emplace(text, static_cast<uint32_t>(program_.patterns.size()));
  if (!pattern.ok()) {
    // Of a pattern that stands in several places, the first one is named.
    program_.patterns.push_back(nullptr);
    error(place,
          fmt::format("The pattern '{}' cannot be used: {}", shown(text), pattern.message()));
    return;
  }
  program_.patterns.push_back(std::move(pattern.value()));
}

std::optional<std::string> Library::text_at(const std::string& uri) const {
  if (const std::optional<std::string_view> built_in = metaschema(uri)) {
    return std::string(*built_in);
  }
  if (!options_.fetch || !is_absolute_uri(uri)) return std::nullopt;
  return options_.fetch(uri);
}

std::optional<ResourceId> Library::find_resource(const std::string& uri) {
  if (const auto found = by_uri_.find(uri); found != by_uri_.end()) return found->second;
  std::optional<ResourceId> resource;
  if (program_.documents.size() < kDocumentsMax) {
    if (std::optional<std::string> text = text_at(uri)) {
      const std::optional<ValuePlace> root = add_document(std::move(*text), uri);
      if (root && is_scanned(*root)) resource = resource_at(*root);
    }
  }
  by_uri_.insert_or_assign(uri, resource);
  return resource;
}

void Library::resolve_all() {
  while (!references_.empty()) {
    const Reference reference = references_.front();
    references_.pop_front();
    resolve(reference);
  }
}

void Library::resolve(const Reference& reference) {
  const std::string text = string_of(program_.node(reference.place));
  const SplitUri split = split_fragment(resolve_uri(resources_[reference.resource].uri, text));
  std::optional<ResourceId> resource;
  // A document without an address refers to itself by fragments only.
  if (text.empty() || text.front() == '#') {
    resource = reference.resource;
  } else {
    resource = find_resource(split.without_fragment);
  }
  if (!resource) {
    error(
        reference.place,
        fmt::format("The reference to {} leads nowhere: there is no schema at {}.", shown(text),
                    split.without_fragment.empty() ? "this place" : shown(split.without_fragment)));
    return;
  }
  const std::optional<std::string> fragment = percent_decode(split.fragment);
  const std::optional<ValuePlace> schema = fragment ? find_in(*resource, *fragment) : std::nullopt;
  if (!schema) {
    error(reference.place, fmt::format("The reference to {} leads nowhere: {}.", shown(text),
                                       fragment && fragment->starts_with('/')
                                           ? "nothing is at this place of the schema"
                                           : "the schema has no anchor of this name"));
    return;
  }
  scan_late(*schema);
  if (!is_scanned(*schema)) return;
  Target target{*schema, {}};
  if (reference.dynamic && resources_[*resource].dynamic_anchors.contains(*fragment)) {
    target.dynamic_name = *fragment;
    dynamic_names_.insert(*fragment);
  }
  targets_.emplace(key(reference.place), std::move(target));
}

std::optional<ValuePlace> Library::find_in(ResourceId resource, const std::string& fragment) {
  const Resource& in = resources_[resource];
  if (fragment.empty()) return in.root;
  if (fragment.front() == '/') return follow_pointer(in.root, fragment);
  const auto found = in.anchors.find(fragment);
  if (found == in.anchors.end()) return std::nullopt;
  return ValuePlace{in.root.document, found->second};
}

std::optional<ValuePlace> Library::follow_pointer(ValuePlace from, std::string_view pointer) {
  ValuePlace place = from;
  while (!pointer.empty()) {
    pointer.remove_prefix(1);
    const size_t end = std::min(pointer.find('/'), pointer.size());
    const std::optional<NodeIndex> next = child(place, unescaped_token(pointer.substr(0, end)));
    if (!next) return std::nullopt;
    place.node = *next;
    pointer.remove_prefix(end);
  }
  return place;
}

std::optional<NodeIndex> Library::child(ValuePlace parent, const std::string& token) {
  const Node& node = program_.node(parent);
  const ValueKind kind = node.value.kind;
  if (kind != ValueKind::kObject && kind != ValueKind::kArray) return std::nullopt;
  auto [entry, added] = members_.try_emplace(key(parent));
  if (added) {
    const Children children(*program_.documents[parent.document].document, node);
    size_t position = 0;
    for (auto i = children.begin(); i != children.end(); ++i, ++position) {
      entry->second.emplace(kind == ValueKind::kObject ? name_of(*i) : std::to_string(position),
                            i.index());
    }
  }
  const auto found = entry->second.find(token);
  if (found == entry->second.end()) return std::nullopt;
  return found->second;
}

// What a reference points to is a schema, even at a place where nobody looks for one.
void Library::scan_late(ValuePlace schema) {
  if (is_scanned(schema)) return;
  ValuePlace ancestor = schema;
  while (!is_scanned(ancestor)) ancestor.node = program_.node(ancestor).parent;
  Scanner(*this).scan(schema, resource_at(ancestor));
}

}  // namespace millrace::schema
