// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/schema/program.h"

namespace millrace::schema {

// Calls `visit(SubschemaId&)` for each subschema that a check asks about the same value.
template <typename ProgramType, typename CheckType, typename Visit>
void visit_in_place(ProgramType& program, CheckType& check, Visit visit) {
  switch (check.op) {
    case Op::kCall:
    case Op::kNot:
      visit(check.operand);
      return;
    case Op::kIf: {
      auto& condition = program.conditions[check.operand];
      visit(condition.condition);
      visit(condition.then);
      visit(condition.otherwise);
      return;
    }
    case Op::kDependentSchemas:
      for (auto& dependent : program.dependent_schemas[check.operand]) visit(dependent.schema);
      return;
    case Op::kAnyOf:
    case Op::kOneOf:
      for (auto& branch : program.branches[check.operand]) visit(branch);
      return;
    default:
      return;
  }
}

// The same for members, elements and names.
template <typename ProgramType, typename CheckType, typename Visit>
void visit_below(ProgramType& program, CheckType& check, Visit visit) {
  switch (check.op) {
    case Op::kUnevaluatedItems:
    case Op::kUnevaluatedProperties:
      visit(check.operand);
      return;
    case Op::kContains:
      visit(program.contains[check.operand].schema);
      return;
    case Op::kMembers: {
      auto& members = program.members[check.operand];
      for (auto& member : members.named) visit(member.part.schema);
      for (auto& member : members.patterns) visit(member.part.schema);
      if (members.additional) visit(members.additional->schema);
      if (members.names) visit(*members.names);
      return;
    }
    case Op::kElements: {
      auto& elements = program.elements[check.operand];
      for (auto& part : elements.prefix) visit(part.schema);
      if (elements.rest) visit(elements.rest->schema);
      return;
    }
    default:
      return;
  }
}

}  // namespace millrace::schema
