// SPDX-License-Identifier: Apache-2.0
#include "engine/schema/explainer.h"

#include <utility>

#include "engine/schema/children.h"
#include "engine/schema/sentences.h"

namespace millrace::schema {
namespace {

using record::Node;
using record::NodeIndex;
using record::ValueKind;

}  // namespace

bool Explainer::fail(uint32_t rule, const Node& value, std::string sentence) {
  failure_.rule = rule;
  failure_.value = index_of(document_, named_object_ != nullptr ? *named_object_ : value);
  failure_.sentence = std::move(sentence);
  return true;
}

bool Explainer::explain(SubschemaId id, const Node& value) {
  const Subschema& subschema = program_.subschemas[id];
  if (subschema.clauses.empty()) return false;
  // Where ways multiply, what is known spares going all of them.
  if (subschema.remember && evaluator_.holds(id, value)) return false;
  return explain_itself(subschema, value) || explain_inside(subschema, value);
}

bool Explainer::explain_itself(const Subschema& subschema, const Node& value) {
  const Kinds kind = kind_bit(value.value.kind);
  for (const Clause& clause : subschema.clauses) {
    if ((clause.check.kinds & kind) != 0 && explain_clause(subschema, clause, value)) return true;
  }
  return false;
}

std::vector<SubschemaId> Explainer::also(const Clause& clause, const Node& value) {
  const uint32_t operand = clause.check.operand;
  if (clause.check.op == Op::kCall) return {operand};
  if (clause.check.op == Op::kIf) {
    const Condition& condition = program_.conditions[operand];
    return {evaluator_.holds(condition.condition, value) ? condition.then : condition.otherwise};
  }
  std::vector<SubschemaId> schemas;
  if (clause.check.op == Op::kDependentSchemas) {
    for (const DependentSchema& dependent : program_.dependent_schemas[operand]) {
      if (evaluator_.member(value, dependent.trigger) != nullptr) {
        schemas.push_back(dependent.schema);
      }
    }
  }
  return schemas;
}

bool Explainer::explain_clause(const Subschema& subschema, const Clause& clause,
                               const Node& value) {
  switch (clause.check.op) {
    case Op::kType:
      return !Evaluator::has_kind(subschema.kinds, value.value) &&
             fail(clause.rule, value, describe_failure(program_, clause, value, evaluator_));
    case Op::kNever:
      return fail(clause.rule, value, describe_failure(program_, clause, value, evaluator_));
    case Op::kCall:
    case Op::kIf:
    case Op::kDependentSchemas:
      for (const SubschemaId id : also(clause, value)) {
        if (explain_itself(program_.subschemas[id], value)) return true;
      }
      return false;
    case Op::kRequired:
      return explain_required(clause, value);
    case Op::kAdditionalProperties:
      return clause.rule != kNoRule && explain_additional(clause, value);
    case Op::kPropertyNames:
      return explain_names(program_.members[clause.check.operand], value);
    case Op::kRestItems:
      return clause.rule != kNoRule && explain_rest(subschema, clause, value);
    case Op::kContains:
    case Op::kMinContains:
    case Op::kMaxContains:
      return explain_contains(subschema, clause, value);
    case Op::kDependentRequired:
      return explain_dependent_names(clause, value);
    case Op::kProperties:
    case Op::kPatternProperties:
    case Op::kPrefixItems:
    case Op::kUnevaluatedItems:
    case Op::kUnevaluatedProperties:
      return false;
    default:
      return !evaluator_.holds(clause.check, value) &&
             fail(clause.rule, value, describe_failure(program_, clause, value, evaluator_));
  }
}

bool Explainer::explain_required(const Clause& clause, const Node& object) {
  uint32_t rule = clause.rule;
  for (const RequiredName& required : program_.name_lists[clause.check.operand]) {
    if (evaluator_.member(object, required.name) == nullptr) {
      return fail(rule, object, describe_missing(program_, required.name));
    }
    ++rule;
  }
  return false;
}

std::vector<const Node*> Explainer::additional_members(const Members& members, const Node& object) {
  std::vector<const Node*> additional;
  for (const Node& member : Children(document_, object)) {
    const NamedMember* named = member.name < 0 ? nullptr : members.find(member.name);
    bool known = named != nullptr && named->declared;
    for (const PatternMember& pattern : members.patterns) {
      known = known || evaluator_.name_matches(pattern.pattern, member);
    }
    if (!known) additional.push_back(&member);
  }
  return additional;
}

bool Explainer::explain_additional(const Clause& clause, const Node& object) {
  const Members& members = program_.members[clause.check.operand];
  const std::vector<const Node*> additional = additional_members(members, object);
  if (additional.empty()) return false;
  std::vector<const Node*> patterns;
  for (const PatternMember& pattern : members.patterns) {
    patterns.push_back(&program_.node(pattern.place));
  }
  return fail(clause.rule, object, describe_additional(additional, patterns));
}

bool Explainer::explain_names(const Members& members, const Node& object) {
  if (!members.names) return false;
  for (const Node& member : Children(document_, object)) {
    Node name;
    name.value = {member.name_text, ValueKind::kString, member.name_escaped};
    const Node* outer = std::exchange(named_object_, &object);
    const bool found = explain(*members.names, name);
    named_object_ = outer;
    if (found) return true;
  }
  return false;
}

bool Explainer::explain_rest(const Subschema& subschema, const Clause& clause, const Node& array) {
  const size_t prefix = program_.elements[clause.check.operand].prefix.size();
  std::vector<const Node*> extra;
  size_t position = 0;
  for (const Node& element : Children(document_, array)) {
    if (position++ >= prefix) extra.push_back(&element);
  }
  return !extra.empty() &&
         fail(clause.rule, array, describe_extra_items(extra, prefix, subschema.draft7));
}

bool Explainer::explain_contains(const Subschema& subschema, const Clause& clause,
                                 const Node& array) {
  const Contains& contains = program_.contains[clause.check.operand];
  const uint64_t matches = evaluator_.count_matches(contains, array);
  bool broken = false;
  if (clause.check.op == Op::kMaxContains) {
    broken = matches > contains.count_max;
  } else if (matches < contains.count_min) {
    broken = (matches == 0) == (clause.check.op == Op::kContains);
  }
  return broken &&
         fail(clause.rule, array, describe_matches(array, matches, contains, subschema.draft7));
}

bool Explainer::explain_dependent_names(const Clause& clause, const Node& object) {
  for (const DependentNames& dependent : program_.dependent_names[clause.check.operand]) {
    if (evaluator_.member(object, dependent.trigger) == nullptr) continue;
    for (const record::NameId needed : dependent.needed) {
      if (evaluator_.member(object, needed) != nullptr) continue;
      return fail(clause.rule, object, describe_dependency(program_, needed, dependent.trigger));
    }
  }
  return false;
}

bool Explainer::explain_inside(const Subschema& subschema, const Node& value) {
  const Kinds kind = kind_bit(value.value.kind);
  for (const Clause& clause : subschema.clauses) {
    if ((clause.check.kinds & kind) != 0 && explain_clause_inside(clause, value)) return true;
  }
  return subschema.own_frame && explain_unevaluated(subschema, value);
}

bool Explainer::explain_clause_inside(const Clause& clause, const Node& value) {
  const uint32_t operand = clause.check.operand;
  switch (clause.check.op) {
    case Op::kCall:
    case Op::kIf:
    case Op::kDependentSchemas:
      for (const SubschemaId id : also(clause, value)) {
        if (explain_inside(program_.subschemas[id], value)) return true;
      }
      return false;
    case Op::kProperties:
      return explain_members(program_.members[operand], value);
    case Op::kPatternProperties:
      return explain_patterns(program_.members[operand], value);
    case Op::kAdditionalProperties:
      if (clause.rule != kNoRule) return false;
      for (const Node* member : additional_members(program_.members[operand], value)) {
        if (explain(program_.members[operand].additional->schema, *member)) return true;
      }
      return false;
    case Op::kPrefixItems:
      return explain_elements(program_.elements[operand], value, true);
    case Op::kRestItems:
      return clause.rule == kNoRule && explain_elements(program_.elements[operand], value, false);
    default:
      return false;
  }
}

bool Explainer::explain_members(const Members& members, const Node& object) {
  for (const NamedMember& named : members.named) {
    if (!named.declared) continue;
    const Node* member = evaluator_.member(object, named.name);
    if (member != nullptr && explain(named.part.schema, *member)) return true;
  }
  return false;
}

bool Explainer::explain_patterns(const Members& members, const Node& object) {
  for (const PatternMember& pattern : members.patterns) {
    for (const Node& member : Children(document_, object)) {
      if (evaluator_.name_matches(pattern.pattern, member) &&
          explain(pattern.part.schema, member)) {
        return true;
      }
    }
  }
  return false;
}

bool Explainer::explain_elements(const Elements& elements, const Node& array, bool prefix) {
  size_t position = 0;
  for (const Node& element : Children(document_, array)) {
    const bool in_prefix = position < elements.prefix.size();
    if (in_prefix == prefix) {
      if (explain(in_prefix ? elements.prefix[position].schema : elements.rest->schema, element)) {
        return true;
      }
    }
    ++position;
  }
  return false;
}

// Last, when all else of the schema is known to hold.
bool Explainer::explain_unevaluated(const Subschema& subschema, const Node& value) {
  for (const Clause& clause : subschema.clauses) {
    const bool are_members = clause.check.op == Op::kUnevaluatedProperties;
    if (!are_members && clause.check.op != Op::kUnevaluatedItems) continue;
    if ((clause.check.kinds & kind_bit(value.value.kind)) == 0) continue;
    std::vector<NodeIndex> rejected;
    evaluator_.list_rejected(subschema, clause.check, value, rejected);
    if (rejected.empty()) continue;
    std::vector<const Node*> children;
    children.reserve(rejected.size());
    for (const NodeIndex index : rejected) children.push_back(&document_.node(index));
    const bool is_false = program_.node(clause.place).value.text == "false";
    return fail(clause.rule, value, describe_unevaluated(children, are_members, is_false));
  }
  return false;
}

}  // namespace millrace::schema
