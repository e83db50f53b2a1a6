// SPDX-License-Identifier: Apache-2.0
#include "engine/schema/sentences.h"

#include <algorithm>

#include <fmt/format.h>

#include "engine/base/limits.h"
#include "engine/record/value_text.h"
#include "engine/schema/children.h"
#include "engine/schema/library.h"

namespace millrace::schema {
namespace {

using record::JsonValue;
using record::Node;
using record::ValueKind;

// A list is broken off once it is longer than what a reason text has room for.
constexpr size_t kListBytesMax = base::limits::kReasonTextBytesMax;

std::string shown(const JsonValue& value) {
  std::string text;
  record::append_shown(value, text);
  return text;
}

std::string shown(const Node& node) {
  return shown(node.value);
}

JsonValue name_value(const Node& member) {
  return {member.name_text, ValueKind::kString, member.name_escaped};
}

std::string shown_name(const Program& program, record::NameId name) {
  const record::NameTable::Text& text = program.names->text(name);
  return shown(JsonValue{text.quoted, ValueKind::kString, text.escaped});
}

// Values with ", " between them.
template <typename List, typename Show>
std::string joined(const List& list, Show show) {
  std::string text;
  for (const auto& item : list) {
    if (!text.empty()) text += ", ";
    if (text.size() > kListBytesMax) return text + "…";
    text += show(item);
  }
  return text;
}

std::string joined_children(const record::Document& document, const Node& parent) {
  return joined(Children(document, parent), [](const Node& node) { return shown(node); });
}

std::string joined_values(const std::vector<const Node*>& nodes) {
  return joined(nodes, [](const Node* node) { return shown(*node); });
}

std::string joined_names(std::vector<const Node*> members) {
  std::sort(members.begin(), members.end(),
            [](const Node* a, const Node* b) { return name_of(*a) < name_of(*b); });
  return joined(members, [](const Node* member) { return shown(name_value(*member)); });
}

const char* was(size_t count) {
  return count == 1 ? "was" : "were";
}

// "should be non-empty" and "is expected to be empty" say more than a length.
std::string describe_count(const Program& program, const Clause& clause, const Node& value,
                           std::string_view sentence) {
  const uint64_t count = program.counts[clause.check.operand];
  const Op op = clause.check.op;
  const bool is_minimum = op == Op::kMinLength || op == Op::kMinItems || op == Op::kMinProperties;
  if (is_minimum && count == 1) sentence = "should be non-empty";
  if (!is_minimum && count == 0) sentence = "is expected to be empty";
  return fmt::format("{} {}", shown(value), sentence);
}

std::string describe_type(const Program& program, const Clause& clause, const Node& value) {
  const Node& types = program.node(clause.place);
  const record::Document& document = *program.documents[clause.place.document].document;
  return fmt::format(
      "{} is not of type {}", shown(value),
      types.value.kind == ValueKind::kArray ? joined_children(document, types) : shown(types));
}

std::string describe_enum(const Program& program, const Clause& clause, const Node& value) {
  const record::Document& document = *program.documents[clause.place.document].document;
  return fmt::format("{} is not one of [{}]", shown(value),
                     joined_children(document, program.node(clause.place)));
}

// The schemas that hold though only one may: the first of them last.
std::string describe_one_of(const Program& program, const Clause& clause, const Node& value,
                            Evaluator& evaluator) {
  const record::Document& document = *program.documents[clause.place.document].document;
  const std::vector<SubschemaId>& branches = program.branches[clause.check.operand];
  std::vector<const Node*> holding;
  size_t i = 0;
  for (const Node& schema : Children(document, program.node(clause.place))) {
    if (evaluator.holds(branches[i++], value)) holding.push_back(&schema);
  }
  if (holding.empty()) {
    return fmt::format("{} is not valid under any of the given schemas", shown(value));
  }
  std::rotate(holding.begin(), holding.begin() + 1, holding.end());
  return fmt::format("{} is valid under each of {}", shown(value), joined_values(holding));
}

}  // namespace

std::string describe_failure(const Program& program, const Clause& clause, const Node& value,
                             Evaluator& evaluator) {
  const Node& said = program.node(clause.place);
  switch (clause.check.op) {
    case Op::kNever:
      return fmt::format("False schema does not allow {}", shown(value));
    case Op::kType:
      return describe_type(program, clause, value);
    case Op::kConst:
      return fmt::format("{} was expected", shown(said));
    case Op::kEnum:
      return describe_enum(program, clause, value);
    case Op::kMinimum:
      return fmt::format("{} is less than the minimum of {}", shown(value), shown(said));
    case Op::kMaximum:
      return fmt::format("{} is greater than the maximum of {}", shown(value), shown(said));
    case Op::kExclusiveMinimum:
      return fmt::format("{} is less than or equal to the minimum of {}", shown(value),
                         shown(said));
    case Op::kExclusiveMaximum:
      return fmt::format("{} is greater than or equal to the maximum of {}", shown(value),
                         shown(said));
    case Op::kMultipleOf:
      return fmt::format("{} is not a multiple of {}", shown(value), shown(said));
    case Op::kMinLength:
    case Op::kMinItems:
      return describe_count(program, clause, value, "is too short");
    case Op::kMaxLength:
    case Op::kMaxItems:
      return describe_count(program, clause, value, "is too long");
    case Op::kMinProperties:
      return describe_count(program, clause, value, "does not have enough properties");
    case Op::kMaxProperties:
      return describe_count(program, clause, value, "has too many properties");
    case Op::kPattern:
      return fmt::format("{} does not match {}", shown(value), shown(said));
    case Op::kFormat:
      return fmt::format("{} is not a {}", shown(value), shown(said));
    case Op::kUniqueItems:
      return fmt::format("{} has non-unique elements", shown(value));
    case Op::kAnyOf:
      return fmt::format("{} is not valid under any of the given schemas", shown(value));
    case Op::kOneOf:
      return describe_one_of(program, clause, value, evaluator);
    case Op::kNot:
      return fmt::format("{} should not be valid under {}", shown(value), shown(said));
    default:
      return fmt::format("{} is not valid", shown(value));
  }
}

std::string describe_missing(const Program& program, record::NameId name) {
  return shown_name(program, name) + " is a required property";
}

std::string describe_dependency(const Program& program, record::NameId needed,
                                record::NameId trigger) {
  return fmt::format("{} is a dependency of {}", shown_name(program, needed),
                     shown_name(program, trigger));
}

std::string describe_additional(const std::vector<const Node*>& members,
                                const std::vector<const Node*>& patterns) {
  const std::string names = joined_names(members);
  if (patterns.empty()) {
    return fmt::format("Additional properties are not allowed ({} {} unexpected)", names,
                       was(members.size()));
  }
  return fmt::format("{} {} not match any of the regexes: {}", names,
                     members.size() == 1 ? "does" : "do", joined_names(patterns));
}

std::string describe_extra_items(const std::vector<const Node*>& elements, size_t prefix_size,
                                 bool draft7) {
  const std::string values = joined_values(elements);
  if (draft7) {
    return fmt::format("Additional items are not allowed ({} {} unexpected)", values,
                       was(elements.size()));
  }
  const bool one = elements.size() == 1;
  return fmt::format("Expected at most {} {} but found {} extra: {}{}{}", prefix_size,
                     prefix_size == 1 ? "item" : "items", elements.size(), one ? "" : "[", values,
                     one ? "" : "]");
}

std::string describe_unevaluated(const std::vector<const Node*>& children, bool are_members,
                                 bool schema_is_false) {
  const std::string list = are_members ? joined_names(children) : joined_values(children);
  const char* kind = are_members ? "properties" : "items";
  if (schema_is_false || !are_members) {
    return fmt::format("Unevaluated {} are not allowed ({} {} unexpected)", kind, list,
                       was(children.size()));
  }
  return fmt::format(
      "Unevaluated {} are not valid under the given schema ({} {} unevaluated and invalid)", kind,
      list, was(children.size()));
}

std::string describe_matches(const Node& array, uint64_t matches, const Contains& contains,
                             bool draft7) {
  if (matches > contains.count_max) {
    return fmt::format("Too many items match the given schema (expected at most {})",
                       contains.count_max);
  }
  if (matches > 0) {
    return fmt::format(
        "Too few items match the given schema (expected at least {} but only {} matched)",
        contains.count_min, matches);
  }
  if (draft7) return fmt::format("None of {} are valid under the given schema", shown(array));
  return fmt::format("{} does not contain items matching the given schema", shown(array));
}

}  // namespace millrace::schema
