// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/schema/schema.h"

// The keywords that the two drafts define: whose vocabulary they are of, and what their values look
// like.
namespace millrace::schema {

enum class Keyword : uint8_t {
  kNone,  // an annotation, or one that acts only through its place ($defs)
  kId,
  kSchema,
  kRef,
  kAnchor,
  kDynamicRef,
  kDynamicAnchor,
  kVocabulary,
  kType,
  kEnum,
  kConst,
  kMultipleOf,
  kMaximum,
  kExclusiveMaximum,
  kMinimum,
  kExclusiveMinimum,
  kMaxLength,
  kMinLength,
  kPattern,
  kFormat,
  kMaxItems,
  kMinItems,
  kUniqueItems,
  kMaxContains,
  kMinContains,
  kMaxProperties,
  kMinProperties,
  kRequired,
  kDependentRequired,
  kDependentSchemas,
  kDependencies,
  kAllOf,
  kAnyOf,
  kOneOf,
  kNot,
  kIf,
  kThen,
  kElse,
  kPrefixItems,
  kItems,
  kAdditionalItems,
  kContains,
  kProperties,
  kPatternProperties,
  kAdditionalProperties,
  kPropertyNames,
  kUnevaluatedItems,
  kUnevaluatedProperties,
};

// What the value of a keyword must be.
enum class Shape : uint8_t {
  kAny,
  kSchema,
  kSchemas,        // an array of schemas, not empty
  kSchemaOrArray,  // draft-07's items
  kSchemaMap,      // an object of schemas
  kPatternMap,     // the same, its names are patterns
  kDependencies,   // an object of schemas and arrays of names
  kNameMap,        // an object of arrays of names
  kNames,          // an array of different strings
  kString,
  kUri,
  kPatternText,
  kFormatName,
  kAnchorName,
  kBoolean,
  kArray,
  kValues,  // draft-07's and 2020-12's enum: an array
  kNumber,
  kDivisor,  // a number above 0
  kCount,    // a whole number from 0
  kTypes,    // the name of a type, or an array of different ones
  kVocabularies,
};

// Bits of Dialect::vocabularies.
namespace vocabulary {
inline constexpr uint8_t kCore = 1;
inline constexpr uint8_t kApplicator = 2;
inline constexpr uint8_t kUnevaluated = 4;
inline constexpr uint8_t kValidation = 8;
inline constexpr uint8_t kMetaData = 16;
inline constexpr uint8_t kFormat = 32;
inline constexpr uint8_t kContent = 64;
inline constexpr uint8_t kAll = 127;
}  // namespace vocabulary

// What one schema resource is written in.
struct Dialect {
  Draft draft = Draft::k202012;
  uint8_t vocabularies = vocabulary::kAll;
  bool assert_formats = false;
};

struct KeywordInfo {
  std::string_view name;
  Keyword keyword;
  Shape shape;
  uint8_t vocabulary;
  bool in_2020_12;
  bool in_7;
};

// How `draft` defines a keyword; nullptr where it does not.
[[nodiscard]] const KeywordInfo* find_keyword(std::string_view name, Draft draft) noexcept;

// A sentence about a member of a schema that is no keyword of `draft`, with the nearest one.
[[nodiscard]] std::string describe_unknown_keyword(std::string_view name, Draft draft);

// The bit of a vocabulary of draft 2020-12; nothing for others. `assert_formats` becomes true for
// the one of formats that are assertions.
[[nodiscard]] std::optional<uint8_t> vocabulary_bit(std::string_view uri, bool& assert_formats);

}  // namespace millrace::schema
