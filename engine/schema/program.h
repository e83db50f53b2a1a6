// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/record/document.h"
#include "engine/record/names.h"
#include "engine/schema/constants.h"
#include "engine/schema/ecma_pattern.h"
#include "engine/schema/formats.h"

// A compiled schema: what evaluator.cc runs and explainer.cc explains. Everything refers to
// everything by number; nothing changes after compilation.
//
// One schema object of a document becomes one Subschema, or several: a `$dynamicRef` means
// different things on different ways to it, and where somebody asks which members were evaluated
// the schema is compiled a second time, into a form that keeps the books.
namespace millrace::schema {

using SubschemaId = uint32_t;

// Accepts everything. Calls of it are left out wherever they can be.
inline constexpr SubschemaId kTrueSchema = 0;

inline constexpr uint32_t kNoRule = std::numeric_limits<uint32_t>::max();
inline constexpr uint32_t kNothing = std::numeric_limits<uint32_t>::max();

// Kinds of values as bits: that of a ValueKind k is 1 << k. In Subschema::kinds, kWholeNumbers
// without kNumbers means numbers that are whole.
using Kinds = uint8_t;

constexpr Kinds kind_bit(record::ValueKind kind) noexcept {
  return static_cast<Kinds>(1U << static_cast<unsigned>(kind));
}

[[nodiscard]] constexpr bool has_bit(Kinds kinds, record::ValueKind kind) noexcept {
  return ((uint32_t{kinds} >> static_cast<unsigned>(kind)) & 1U) != 0;
}

inline constexpr Kinds kNumbers = kind_bit(record::ValueKind::kNumber);
inline constexpr Kinds kStrings = kind_bit(record::ValueKind::kString);
inline constexpr Kinds kObjects = kind_bit(record::ValueKind::kObject);
inline constexpr Kinds kArrays = kind_bit(record::ValueKind::kArray);
inline constexpr Kinds kAllKinds = 0x3F;
inline constexpr Kinds kWholeNumbers = 0x40;

// What is asked of a value. The operand is a number whose meaning is the operation's.
enum class Op : uint8_t {
  kNever,                  // false as a schema
  kType,                   // only in clauses: Subschema::kinds
  kConst,                  // constants
  kEnum,                   // constants
  kMinimum,                // bounds
  kMaximum,                // bounds
  kExclusiveMinimum,       // bounds
  kExclusiveMaximum,       // bounds
  kMultipleOf,             // bounds
  kMinLength,              // counts
  kMaxLength,              // counts
  kPattern,                // patterns
  kFormat,                 // a Format
  kMinItems,               // counts
  kMaxItems,               // counts
  kMinProperties,          // counts; in checks part of kMembers
  kMaxProperties,          // counts; in checks part of kMembers
  kRequired,               // name_lists; only in clauses, in checks part of kMembers
  kDependentRequired,      // dependent_names
  kUniqueItems,            //
  kMembers,                // members; only in checks
  kProperties,             // members; only in clauses, like the next three
  kPatternProperties,      // members
  kAdditionalProperties,   // members
  kPropertyNames,          // members
  kElements,               // elements; only in checks
  kPrefixItems,            // elements; only in clauses, like the next
  kRestItems,              // elements
  kContains,               // contains
  kMinContains,            // contains; only in clauses, like the next
  kMaxContains,            // contains
  kCall,                   // a SubschemaId: $ref, one of allOf
  kIf,                     // conditions
  kDependentSchemas,       // dependent_schemas
  kAnyOf,                  // branches
  kOneOf,                  // branches
  kNot,                    // a SubschemaId
  kUnevaluatedItems,       // a SubschemaId
  kUnevaluatedProperties,  // a SubschemaId
};

struct Check {
  Op op = Op::kNever;
  Kinds kinds = kAllKinds;  // of values that it says something of
  uint32_t operand = 0;
};

// A check as its author wrote it: where, and as which rule.
struct Clause {
  Check check;
  ValuePlace place;         // the keyword's value in its document
  uint32_t rule = kNoRule;  // of kRequired: of the first name, the others follow
};

struct Subschema {
  Kinds kinds = kAllKinds;  // of values that may be valid
  Kinds checked = 0;        // of values for which there is a check
  bool books = false;       // marks what it evaluates in the caller's frame
  bool own_frame = false;   // has unevaluated*: what it evaluates is booked in a frame of its own
  bool remember = false;    // results are kept per value: it may be asked again and again
  bool draft7 = false;
  std::vector<Check> checks;    // all that `kinds` does not say, the cheap ones first
  std::vector<Clause> clauses;  // in the document's order
  ValuePlace place;
};

// A subschema for a member or an element, with what decides most of it at once.
struct Part {
  SubschemaId schema = kTrueSchema;
  Kinds kinds = kAllKinds;  // copies of the Subschema's
  Kinds checked = 0;
};

struct NamedMember {
  Part part;
  record::NameId name = record::kNoName;
  ValuePlace place;  // of the member of `properties`
  bool required = false;
  bool declared = false;  // in `properties`; else only required
};

struct PatternMember {
  uint32_t pattern = 0;
  Part part;
  ValuePlace place;
};

// All that is asked of an object's members, in one pass over them.
struct Members {
  std::vector<NamedMember> named;  // in the document's order, then those only required
  // Where a name's NamedMember is: positions[name - first_name], from 1, 0 for none. Names that lie
  // far apart are searched in `sorted` instead.
  record::NameId first_name = 0;
  std::vector<uint32_t> positions;
  std::vector<std::pair<record::NameId, uint32_t>> sorted;

