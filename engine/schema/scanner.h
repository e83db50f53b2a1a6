// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/schema/keywords.h"
#include "engine/schema/library.h"

namespace millrace::schema {

// Walks through the schemas of one document: finds resources, anchors and references, and checks
// the form of all keywords.
class Scanner {
 public:
  explicit Scanner(Library& library) : library_(library) {}

  // `uri` is where the document was found.
  void scan_document(ValuePlace root, const std::string& uri);

  // A schema inside a resource.
  void scan(ValuePlace schema, ResourceId resource);

 private:
  [[nodiscard]] const record::Node& node(ValuePlace place) const {
    return library_.program_.node(place);
  }

  [[nodiscard]] const record::Document& document(ValuePlace place) const {
    return *library_.program_.documents[place.document].document;
  }

  [[nodiscard]] std::optional<ValuePlace> member(ValuePlace object, std::string_view name) const;
  [[nodiscard]] std::optional<std::string> string_member(ValuePlace object,
                                                         std::string_view name) const;

  // The dialect that a metaschema describes; nothing, and a problem at `place`, where it is
  // unknown.
  [[nodiscard]] std::optional<Dialect> dialect_of(const std::string& uri, ValuePlace place,
                                                  int depth);
  [[nodiscard]] std::optional<Dialect> described_dialect(std::string_view text,
                                                         const std::string& uri, ValuePlace place,
                                                         int depth);
  [[nodiscard]] bool read_vocabularies(const record::Document& metaschema,
                                       const record::Node& vocabularies, ValuePlace place,
                                       Dialect& dialect);

  [[nodiscard]] ResourceId enter(ValuePlace schema, ResourceId resource);
  void scan_members(ValuePlace schema, ResourceId resource);
  void scan_keyword(const KeywordInfo& info, ValuePlace value, ResourceId resource);
  void add_anchor(const std::string& name, ValuePlace schema, ResourceId resource, bool dynamic,
                  ValuePlace place);

  [[nodiscard]] bool check_schemas(const KeywordInfo& info, ValuePlace value, ResourceId resource);
  void scan_each(ValuePlace container, ResourceId resource);
  void scan_dependencies(const KeywordInfo& info, ValuePlace value, ResourceId resource);
  void scan_patterns(ValuePlace value);
  void check_scalar(const KeywordInfo& info, ValuePlace value);
  [[nodiscard]] bool check_names(const KeywordInfo& info, ValuePlace value);
  void check_types(ValuePlace value);
  void check_format(ValuePlace value, const Dialect& dialect);
  [[nodiscard]] bool expect(bool holds, const KeywordInfo& info, ValuePlace value,
                            std::string_view what);

  Library& library_;
};

}  // namespace millrace::schema
