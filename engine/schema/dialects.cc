// SPDX-License-Identifier: Apache-2.0
// What `$schema` says: the draft and the vocabularies that a schema is written in.
#include <optional>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "engine/record/value_text.h"
#include "engine/schema/children.h"
#include "engine/schema/scanner.h"
#include "engine/schema/uri.h"

namespace millrace::schema {
namespace {

using record::Document;
using record::Node;
using record::ValueKind;

constexpr std::string_view k2020Uri = "https://json-schema.org/draft/2020-12/schema";
constexpr std::string_view k7Uri = "http://json-schema.org/draft-07/schema";
constexpr std::string_view k7SecureUri = "https://json-schema.org/draft-07/schema";
// Metaschemas that are described by metaschemas.
constexpr int kMetaschemaDepthMax = 8;
constexpr size_t kShownBytesMax = 256;

const Node* member_of(const Document& document, const Node& object, std::string_view name) {
  for (const Node& member : Children(document, object)) {
    if (name_of(member) == name) return &member;
  }
  return nullptr;
}

}  // namespace

std::optional<Dialect> Scanner::dialect_of(const std::string& uri, ValuePlace place, int depth) {
  const std::string address = split_fragment(uri).without_fragment;
  Dialect dialect{.draft = Draft::k202012,
                  .vocabularies = vocabulary::kAll,
                  .assert_formats = library_.options_.assert_formats};
  if (address == k2020Uri) return dialect;
  if (address == k7Uri || address == k7SecureUri) {
    dialect.draft = Draft::k7;
    return dialect;
  }
  const std::string shown(record::cut_text(uri, kShownBytesMax));
  if (address.find("://json-schema.org/") != std::string::npos) {
    library_.error(place, fmt::format("The draft {} is not known; there are {} and {}#.", shown,
                                      k2020Uri, k7Uri));
    return std::nullopt;
  }
  const std::optional<std::string> text =
      depth < kMetaschemaDepthMax ? library_.text_at(address) : std::nullopt;
  if (!text) {
    library_.error(place, fmt::format("There is no metaschema {}; there are {} and {}#.", shown,
                                      k2020Uri, k7Uri));
    return std::nullopt;
  }
  return described_dialect(*text, shown, place, depth);
}

std::optional<Dialect> Scanner::described_dialect(std::string_view text, const std::string& uri,
                                                  ValuePlace place, int depth) {
  Document metaschema(library_.program_.no_names, Document::Options{});
  if (metaschema.parse(text) != record::ParseError::kNone) {
    library_.error(place, fmt::format("The metaschema {} cannot be read.", uri));
    return std::nullopt;
  }
  const Node& root = metaschema.node(metaschema.root());
  const Node* said = member_of(metaschema, root, "$schema");
  std::optional<Dialect> dialect = Dialect{.draft = library_.options_.draft,
                                           .vocabularies = vocabulary::kAll,
                                           .assert_formats = library_.options_.assert_formats};
  if (said != nullptr && said->value.kind == ValueKind::kString) {
    dialect = dialect_of(string_of(*said), place, depth + 1);
  }
  if (!dialect || dialect->draft == Draft::k7) return dialect;
  const Node* vocabularies = member_of(metaschema, root, "$vocabulary");
  // Without the keyword all of the draft's vocabularies are meant, not those that the metaschema's
  // own metaschema is content with.
  dialect->vocabularies = vocabulary::kAll;
  dialect->assert_formats = library_.options_.assert_formats;
  if (vocabularies == nullptr || vocabularies->value.kind != ValueKind::kObject) return dialect;
  if (!read_vocabularies(metaschema, *vocabularies, place, *dialect)) return std::nullopt;
  return dialect;
}

bool Scanner::read_vocabularies(const Document& metaschema, const Node& vocabularies,
                                ValuePlace place, Dialect& dialect) {
  bool known = true;
  dialect.vocabularies = vocabulary::kCore;
  for (const Node& member : Children(metaschema, vocabularies)) {
    const std::string uri = name_of(member);
    const bool required = member.value.text == "true";
    if (const std::optional<uint8_t> bit = vocabulary_bit(uri, dialect.assert_formats)) {
      dialect.vocabularies |= *bit;
    } else if (required) {
      library_.error(place, fmt::format("The metaschema requires the vocabulary {}, which is not "
                                        "known here.",
                                        record::cut_text(uri, kShownBytesMax)));
      known = false;
    }
  }
  return known;
}

}  // namespace millrace::schema
