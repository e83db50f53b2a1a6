// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "engine/schema/keywords.h"
#include "engine/schema/program.h"
#include "engine/schema/schema.h"

namespace millrace::schema {

using ResourceId = uint32_t;

// A schema with an address of its own: a document's root, or what has an `$id`.
struct Resource {
  std::string uri;  // absolute, or empty where nobody gave one; no fragment
  Dialect dialect;
  std::map<std::string, record::NodeIndex, std::less<>> anchors;  // dynamic ones too
  std::map<std::string, record::NodeIndex, std::less<>> dynamic_anchors;
  ValuePlace root;
};

// Where a `$ref` or `$dynamicRef` goes.
struct Target {
  ValuePlace schema;
  // The name of a `$dynamicRef` that goes to the outermost resource that has this dynamic anchor;
  // empty for all others.
  std::string dynamic_name;
};

// All documents that a schema is made of: which of their values are schemas, of which resource, and
// what refers to what. Says what is wrong with them, all at once; what it found no error in can be
// compiled without looking at the form of anything again.
class Library {
 public:
  // All three outlive it. Documents and patterns go into the program.
  Library(Program& program, const Options& options, std::vector<Problem>& problems);

  // The root document; nothing where it is no JSON.
  [[nodiscard]] std::optional<ValuePlace> add_root(std::string_view json, const std::string& uri);

  // Follows the references that were found, into other documents too, until all are followed.
  void resolve_all();

  [[nodiscard]] ResourceId resource_at(ValuePlace schema) const;

  [[nodiscard]] const Resource& resource(ResourceId id) const { return resources_[id]; }

  // Of the string that refers. Requires: resolve_all() without an error.
  [[nodiscard]] const Target& target(ValuePlace reference) const;

  // Of all targets.
  [[nodiscard]] const std::set<std::string, std::less<>>& dynamic_names() const {
    return dynamic_names_;
  }

  // Number of the pattern in the program. Requires: one that was found while scanning.
  [[nodiscard]] uint32_t pattern(const std::string& text) const { return patterns_.at(text); }

  void error(ValuePlace place, std::string message);

 private:
  friend class Scanner;

  struct Reference {
    ValuePlace place;  // of the string
    ResourceId resource = 0;
    bool dynamic = false;
  };

  // What the scanner reports.
  void warn_of_name(ValuePlace member, std::string message);
  [[nodiscard]] ResourceId add_resource(std::string uri, ValuePlace root, Dialect dialect);
  void set_resource(ValuePlace schema, ResourceId resource);
  [[nodiscard]] bool is_scanned(ValuePlace schema) const;
  void add_pattern(const std::string& text, ValuePlace place);
  [[nodiscard]] std::optional<std::string> text_at(const std::string& uri) const;

  void problem(ValuePlace place, std::string message, bool warning, bool of_name);
  [[nodiscard]] std::optional<ValuePlace> add_document(std::string text, const std::string& uri);
  [[nodiscard]] std::optional<ResourceId> find_resource(const std::string& uri);
  void resolve(const Reference& reference);
  [[nodiscard]] std::optional<ValuePlace> find_in(ResourceId resource, const std::string& fragment);
  [[nodiscard]] std::optional<ValuePlace> follow_pointer(ValuePlace from, std::string_view pointer);
  [[nodiscard]] std::optional<record::NodeIndex> child(ValuePlace parent, const std::string& token);
  void scan_late(ValuePlace schema);

  Program& program_;
  const Options& options_;
  std::vector<Problem>& problems_;
  std::deque<Resource> resources_;
  std::map<std::string, std::optional<ResourceId>, std::less<>> by_uri_;
  std::vector<std::vector<ResourceId>> resource_of_node_;  // per document
  std::deque<Reference> references_;                       // found, not yet followed
  std::map<std::pair<uint32_t, record::NodeIndex>, Target> targets_;
  std::set<std::string, std::less<>> dynamic_names_;
  std::map<std::string, uint32_t, std::less<>> patterns_;
  // Members of objects that a pointer went through.
  std::map<std::pair<uint32_t, record::NodeIndex>,
           std::unordered_map<std::string, record::NodeIndex>>
      members_;
};

// The content of a member's name.
[[nodiscard]] std::string name_of(const record::Node& member);

// The content of a string.
[[nodiscard]] std::string string_of(const record::Node& string);

}  // namespace millrace::schema
