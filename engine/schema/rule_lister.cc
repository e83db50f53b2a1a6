// SPDX-License-Identifier: Apache-2.0
#include "engine/schema/rule_lister.h"

#include <algorithm>

#include "engine/record/value_text.h"
#include "engine/schema/library.h"

namespace millrace::schema {

void RuleLister::list() {
  std::vector<bool> seen(program_.subschemas.size(), false);
  std::vector<SubschemaId> open{program_.root};
  while (!open.empty()) {
    const SubschemaId id = open.back();
    open.pop_back();
    if (seen[id]) continue;
    seen[id] = true;
    Subschema& subschema = program_.subschemas[id];
    list_own(subschema, id == program_.root && objects_only_ && !root_is_called());
    const std::vector<SubschemaId> next = callees(subschema);
    // The first is taken first.
    open.insert(open.end(), next.rbegin(), next.rend());
  }
}

bool RuleLister::root_is_called() const {
  for (const Subschema& subschema : program_.subschemas) {
    const std::vector<SubschemaId> called = callees(subschema);
    if (std::find(called.begin(), called.end(), program_.root) != called.end()) return true;
  }
  return false;
}

std::vector<SubschemaId> RuleLister::callees(const Subschema& subschema) const {
  std::vector<SubschemaId> all;
  for (const Clause& clause : subschema.clauses) {
    const std::vector<SubschemaId> through = reported_through(subschema, clause);
    all.insert(all.end(), through.begin(), through.end());
  }
  return all;
}

std::vector<SubschemaId> RuleLister::reported_through(const Subschema& subschema,
                                                      const Clause& clause) const {
  const uint32_t operand = clause.check.operand;
  std::vector<SubschemaId> schemas;
  switch (clause.check.op) {
    case Op::kCall:
      return {operand};
    case Op::kIf:
      return {program_.conditions[operand].then, program_.conditions[operand].otherwise};
    case Op::kDependentSchemas:
      for (const DependentSchema& dependent : program_.dependent_schemas[operand]) {
        schemas.push_back(dependent.schema);
      }
      return schemas;
    case Op::kProperties:
      for (const NamedMember& member : program_.members[operand].named) {
        if (member.declared) schemas.push_back(member.part.schema);
      }
      return schemas;
    case Op::kPatternProperties:
      for (const PatternMember& member : program_.members[operand].patterns) {
        schemas.push_back(member.part.schema);
      }
      return schemas;
    case Op::kAdditionalProperties:
      if (!has_rule(subschema, clause))
        schemas.push_back(program_.members[operand].additional->schema);
      return schemas;
    case Op::kPropertyNames:
      if (program_.members[operand].names) schemas.push_back(*program_.members[operand].names);
      return schemas;
    case Op::kPrefixItems:
      for (const Part& part : program_.elements[operand].prefix) schemas.push_back(part.schema);
      return schemas;
    case Op::kRestItems:
      if (!has_rule(subschema, clause)) schemas.push_back(program_.elements[operand].rest->schema);
      return schemas;
    default:
      return schemas;
  }
}

bool RuleLister::has_rule(const Subschema& subschema, const Clause& clause) const {
  const bool is_false = program_.node(clause.place).value.text == "false";
  switch (clause.check.op) {
    case Op::kCall:
    case Op::kIf:
    case Op::kDependentSchemas:
    case Op::kProperties:
    case Op::kPatternProperties:
    case Op::kPropertyNames:
    case Op::kPrefixItems:
      return false;
    case Op::kUnevaluatedItems:
    case Op::kUnevaluatedProperties:
      return clause.check.operand != kTrueSchema;
    case Op::kAdditionalProperties:
      return is_false;
    case Op::kRestItems:
      // What draft-07 says of all elements it says of each of them.
      return is_false && !(subschema.draft7 && name_of(program_.node(clause.place)) == "items");
    default:
      return true;
  }
}

void RuleLister::list_own(Subschema& subschema, bool is_an_object) {
  for (Clause& clause : subschema.clauses) {
    if (!has_rule(subschema, clause)) continue;
    const bool admits_objects = (subschema.kinds & kind_bit(record::ValueKind::kObject)) != 0;
    if (is_an_object && admits_objects && clause.check.op == Op::kType) continue;
    if (clause.check.op != Op::kRequired) {
      clause.rule = rule_at(clause.place, id_of(clause.place));
      continue;
    }
    const std::string prefix = id_of(clause.place) + "/";
    for (const RequiredName& required : program_.name_lists[clause.check.operand]) {
      std::string id = prefix;
      record::append_pointer_token(program_.names->plain(required.name), id);
      const uint32_t rule = rule_at(required.place, std::move(id));
      clause.rule = std::min(clause.rule, rule);
    }
  }
}

uint32_t RuleLister::rule_at(ValuePlace place, std::string id) {
  const auto [found, added] = by_place_.try_emplace({place.document, place.node},
                                                    static_cast<uint32_t>(program_.rules.size()));
  if (added) program_.rules.push_back(std::move(id));
  return found->second;
}

std::string RuleLister::id_of(ValuePlace place) const {
  const SourceDocument& source = program_.documents[place.document];
  // The root document comes first; others are named.
  std::string id = place.document == 0 ? "" : source.uri + "#";
  source.document->append_pointer(place.node, id);
  return id;
}

}  // namespace millrace::schema