  std::vector<PatternMember> patterns;
  std::optional<Part> additional;
  std::optional<SubschemaId> names;  // propertyNames
  size_t required_count = 0;
  uint64_t count_min = 0;
  uint64_t count_max = std::numeric_limits<uint64_t>::max();
  bool by_name = false;  // of the root object the named members are looked up, no other matters

  // Requires: a name.
  [[nodiscard]] const NamedMember* find(record::NameId name) const noexcept {
    const auto offset = static_cast<size_t>(static_cast<uint32_t>(name - first_name));
    if (offset < positions.size()) {
      return positions[offset] == 0 ? nullptr : &named[positions[offset] - 1];
    }
    return sorted.empty() ? nullptr : find_sorted(name);
  }

  [[nodiscard]] const NamedMember* find_sorted(record::NameId name) const noexcept;
};

struct Elements {
  std::vector<Part> prefix;
  std::optional<Part> rest;
};

struct Contains {
  SubschemaId schema = kTrueSchema;
  uint64_t count_min = 1;
  uint64_t count_max = std::numeric_limits<uint64_t>::max();
  bool evaluates = true;  // its items; not so in draft-07
};

struct Condition {
  SubschemaId condition = kTrueSchema;
  SubschemaId then = kTrueSchema;
  SubschemaId otherwise = kTrueSchema;
};

struct RequiredName {
  record::NameId name = record::kNoName;
  ValuePlace place;  // of the string
};

struct DependentNames {
  record::NameId trigger = record::kNoName;
  std::vector<record::NameId> needed;
};

struct DependentSchema {
  record::NameId trigger = record::kNoName;
  SubschemaId schema = kTrueSchema;
};

struct Bound {
  std::string_view text;
  std::optional<int64_t> value;  // where it is a whole number that fits
  ValuePlace place;
};

// A schema document with its text, which everything compiled from it points into.
struct SourceDocument {
  std::string uri;
  std::string text;
  std::unique_ptr<record::Document> document;
};

struct Program {
  std::vector<Subschema> subschemas;
  SubschemaId root = kTrueSchema;

  std::vector<Constants> constants;
  std::vector<Bound> bounds;
  std::vector<uint64_t> counts;
  std::vector<std::unique_ptr<const EcmaPattern>> patterns;
  std::vector<std::vector<RequiredName>> name_lists;
  std::vector<std::vector<DependentNames>> dependent_names;
  std::vector<std::vector<DependentSchema>> dependent_schemas;
  std::vector<Members> members;
  std::vector<Elements> elements;
  std::vector<Contains> contains;
  std::vector<Condition> conditions;
  std::vector<std::vector<SubschemaId>> branches;

  std::vector<std::string> rules;
  const record::NameTable* names = nullptr;  // of the records
  uint64_t hash_seed = 0;

  record::NameTable no_names;            // of the documents below
  std::deque<SourceDocument> documents;  // does not move their texts

  [[nodiscard]] const record::Node& node(ValuePlace place) const noexcept {
    return documents[place.document].document->node(place.node);
  }
};

}  // namespace millrace::schema
