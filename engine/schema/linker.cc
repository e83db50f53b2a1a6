// SPDX-License-Identifier: Apache-2.0
#include "engine/schema/linker.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "engine/base/limits.h"
#include "engine/schema/edges.h"

namespace millrace::schema {
namespace {

using base::limits::kJsonDepthMax;

// Nested calls of one check, which are some 300 bytes of stack each. A schema that refers to itself
// may call 15 subschemas about a value before it goes on to the values inside.
constexpr uint32_t kCallsMax = 8000;
// Calls about one value, counted over all ways through a schema.
constexpr uint64_t kCallsPerValueMax = 100'000;
// A subschema that one value may reach in more ways than this keeps its results.
constexpr uint64_t kVisitsToRemember = 1000;
// Each pass may make more trivial; few schemas need a third.
constexpr int kPassesMax = 16;

uint64_t add(uint64_t a, uint64_t b) noexcept {
  return std::min(a + b, uint64_t{1} << 40U);
}

}  // namespace

bool Linker::link() {
  if (callees_first().empty()) return false;
  simplify();
  replace_references();
  copy_parts();
  return measure();
}

std::vector<SubschemaId> Linker::in_place_callees(const Subschema& subschema) const {
  std::vector<SubschemaId> callees;
  for (const Check& check : subschema.checks) {
    visit_in_place(program_, check, [&callees](SubschemaId id) { callees.push_back(id); });
  }
  return callees;
}

std::vector<SubschemaId> Linker::callees_first() {
  enum class State : uint8_t { kNew, kOpen, kDone };

  struct Visit {
    SubschemaId id = kTrueSchema;
    std::vector<SubschemaId> callees;
    size_t next = 0;
  };

  std::vector<State> states(program_.subschemas.size(), State::kNew);
  std::vector<SubschemaId> order;
  order.reserve(states.size());
  std::vector<Visit> path;
  for (SubschemaId start = 0; start < states.size(); ++start) {
    if (states[start] != State::kNew) continue;
    states[start] = State::kOpen;
    path.push_back({start, in_place_callees(program_.subschemas[start])});
    while (!path.empty()) {
      Visit& visit = path.back();
      if (visit.next == visit.callees.size()) {
        states[visit.id] = State::kDone;
        order.push_back(visit.id);
        path.pop_back();
        continue;
      }
      const SubschemaId callee = visit.callees[visit.next++];
      if (states[callee] == State::kOpen) {
        report_circle(visit.id);
        return {};
      }
      if (states[callee] == State::kDone) continue;
      states[callee] = State::kOpen;
      path.push_back({callee, in_place_callees(program_.subschemas[callee])});
    }
  }
  return order;
}

void Linker::report_circle(SubschemaId id) {
  library_.error(program_.subschemas[id].place,
                 "The schema refers to itself for the same value, without end.");
}

bool Linker::is_trivial(SubschemaId id) const {
  const Subschema& subschema = program_.subschemas[id];
  return subschema.kinds == kAllKinds && subschema.checks.empty();
}

bool Linker::is_trivial(const Members& members) const {
  const auto trivial_member = [this](const auto& member) { return is_trivial(member.part.schema); };
  return members.required_count == 0 && members.count_min == 0 &&
         members.count_max == std::numeric_limits<uint64_t>::max() &&
         std::all_of(members.named.begin(), members.named.end(), trivial_member) &&
         std::all_of(members.patterns.begin(), members.patterns.end(), trivial_member) &&
         (!members.additional || is_trivial(members.additional->schema)) &&
         (!members.names || is_trivial(*members.names));
}

bool Linker::is_trivial(const Check& check, const Subschema& subschema) const {
  const auto trivial = [this](SubschemaId id) { return is_trivial(id); };
  if (check.op == Op::kCall) return is_trivial(check.operand);
  // Where books are kept, what cannot reject still says what is evaluated.
  if (subschema.books || subschema.own_frame) return false;
  switch (check.op) {
    case Op::kNot:
      return program_.subschemas[check.operand].kinds == 0;
    case Op::kAnyOf: {
      const std::vector<SubschemaId>& branches = program_.branches[check.operand];
      return std::any_of(branches.begin(), branches.end(), trivial);
    }
    case Op::kIf: {
      const Condition& condition = program_.conditions[check.operand];
      return is_trivial(condition.then) && is_trivial(condition.otherwise);
    }
    case Op::kDependentSchemas: {
      const std::vector<DependentSchema>& list = program_.dependent_schemas[check.operand];
      return std::all_of(list.begin(), list.end(), [this](const DependentSchema& dependent) {
        return is_trivial(dependent.schema);
      });
    }
    case Op::kMembers:
      return is_trivial(program_.members[check.operand]);
    case Op::kElements: {
      const Elements& elements = program_.elements[check.operand];
      return std::all_of(elements.prefix.begin(), elements.prefix.end(),
                         [this](const Part& part) { return is_trivial(part.schema); }) &&
             (!elements.rest || is_trivial(elements.rest->schema));
    }
    default:
      return false;
  }
}

void Linker::simplify() {
  bool changed = true;
  for (int pass = 0; changed && pass < kPassesMax; ++pass) {
    changed = false;
    for (Subschema& subschema : program_.subschemas) {
      const auto drop = [this, &subschema](const Check& check) {
        if (!is_trivial(check, subschema)) return false;
        std::erase_if(subschema.clauses, [&check](const Clause& clause) {
          return clause.check.op == check.op && clause.check.operand == check.operand;
        });
        return true;
      };
      changed = std::erase_if(subschema.checks, drop) > 0 || changed;
    }
  }
}

// A schema that is nothing but a call stands for what it calls.
SubschemaId Linker::meant(SubschemaId id) const {
  const Subschema& subschema = program_.subschemas[id];
  const bool only_calls = subschema.kinds == kAllKinds && subschema.checks.size() == 1 &&
                          subschema.checks[0].op == Op::kCall && !subschema.own_frame;
  return only_calls ? subschema.checks[0].operand : id;
}

void Linker::replace_references() {
  std::vector<SubschemaId> targets(program_.subschemas.size());
  // Callees come first, so that what they stand for is known.
  for (const SubschemaId id : callees_first()) {
    const SubschemaId next = meant(id);
    targets[id] = next == id ? id : targets[next];
    if (is_trivial(targets[id])) targets[id] = kTrueSchema;
  }
  replace_in(targets);
}

void Linker::replace_in(std::vector<SubschemaId>& meant) {
  program_.root = meant[program_.root];
  const auto replace = [&meant](SubschemaId& id) { id = meant[id]; };
  for (Subschema& subschema : program_.subschemas) {
    for (Check& check : subschema.checks) {
      visit_in_place(program_, check, replace);
      visit_below(program_, check, replace);
    }
    // The tables are the checks' own; only what stands in a clause itself is left.
    for (Clause& clause : subschema.clauses) {
      const Op op = clause.check.op;
      if (op == Op::kCall || op == Op::kNot || op == Op::kUnevaluatedItems ||
          op == Op::kUnevaluatedProperties) {
        replace(clause.check.operand);
      }
    }
  }
  for (Members& members : program_.members) {
    if (members.names && *members.names == kTrueSchema) members.names.reset();
  }
}

void Linker::copy_part(Part& part) const {
  const Subschema& subschema = program_.subschemas[part.schema];
  part.kinds = subschema.kinds;
  part.checked = subschema.checked;
}

void Linker::copy_parts() {
  for (Subschema& subschema : program_.subschemas) {
    for (const Check& check : subschema.checks) {
      subschema.checked = static_cast<Kinds>(subschema.checked | check.kinds);
    }
  }
  for (Members& members : program_.members) {
    for (NamedMember& member : members.named) copy_part(member.part);
    for (PatternMember& member : members.patterns) copy_part(member.part);
    if (members.additional) copy_part(*members.additional);
    const bool only_named = members.patterns.empty() && !members.additional && !members.names &&
                            members.count_min == 0 &&
                            members.count_max == std::numeric_limits<uint64_t>::max();
    const bool most_required = members.required_count * 2 >= members.named.size();
    members.by_name = only_named && most_required;
  }
  for (Elements& elements : program_.elements) {
    for (Part& part : elements.prefix) copy_part(part);
    if (elements.rest) copy_part(*elements.rest);
  }
}

void Linker::measure_level(const std::vector<SubschemaId>& order, const Measures& below,
                           Measures& level) const {
  for (const SubschemaId id : order) {
    uint32_t calls = 0;
    uint64_t visits = 0;
    for (const Check& check : program_.subschemas[id].checks) {
      visit_in_place(program_, check, [&](SubschemaId callee) {
        calls = std::max(calls, level.calls[callee]);
        visits = add(visits, level.visits[callee]);
      });
      uint64_t most = 0;
      visit_below(program_, check, [&](SubschemaId callee) {
        calls = std::max(calls, below.calls[callee]);
        // One value is reached through one of the members that have names, and through any pattern.
        const bool exclusive =
            check.op != Op::kMembers || program_.members[check.operand].patterns.empty();
        most = exclusive ? std::max(most, below.visits[callee]) : add(most, below.visits[callee]);
      });
      visits = add(visits, most);
    }
    level.calls[id] = calls + 1;
    level.visits[id] = std::max<uint64_t>(visits, 1);
  }
}

bool Linker::measure() {
  const std::vector<SubschemaId> order = callees_first();
  const size_t count = program_.subschemas.size();
  Measures below{std::vector<uint32_t>(count, 0), std::vector<uint64_t>(count, 0)};
  Measures level = below;
  for (size_t depth = 0; depth <= kJsonDepthMax; ++depth) {
    measure_level(order, below, level);
    if (depth == 0) {
      const uint64_t most = *std::max_element(level.visits.begin(), level.visits.end());
      if (most > kCallsPerValueMax) {
        library_.error(program_.subschemas[program_.root].place,
                       "The schema asks too much of one value: its references multiply.");
        return false;
      }
    }
    if (level.calls == below.calls && level.visits == below.visits) break;
    std::swap(level, below);
  }
  const uint32_t calls = below.calls[program_.root];
  if (calls > kCallsMax) {
    library_.error(program_.subschemas[program_.root].place,
                   fmt::format("The schema's references nest too deeply: a record could need {} "
                               "calls inside each other, of {}.",
                               calls, kCallsMax));
    return false;
  }
  mark_remembered(below);
  return true;
}

void Linker::mark_remembered(const Measures& measures) {
  std::vector<uint32_t> callers(program_.subschemas.size(), 0);
  for (const Subschema& subschema : program_.subschemas) {
    for (const Check& check : subschema.checks) {
      const auto count = [&callers](SubschemaId id) { ++callers[id]; };
      visit_in_place(program_, check, count);
      visit_below(program_, check, count);
    }
  }
  for (SubschemaId id = 0; id < callers.size(); ++id) {
    Subschema& subschema = program_.subschemas[id];
    const bool inside = (subschema.checked & (kObjects | kArrays)) != 0;
    subschema.remember =
        inside && !subschema.books && callers[id] > 1 && measures.visits[id] > kVisitsToRemember;
  }
}

}  // namespace millrace::schema
