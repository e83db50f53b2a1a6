// SPDX-License-Identifier: Apache-2.0
#include "engine/schema/keywords.h"

#include <array>
#include <cstddef>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "engine/base/nearest_name.h"

namespace millrace::schema {
namespace {

namespace v = vocabulary;
using K = Keyword;
using S = Shape;

// Of what the drafts define differently there is one line for each.
constexpr auto kKeywords = std::to_array<KeywordInfo>({
    {"$schema", K::kSchema, S::kUri, v::kCore, true, true},
    {"$id", K::kId, S::kUri, v::kCore, true, true},
    {"$ref", K::kRef, S::kUri, v::kCore, true, true},
    {"$comment", K::kNone, S::kString, v::kCore, true, true},
    {"$anchor", K::kAnchor, S::kAnchorName, v::kCore, true, false},
    {"$dynamicRef", K::kDynamicRef, S::kUri, v::kCore, true, false},
    {"$dynamicAnchor", K::kDynamicAnchor, S::kAnchorName, v::kCore, true, false},
    {"$vocabulary", K::kVocabulary, S::kVocabularies, v::kCore, true, false},
    {"$defs", K::kNone, S::kSchemaMap, v::kCore, true, false},
    // Not a keyword of 2020-12 any more, but its metaschema keeps the place for schemas.
    {"definitions", K::kNone, S::kSchemaMap, v::kCore, true, true},

    {"type", K::kType, S::kTypes, v::kValidation, true, true},
    {"enum", K::kEnum, S::kValues, v::kValidation, true, true},
    {"const", K::kConst, S::kAny, v::kValidation, true, true},
    {"multipleOf", K::kMultipleOf, S::kDivisor, v::kValidation, true, true},
    {"maximum", K::kMaximum, S::kNumber, v::kValidation, true, true},
    {"exclusiveMaximum", K::kExclusiveMaximum, S::kNumber, v::kValidation, true, true},
    {"minimum", K::kMinimum, S::kNumber, v::kValidation, true, true},
    {"exclusiveMinimum", K::kExclusiveMinimum, S::kNumber, v::kValidation, true, true},
    {"maxLength", K::kMaxLength, S::kCount, v::kValidation, true, true},
    {"minLength", K::kMinLength, S::kCount, v::kValidation, true, true},
    {"pattern", K::kPattern, S::kPatternText, v::kValidation, true, true},
    {"maxItems", K::kMaxItems, S::kCount, v::kValidation, true, true},
    {"minItems", K::kMinItems, S::kCount, v::kValidation, true, true},
    {"uniqueItems", K::kUniqueItems, S::kBoolean, v::kValidation, true, true},
    {"maxContains", K::kMaxContains, S::kCount, v::kValidation, true, false},
    {"minContains", K::kMinContains, S::kCount, v::kValidation, true, false},
    {"maxProperties", K::kMaxProperties, S::kCount, v::kValidation, true, true},
    {"minProperties", K::kMinProperties, S::kCount, v::kValidation, true, true},
    {"required", K::kRequired, S::kNames, v::kValidation, true, true},
    {"dependentRequired", K::kDependentRequired, S::kNameMap, v::kValidation, true, false},

    {"allOf", K::kAllOf, S::kSchemas, v::kApplicator, true, true},
    {"anyOf", K::kAnyOf, S::kSchemas, v::kApplicator, true, true},
    {"oneOf", K::kOneOf, S::kSchemas, v::kApplicator, true, true},
    {"not", K::kNot, S::kSchema, v::kApplicator, true, true},
    {"if", K::kIf, S::kSchema, v::kApplicator, true, true},
    {"then", K::kThen, S::kSchema, v::kApplicator, true, true},
    {"else", K::kElse, S::kSchema, v::kApplicator, true, true},
    {"dependentSchemas", K::kDependentSchemas, S::kSchemaMap, v::kApplicator, true, false},
    {"dependencies", K::kDependencies, S::kDependencies, v::kApplicator, false, true},
    {"prefixItems", K::kPrefixItems, S::kSchemas, v::kApplicator, true, false},
    {"items", K::kItems, S::kSchema, v::kApplicator, true, false},
    {"items", K::kItems, S::kSchemaOrArray, v::kApplicator, false, true},
    {"additionalItems", K::kAdditionalItems, S::kSchema, v::kApplicator, false, true},
    {"contains", K::kContains, S::kSchema, v::kApplicator, true, true},
    {"properties", K::kProperties, S::kSchemaMap, v::kApplicator, true, true},
    {"patternProperties", K::kPatternProperties, S::kPatternMap, v::kApplicator, true, true},
    {"additionalProperties", K::kAdditionalProperties, S::kSchema, v::kApplicator, true, true},
    {"propertyNames", K::kPropertyNames, S::kSchema, v::kApplicator, true, true},

    {"unevaluatedItems", K::kUnevaluatedItems, S::kSchema, v::kUnevaluated, true, false},
    {"unevaluatedProperties", K::kUnevaluatedProperties, S::kSchema, v::kUnevaluated, true, false},

    {"format", K::kFormat, S::kFormatName, v::kFormat, true, true},

    {"contentEncoding", K::kNone, S::kString, v::kContent, true, true},
    {"contentMediaType", K::kNone, S::kString, v::kContent, true, true},
    {"contentSchema", K::kNone, S::kSchema, v::kContent, true, false},

    {"title", K::kNone, S::kString, v::kMetaData, true, true},
    {"description", K::kNone, S::kString, v::kMetaData, true, true},
    {"default", K::kNone, S::kAny, v::kMetaData, true, true},
    {"deprecated", K::kNone, S::kBoolean, v::kMetaData, true, false},
    {"readOnly", K::kNone, S::kBoolean, v::kMetaData, true, true},
    {"writeOnly", K::kNone, S::kBoolean, v::kMetaData, true, true},
    {"examples", K::kNone, S::kArray, v::kMetaData, true, true},
});

// How much a message shows of a name that is no keyword.
constexpr size_t kShownBytesMax = 64;

bool is_in(const KeywordInfo& info, Draft draft) noexcept {
  return draft == Draft::k7 ? info.in_7 : info.in_2020_12;
}

std::optional<std::string_view> nearest_keyword(std::string_view name, Draft draft) {
  std::vector<std::string_view> names;
  for (const KeywordInfo& info : kKeywords) {
    if (is_in(info, draft)) names.push_back(info.name);
  }
  return base::nearest_name(name, names);
}

// What took the place of a keyword of one draft in the other.
constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kSuccessors{{
    {"dependencies", "dependentRequired or dependentSchemas"},
    {"additionalItems", "items, beside prefixItems"},
    {"dependentRequired", "dependencies"},
    {"dependentSchemas", "dependencies"},
    {"prefixItems", "an array of schemas as items"},
    {"$defs", "definitions"},
}};

}  // namespace

const KeywordInfo* find_keyword(std::string_view name, Draft draft) noexcept {
  for (const KeywordInfo& info : kKeywords) {
    if (info.name == name && is_in(info, draft)) return &info;
  }
  return nullptr;
}

std::string describe_unknown_keyword(std::string_view name, Draft draft) {
  const std::string_view draft_name = draft == Draft::k7 ? "draft-07" : "draft 2020-12";
  const Draft other = draft == Draft::k7 ? Draft::k202012 : Draft::k7;
  if (find_keyword(name, other) != nullptr) {
    std::string text =
        fmt::format("\"{}\" is no keyword of {} and has no effect.", name, draft_name);
    for (const auto& [keyword, successor] : kSuccessors) {
      if (keyword == name) text += fmt::format(" There it is {}.", successor);
    }
    return text;
  }
  const std::string_view shown = name.substr(0, kShownBytesMax);
  const auto nearest = nearest_keyword(name, draft);
  if (!nearest) return fmt::format("\"{}\" is no keyword and has no effect.", shown);
  return fmt::format("\"{}\" is no keyword and has no effect; the nearest one is \"{}\".", shown,
                     *nearest);
}

std::optional<uint8_t> vocabulary_bit(std::string_view uri, bool& assert_formats) {
  constexpr std::string_view kPrefix = "https://json-schema.org/draft/2020-12/vocab/";
  if (!uri.starts_with(kPrefix)) return std::nullopt;
  const std::string_view name = uri.substr(kPrefix.size());
  if (name == "core") return v::kCore;
  if (name == "applicator") return v::kApplicator;
  if (name == "unevaluated") return v::kUnevaluated;
  if (name == "validation") return v::kValidation;
  if (name == "meta-data") return v::kMetaData;
  if (name == "format-annotation") return v::kFormat;
  if (name == "content") return v::kContent;
  if (name != "format-assertion") return std::nullopt;
  assert_formats = true;
  return v::kFormat;
}

}  // namespace millrace::schema
