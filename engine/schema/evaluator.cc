// SPDX-License-Identifier: Apache-2.0
#include "engine/schema/evaluator.h"

#include <algorithm>

#include "engine/record/decimal.h"
#include "engine/record/json_text.h"
#include "engine/schema/children.h"

namespace millrace::schema {
namespace {

using record::Document;
using record::kNoNode;
using record::NameId;
using record::Node;
using record::NodeIndex;
using record::ValueKind;

constexpr size_t kWordBits = 64;

int compare(std::string_view number, const Bound& bound) noexcept {
  if (bound.value) {
    const ShortNumber value = short_number(number);
    if (value.known) {
      if (value.whole != *bound.value) return value.whole < *bound.value ? -1 : 1;
      return value.fraction ? 1 : 0;
    }
  }
  return record::compare_numbers(number, bound.text);
}

bool is_multiple(std::string_view number, const Bound& divisor) noexcept {
  if (divisor.value) {
    const ShortNumber value = short_number(number);
    if (value.known) return !value.fraction && value.whole % *divisor.value == 0;
  }
  return record::is_multiple_of(number, divisor.text);
}

// Code points of UTF-8 text.
size_t length_of(std::string_view text) noexcept {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

}  // namespace

const NamedMember* Members::find_sorted(NameId name) const noexcept {
  const auto found =
      std::lower_bound(sorted.begin(), sorted.end(), name,
                       [](const auto& entry, NameId value) { return entry.first < value; });
  if (found == sorted.end() || found->first != name) return nullptr;
  return &named[found->second];
}

Evaluator::Evaluator(const Program& program) : program_(program), same_(program.hash_seed) {}

void Evaluator::start(const Document& document) noexcept {
  document_ = &document;
  known_.clear();
}

bool Evaluator::holds(const Subschema& subschema, const Node& value, Frame frame) noexcept {
  if (!has_kind(subschema.kinds, value.value)) return false;
  if (!has_bit(subschema.checked, value.value.kind)) return true;
  return checks_hold(subschema, value, frame);
}

bool Evaluator::checks_hold(const Subschema& subschema, const Node& value, Frame frame) noexcept {
  if (subschema.remember) [[unlikely]] {
    const bool known =
        value.value.kind == ValueKind::kObject || value.value.kind == ValueKind::kArray;
    if (known) return remembered_holds(subschema, value, frame);
  }
  if (subschema.own_frame) return own_frame_holds(subschema, value, frame);
  const Kinds kind = kind_bit(value.value.kind);
  for (const Check& check : subschema.checks) {
    if ((check.kinds & kind) != 0 && !holds(check, value, frame)) return false;
  }
  return true;
}

bool Evaluator::remembered_holds(const Subschema& subschema, const Node& value,
                                 Frame frame) noexcept {
  const auto id = static_cast<SubschemaId>(&subschema - program_.subschemas.data());
  const NodeIndex index = index_of(*document_, value);
  if (const std::optional<bool> known = known_.find(id, index)) return *known;
  bool result = true;
  if (subschema.own_frame) {
    result = own_frame_holds(subschema, value, frame);
  } else {
    const Kinds kind = kind_bit(value.value.kind);
    for (const Check& check : subschema.checks) {
      if ((check.kinds & kind) == 0) continue;
      result = holds(check, value, frame);
      if (!result) break;
    }
  }
  known_.add(id, index, result);
  return result;
}

bool Evaluator::own_frame_holds(const Subschema& subschema, const Node& value,
                                Frame frame) noexcept {
  const Frame own = push_frame(value);
  const Kinds kind = kind_bit(value.value.kind);
  bool result = true;
  for (const Check& check : subschema.checks) {
    if ((check.kinds & kind) == 0) continue;
    result = holds(check, value, own);
    if (!result) break;
  }
  if (result && frame != kNoFrame) {
    merge_and_pop(own, frame);
  } else {
    pop_frame(own);
  }
  return result;
}

bool Evaluator::holds(const Check& check, const Node& value, Frame frame) noexcept {
  const uint32_t operand = check.operand;
  switch (check.op) {
    case Op::kConst:
    case Op::kEnum:
      return program_.constants[operand].has(*document_, value, same_);
    case Op::kMinimum:
      return compare(value.value.text, program_.bounds[operand]) >= 0;
    case Op::kMaximum:
      return compare(value.value.text, program_.bounds[operand]) <= 0;
    case Op::kExclusiveMinimum:
      return compare(value.value.text, program_.bounds[operand]) > 0;
    case Op::kExclusiveMaximum:
      return compare(value.value.text, program_.bounds[operand]) < 0;
    case Op::kMultipleOf:
      return is_multiple(value.value.text, program_.bounds[operand]);
    case Op::kMinLength:
    case Op::kMaxLength:
    case Op::kPattern:
    case Op::kFormat:
      return holds_of_string(check, value);
    case Op::kMinItems:
    case Op::kMinProperties:
      return Children(*document_, value).count() >= program_.counts[operand];
    case Op::kMaxItems:
    case Op::kMaxProperties:
      return Children(*document_, value).count() <= program_.counts[operand];
    case Op::kUniqueItems:
      return same_.all_different(*document_, value);
    case Op::kMembers:
      return members_hold(program_.members[operand], value, frame);
    case Op::kElements:
      return elements_hold(program_.elements[operand], value, frame);
    case Op::kContains:
      return contains_holds(program_.contains[operand], value, frame);
    case Op::kDependentRequired:
      return dependent_names_hold(program_.dependent_names[operand], value);
    case Op::kDependentSchemas:
      return dependent_schemas_hold(program_.dependent_schemas[operand], value, frame);
    case Op::kCall:
      return holds(program_.subschemas[operand], value, frame);
    case Op::kIf:
      return condition_holds(program_.conditions[operand], value, frame);
    case Op::kAnyOf:
      return any_holds(program_.branches[operand], value, frame);
    case Op::kOneOf:
      return one_holds(program_.branches[operand], value, frame);
    case Op::kNot:
      return !holds(program_.subschemas[operand], value, kNoFrame);
    case Op::kUnevaluatedItems:
    case Op::kUnevaluatedProperties:
      return rest_holds(operand, value, frame);
    default:
      return true;  // only in clauses
  }
}

std::string_view Evaluator::content(const Node& string) noexcept {
  if (!string.value.escaped) [[likely]]
    return string.value.plain();
  text_.clear();
  record::append_unescaped(string.value.text, text_);
  return text_;
}

bool Evaluator::holds_of_string(const Check& check, const Node& value) noexcept {
  const std::string_view text = content(value);
  switch (check.op) {
    case Op::kMinLength: {
      const uint64_t least = program_.counts[check.operand];
      return text.size() >= least && length_of(text) >= least;
    }
    case Op::kMaxLength: {
      const uint64_t most = program_.counts[check.operand];
      return text.size() <= most || length_of(text) <= most;
    }
    case Op::kPattern:
      return program_.patterns[check.operand]->found_in(text);
    default:
      return has_format(static_cast<Format>(check.operand), text);
  }
}

const Node* Evaluator::member(const Node& object, NameId name) const noexcept {
  if (object.parent == kNoNode) {
    const NodeIndex index = document_->top(name);
    return index == kNoNode ? nullptr : &document_->node(index);
  }
  for (const Node& member : Children(*document_, object)) {
    if (member.name == name) return &member;
  }
  return nullptr;
}

bool Evaluator::name_matches(uint32_t pattern, const Node& member) noexcept {
  std::string_view name = member.name_text.substr(1, member.name_text.size() - 2);
  if (member.name_escaped) [[unlikely]] {
    text_.clear();
    record::append_unescaped(member.name_text, text_);
    name = text_;
  }
  return program_.patterns[pattern]->found_in(name);
}

bool Evaluator::named_members_hold(const Members& members) noexcept {
  for (const NamedMember& named : members.named) {
    const NodeIndex index = document_->top(named.name);
    if (index == kNoNode) {
      if (named.required) return false;
    } else if (!accepts(named.part, document_->node(index))) {
      return false;
    }
  }
  return true;
}

bool Evaluator::members_hold(const Members& members, const Node& object, Frame frame) noexcept {
  if (members.by_name && object.parent == kNoNode && frame == kNoFrame) {
    return named_members_hold(members);
  }
  const bool only_named = members.patterns.empty() && !members.additional;
  size_t count = 0;
  size_t required = 0;
  for (const Node& member : Children(*document_, object)) {
    const NamedMember* named = member.name < 0 ? nullptr : members.find(member.name);
    const bool declared = named != nullptr && named->declared;
    bool evaluated = declared;
    if (named != nullptr) {
      if (named->required) ++required;
      if (declared && !accepts(named->part, member)) return false;
    }
    if (!only_named && !other_member_holds(members, member, declared, evaluated)) return false;
    if (members.names && !name_holds(*members.names, member)) return false;
    if (evaluated && frame != kNoFrame) mark(frame, count);
    ++count;
  }
  return required == members.required_count && count >= members.count_min &&
         count <= members.count_max;
}

// What the patterns and additionalProperties say of a member.
bool Evaluator::other_member_holds(const Members& members, const Node& member, bool declared,
                                   bool& evaluated) noexcept {
  for (const PatternMember& pattern : members.patterns) {
    if (!name_matches(pattern.pattern, member)) continue;
    evaluated = true;
    if (!accepts(pattern.part, member)) return false;
  }
  if (evaluated || declared || !members.additional) return true;
  evaluated = true;
  return accepts(*members.additional, member);
}

bool Evaluator::name_holds(SubschemaId id, const Node& member) noexcept {
  Node name;
  name.value = {member.name_text, ValueKind::kString, member.name_escaped};
  return holds(program_.subschemas[id], name, kNoFrame);
}

bool Evaluator::elements_hold(const Elements& elements, const Node& array, Frame frame) noexcept {
  size_t position = 0;
  for (const Node& element : Children(*document_, array)) {
    const bool in_prefix = position < elements.prefix.size();
    if (!in_prefix && !elements.rest) return true;
    if (!accepts(in_prefix ? elements.prefix[position] : *elements.rest, element)) return false;
    if (frame != kNoFrame) mark(frame, position);
    ++position;
  }
  return true;
}

uint64_t Evaluator::count_matches(const Contains& contains, const Node& array) noexcept {
  uint64_t matches = 0;
  for (const Node& element : Children(*document_, array)) {
    if (holds(program_.subschemas[contains.schema], element, kNoFrame)) ++matches;
    if (matches > contains.count_max) break;
  }
  return matches;
}

bool Evaluator::contains_holds(const Contains& contains, const Node& array, Frame frame) noexcept {
  constexpr uint64_t kUnlimited = std::numeric_limits<uint64_t>::max();
  const bool all = frame != kNoFrame || contains.count_max != kUnlimited;
  uint64_t matches = 0;
  size_t position = 0;
  for (const Node& element : Children(*document_, array)) {
    if (!all && matches >= contains.count_min) return true;
    if (holds(program_.subschemas[contains.schema], element, kNoFrame)) {
      if (++matches > contains.count_max) return false;
      if (frame != kNoFrame) mark(frame, position);
    }
    ++position;
  }
  return matches >= contains.count_min;
}

bool Evaluator::dependent_names_hold(const std::vector<DependentNames>& list,
                                     const Node& object) const noexcept {
  return std::all_of(list.begin(), list.end(), [&](const DependentNames& dependent) {
    return member(object, dependent.trigger) == nullptr ||
           std::all_of(dependent.needed.begin(), dependent.needed.end(),
                       [&](NameId name) { return member(object, name) != nullptr; });
  });
}

bool Evaluator::dependent_schemas_hold(const std::vector<DependentSchema>& list, const Node& object,
                                       Frame frame) noexcept {
  return std::all_of(list.begin(), list.end(), [&](const DependentSchema& dependent) {
    return member(object, dependent.trigger) == nullptr ||
           holds(program_.subschemas[dependent.schema], object, frame);
  });
}

bool Evaluator::condition_holds(const Condition& condition, const Node& value,
                                Frame frame) noexcept {
  const bool first = alternative_holds(condition.condition, value, frame);
  const SubschemaId next = first ? condition.then : condition.otherwise;
  return holds(program_.subschemas[next], value, frame);
}

bool Evaluator::alternative_holds(SubschemaId id, const Node& value, Frame frame) noexcept {
  if (frame == kNoFrame) return holds(program_.subschemas[id], value, kNoFrame);
  const Frame own = push_frame(value);
  const bool result = holds(program_.subschemas[id], value, own);
  if (result) {
    merge_and_pop(own, frame);
  } else {
    pop_frame(own);
  }
  return result;
}

bool Evaluator::any_holds(const std::vector<SubschemaId>& branches, const Node& value,
                          Frame frame) noexcept {
  bool any = false;
  for (const SubschemaId branch : branches) {
    any = alternative_holds(branch, value, frame) || any;
    // All count where somebody asks what was evaluated.
    if (any && frame == kNoFrame) return true;
  }
  return any;
}

bool Evaluator::one_holds(const std::vector<SubschemaId>& branches, const Node& value,
                          Frame frame) noexcept {
  bool one = false;
  for (const SubschemaId branch : branches) {
    if (!alternative_holds(branch, value, frame)) continue;
    if (one) return false;
    one = true;
  }
  return one;
}

bool Evaluator::rest_holds(SubschemaId id, const Node& value, Frame frame) noexcept {
  size_t position = 0;
  for (const Node& child : Children(*document_, value)) {
    if (!is_marked(frame, position)) {
      if (!holds(program_.subschemas[id], child, kNoFrame)) return false;
      mark(frame, position);
    }
    ++position;
  }
  return true;
}

void Evaluator::list_rejected(const Subschema& subschema, const Check& check, const Node& value,
                              std::vector<NodeIndex>& rejected) noexcept {
  const Frame frame = push_frame(value);
  const Kinds kind = kind_bit(value.value.kind);
  for (const Check& other : subschema.checks) {
    if (other.op == check.op || (other.kinds & kind) == 0) continue;
    if (!holds(other, value, frame)) break;
  }
  const Children children(*document_, value);
  size_t position = 0;
  for (auto i = children.begin(); i != children.end(); ++i, ++position) {
    if (is_marked(frame, position)) continue;
    if (!holds(program_.subschemas[check.operand], *i, kNoFrame)) rejected.push_back(i.index());
  }
  pop_frame(frame);
}

Evaluator::Frame Evaluator::push_frame(const Node& value) noexcept {
  const Frame frame = marks_.size();
  marks_.resize(frame + (Children(*document_, value).count() + kWordBits - 1) / kWordBits, 0);
  return frame;
}

void Evaluator::pop_frame(Frame frame) noexcept {
  marks_.resize(frame);
}

// Frames of one value are of one size, and the one to merge is the last on the stack.
void Evaluator::merge_and_pop(Frame from, Frame to) noexcept {
  for (size_t i = 0; from + i < marks_.size(); ++i) marks_[to + i] |= marks_[from + i];
  pop_frame(from);
}

void Evaluator::mark(Frame frame, size_t position) noexcept {
  marks_[frame + position / kWordBits] |= uint64_t{1} << (position % kWordBits);
}

bool Evaluator::is_marked(Frame frame, size_t position) const noexcept {
  return (marks_[frame + position / kWordBits] >> (position % kWordBits) & 1U) != 0;
}

}  // namespace millrace::schema
