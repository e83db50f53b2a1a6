// SPDX-License-Identifier: Apache-2.0
#include "engine/schema/subschema_compiler.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "engine/record/decimal.h"
#include "engine/record/value_text.h"
#include "engine/schema/children.h"

namespace millrace::schema {
namespace {

using record::NameId;
using record::Node;
using record::ValueKind;

constexpr uint64_t kUnlimited = std::numeric_limits<uint64_t>::max();

Kinds kinds_of_type(std::string_view name) noexcept {
  constexpr std::array<std::pair<std::string_view, Kinds>, 7> kTypes{{
      {"null", kind_bit(ValueKind::kNull)},
      {"boolean", kind_bit(ValueKind::kBoolean)},
      {"integer", kWholeNumbers},
      {"number", kNumbers},
      {"string", kStrings},
      {"array", kArrays},
      {"object", kObjects},
  }};
  for (const auto& [type, kinds] : kTypes) {
    if (type == name) return kinds;
  }
  return 0;
}

// A whole number that is not negative; what does not fit is as good as unlimited.
uint64_t count_of(const Node& number) noexcept {
  const std::optional<int64_t> value = record::integral_value(number.value.text);
  if (value && *value >= 0) return static_cast<uint64_t>(*value);
  return record::compare_numbers(number.value.text, "0") == 0 ? 0 : kUnlimited;
}

// Cheap checks first, what looks into other values later, and last what asks what was evaluated.
int rank(Op op) noexcept {
  return static_cast<int>(op);
}

// What members or elements are counted or listed by stands in one check.
bool is_only_clause(Op op) noexcept {
  switch (op) {
    case Op::kType:
    case Op::kMinProperties:
    case Op::kMaxProperties:
    case Op::kRequired:
    case Op::kProperties:
    case Op::kPatternProperties:
    case Op::kAdditionalProperties:
    case Op::kPropertyNames:
    case Op::kPrefixItems:
    case Op::kRestItems:
    case Op::kMinContains:
    case Op::kMaxContains:
      return true;
    default:
      return false;
  }
}

}  // namespace

SubschemaCompiler::SubschemaCompiler(Compiler& compiler, ValuePlace schema, ScopeId scope,
                                     bool books)
    : compiler_(compiler),
      schema_(schema),
      scope_(scope),
      dialect_(compiler.library().resource(compiler.library().resource_at(schema)).dialect) {
  result_.place = schema;
  result_.books = books;
  result_.draft7 = dialect_.draft == Draft::k7;
}

Subschema SubschemaCompiler::compile() {
  if (node(schema_).value.kind == ValueKind::kBoolean) {
    result_.kinds = 0;  // true has no Subschema of its own
    add_clause(Op::kNever, kAllKinds, 0, schema_);
    return std::move(result_);
  }
  list_keywords();
  for (const Keyword unevaluated : {Keyword::kUnevaluatedItems, Keyword::kUnevaluatedProperties}) {
    const std::optional<ValuePlace> place = keyword(unevaluated);
    if (place && (result_.books || node(*place).value.text != "true")) result_.own_frame = true;
  }
  tracks_ = result_.books || result_.own_frame;
  for (const Member& member : keywords_) compile_keyword(member.keyword, member.place);
  finish();
  return std::move(result_);
}

void SubschemaCompiler::list_keywords() {
  for (const ValuePlace place : children(schema_)) {
    const std::string name = name_of(node(place));
    const KeywordInfo* info = find_keyword(name, dialect_.draft);
    if (info == nullptr || (dialect_.vocabularies & info->vocabulary) == 0) continue;
    keywords_.push_back({info->keyword, place});
  }
  // In draft-07 nothing counts beside `$ref`.
  if (dialect_.draft != Draft::k7) return;
  const std::optional<ValuePlace> reference = keyword(Keyword::kRef);
  if (reference) keywords_.assign(1, {Keyword::kRef, *reference});
}

std::vector<ValuePlace> SubschemaCompiler::children(ValuePlace parent) {
  std::vector<ValuePlace> places;
  const record::Document& document = *program().documents[parent.document].document;
  const Children all(document, document.node(parent.node));
  for (auto i = all.begin(); i != all.end(); ++i) places.push_back({parent.document, i.index()});
  return places;
}

NameId SubschemaCompiler::name(ValuePlace member) {
  return compiler_.names().intern(name_of(node(member)));
}

NameId SubschemaCompiler::string_name(ValuePlace string) {
  return compiler_.names().intern(string_of(node(string)));
}

std::optional<ValuePlace> SubschemaCompiler::keyword(Keyword keyword) const {
  for (const Member& member : keywords_) {
    if (member.keyword == keyword) return member.place;
  }
  return std::nullopt;
}

SubschemaId SubschemaCompiler::in_place(ValuePlace schema) {
  return compiler_.subschema(schema, scope_, tracks_);
}

SubschemaId SubschemaCompiler::below(ValuePlace schema) {
  return compiler_.subschema(schema, scope_, false);
}

Part SubschemaCompiler::part(ValuePlace schema) {
  Part part;
  part.schema = below(schema);
  return part;
}

void SubschemaCompiler::add_clause(Op op, Kinds kinds, uint32_t operand, ValuePlace place) {
  result_.clauses.push_back({{op, kinds, operand}, place, kNoRule});
}

void SubschemaCompiler::add(Op op, Kinds kinds, uint32_t operand, ValuePlace place) {
  add_clause(op, kinds, operand, place);
  if (!is_only_clause(op)) result_.checks.push_back({op, kinds, operand});
}

void SubschemaCompiler::compile_keyword(Keyword keyword, ValuePlace place) {
  compile_assertion(keyword, place);
  compile_object_keyword(keyword, place);
  compile_array_keyword(keyword, place);
  compile_in_place_keyword(keyword, place);
}

void SubschemaCompiler::compile_assertion(Keyword keyword, ValuePlace place) {
  switch (keyword) {
    case Keyword::kType:
      return compile_type(place);
    case Keyword::kEnum:
      return add(Op::kEnum, kAllKinds, compiler_.constants(place, true), place);
    case Keyword::kConst:
      return add(Op::kConst, kAllKinds, compiler_.constants(place, false), place);
    case Keyword::kMultipleOf:
      return compile_bound(Op::kMultipleOf, place);
    case Keyword::kMaximum:
      return compile_bound(Op::kMaximum, place);
    case Keyword::kExclusiveMaximum:
      return compile_bound(Op::kExclusiveMaximum, place);
    case Keyword::kMinimum:
      return compile_bound(Op::kMinimum, place);
    case Keyword::kExclusiveMinimum:
      return compile_bound(Op::kExclusiveMinimum, place);
    case Keyword::kMaxLength:
      return compile_count(Op::kMaxLength, kStrings, place);
    case Keyword::kMinLength:
      return compile_count(Op::kMinLength, kStrings, place);
    case Keyword::kPattern:
      return add(Op::kPattern, kStrings, compiler_.library().pattern(string_of(node(place))),
                 place);
    case Keyword::kFormat:
      return compile_format(place);
    case Keyword::kMaxItems:
      return compile_count(Op::kMaxItems, kArrays, place);
    case Keyword::kMinItems:
      return compile_count(Op::kMinItems, kArrays, place);
    case Keyword::kUniqueItems:
      if (node(place).value.text == "true") add(Op::kUniqueItems, kArrays, 0, place);
      return;
    case Keyword::kMaxProperties:
      return compile_count(Op::kMaxProperties, kObjects, place);
    case Keyword::kMinProperties:
      return compile_count(Op::kMinProperties, kObjects, place);
    default:
      return;
  }
}

void SubschemaCompiler::compile_object_keyword(Keyword keyword, ValuePlace place) {
  switch (keyword) {
    case Keyword::kRequired:
      return compile_required(place);
    case Keyword::kDependentRequired:
    case Keyword::kDependentSchemas:
    case Keyword::kDependencies:
      return compile_dependencies(place);
    case Keyword::kProperties:
      return compile_properties(place);
    case Keyword::kPatternProperties:
      return compile_patterns(place);
    case Keyword::kAdditionalProperties: {
      const uint32_t index = members_index();
      const Part additional = part(place);
      program().members[index].additional = additional;
      return add(Op::kAdditionalProperties, kObjects, index, place);
    }
    case Keyword::kPropertyNames: {
      const uint32_t index = members_index();
      const SubschemaId schema = below(place);
      program().members[index].names = schema;
      return add(Op::kPropertyNames, kObjects, index, place);
    }
    case Keyword::kUnevaluatedProperties:
      if (result_.own_frame) add(Op::kUnevaluatedProperties, kObjects, below(place), place);
      return;
    default:
      return;
  }
}

void SubschemaCompiler::compile_array_keyword(Keyword keyword, ValuePlace place) {
  switch (keyword) {
    case Keyword::kPrefixItems:
    case Keyword::kItems:
      return compile_items(place);
    case Keyword::kAdditionalItems: {
      // Without an array of items every element has its schema.
      const std::optional<ValuePlace> items = this->keyword(Keyword::kItems);
      if (!items || node(*items).value.kind != ValueKind::kArray) return;
      const uint32_t index = elements_index();
      const Part rest = part(place);
      program().elements[index].rest = rest;
      return add(Op::kRestItems, kArrays, index, place);
    }
    case Keyword::kContains:
      return compile_contains(place);
    case Keyword::kUnevaluatedItems:
      if (result_.own_frame) add(Op::kUnevaluatedItems, kArrays, below(place), place);
      return;
    default:
      return;
  }
}

void SubschemaCompiler::compile_in_place_keyword(Keyword keyword, ValuePlace place) {
  switch (keyword) {
    case Keyword::kRef:
    case Keyword::kDynamicRef:
      return compile_reference(keyword, place);
    case Keyword::kAllOf:
      for (const ValuePlace schema : children(place)) {
        add(Op::kCall, kAllKinds, in_place(schema), schema);
      }
      return;
    case Keyword::kAnyOf:
      return compile_branches(Op::kAnyOf, place);
    case Keyword::kOneOf:
      return compile_branches(Op::kOneOf, place);
    case Keyword::kNot:
      // What a schema evaluates that must not hold is of no interest.
      return add(Op::kNot, kAllKinds, below(place), place);
    case Keyword::kIf:
      return compile_if(place);
    default:
      return;
  }
}

void SubschemaCompiler::compile_type(ValuePlace place) {
  Kinds kinds = 0;
  if (node(place).value.kind == ValueKind::kString) {
    kinds = kinds_of_type(string_of(node(place)));
  } else {
    for (const ValuePlace name : children(place)) {
      kinds = static_cast<Kinds>(kinds | kinds_of_type(string_of(node(name))));
    }
  }
  if ((kinds & kNumbers) != 0) kinds = static_cast<Kinds>(kinds & kAllKinds);
  result_.kinds = kinds;
  if (kinds != kAllKinds) add_clause(Op::kType, kAllKinds, 0, place);
}

void SubschemaCompiler::compile_bound(Op op, ValuePlace place) {
  const std::string_view text = node(place).value.text;
  const auto index = static_cast<uint32_t>(program().bounds.size());
  program().bounds.push_back({text, record::integral_value(text), place});
  add(op, kNumbers, index, place);
}

void SubschemaCompiler::compile_count(Op op, Kinds kinds, ValuePlace place) {
  const uint64_t count = count_of(node(place));
  const bool is_minimum = op == Op::kMinLength || op == Op::kMinItems || op == Op::kMinProperties;
  if (count == (is_minimum ? 0 : kUnlimited)) return;
  if (op == Op::kMinProperties) program().members[members_index()].count_min = count;
  if (op == Op::kMaxProperties) program().members[members_index()].count_max = count;
  const auto index = static_cast<uint32_t>(program().counts.size());
  program().counts.push_back(count);
  add(op, kinds, index, place);
}

void SubschemaCompiler::compile_format(ValuePlace place) {
  if (!dialect_.assert_formats) return;
  const std::optional<Format> format = format_named(string_of(node(place)));
  if (format) add(Op::kFormat, kStrings, static_cast<uint32_t>(*format), place);
}

uint32_t SubschemaCompiler::members_index() {
  if (members_ == kNothing) {
    members_ = static_cast<uint32_t>(program().members.size());
    program().members.emplace_back();
  }
  return members_;
}

uint32_t SubschemaCompiler::elements_index() {
  if (elements_ == kNothing) {
    elements_ = static_cast<uint32_t>(program().elements.size());
    program().elements.emplace_back();
  }
  return elements_;
}

NamedMember& SubschemaCompiler::named_member(NameId name) {
  std::vector<NamedMember>& named = program().members[members_index()].named;
  const auto [position, added] = positions_.try_emplace(name, named.size());
  if (added) named.emplace_back().name = name;
  return named[position->second];
}

void SubschemaCompiler::compile_required(ValuePlace place) {
  const std::vector<ValuePlace> strings = children(place);
  if (strings.empty()) return;
  std::vector<RequiredName> list;
  list.reserve(strings.size());
  for (const ValuePlace string : strings) {
    list.push_back({string_name(string), string});
    named_member(list.back().name).required = true;
  }
  Members& members = program().members[members_index()];
  members.required_count = list.size();
  const auto index = static_cast<uint32_t>(program().name_lists.size());
  program().name_lists.push_back(std::move(list));
  add(Op::kRequired, kObjects, index, place);
}

void SubschemaCompiler::compile_properties(ValuePlace place) {
  const uint32_t index = members_index();
  for (const ValuePlace schema : children(place)) {
    const Part part = this->part(schema);
    NamedMember& member = named_member(name(schema));
    member.part = part;
    member.place = schema;
    member.declared = true;
  }
  add(Op::kProperties, kObjects, index, place);
}

void SubschemaCompiler::compile_patterns(ValuePlace place) {
  const uint32_t index = members_index();
  for (const ValuePlace schema : children(place)) {
    PatternMember member;
    member.pattern = compiler_.library().pattern(name_of(node(schema)));
    member.part = part(schema);
    member.place = schema;
    program().members[index].patterns.push_back(member);
  }
  add(Op::kPatternProperties, kObjects, index, place);
}

void SubschemaCompiler::compile_dependencies(ValuePlace place) {
  std::vector<DependentNames> names;
  std::vector<DependentSchema> schemas;
  for (const ValuePlace dependency : children(place)) {
    const NameId trigger = name(dependency);
    if (node(dependency).value.kind == ValueKind::kArray) {
      DependentNames needs{trigger, {}};
      for (const ValuePlace string : children(dependency)) {
        needs.needed.push_back(string_name(string));
      }
      if (!needs.needed.empty()) names.push_back(std::move(needs));
    } else {
      schemas.push_back({trigger, in_place(dependency)});
    }
  }
  if (!names.empty()) {
    const auto index = static_cast<uint32_t>(program().dependent_names.size());
    program().dependent_names.push_back(std::move(names));
    add(Op::kDependentRequired, kObjects, index, place);
  }
  if (!schemas.empty()) {
    const auto index = static_cast<uint32_t>(program().dependent_schemas.size());
    program().dependent_schemas.push_back(std::move(schemas));
    add(Op::kDependentSchemas, kObjects, index, place);
  }
}

void SubschemaCompiler::compile_items(ValuePlace place) {
  const uint32_t index = elements_index();
  if (node(place).value.kind != ValueKind::kArray) {
    const Part rest = part(place);
    program().elements[index].rest = rest;
    return add(Op::kRestItems, kArrays, index, place);
  }
  std::vector<Part> prefix;
  for (const ValuePlace schema : children(place)) prefix.push_back(part(schema));
  program().elements[index].prefix = std::move(prefix);
  add(Op::kPrefixItems, kArrays, index, place);
}

void SubschemaCompiler::compile_contains(ValuePlace place) {
  Contains contains;
  const std::optional<ValuePlace> least = keyword(Keyword::kMinContains);
  const std::optional<ValuePlace> most = keyword(Keyword::kMaxContains);
  if (least) contains.count_min = count_of(node(*least));
  if (most) contains.count_max = count_of(node(*most));
  contains.evaluates = tracks_;
  if (contains.count_min == 0 && contains.count_max == kUnlimited && !tracks_) return;
  contains.schema = below(place);
  const auto index = static_cast<uint32_t>(program().contains.size());
  program().contains.push_back(contains);
  result_.checks.push_back({Op::kContains, kArrays, index});
  if (contains.count_min > 0) add_clause(Op::kContains, kArrays, index, place);
  if (contains.count_min > 1) add_clause(Op::kMinContains, kArrays, index, *least);
  if (contains.count_max != kUnlimited) add_clause(Op::kMaxContains, kArrays, index, *most);
}

void SubschemaCompiler::compile_if(ValuePlace place) {
  const std::optional<ValuePlace> then = keyword(Keyword::kThen);
  const std::optional<ValuePlace> otherwise = keyword(Keyword::kElse);
  if (!then && !otherwise && !tracks_) return;
  Condition condition;
  condition.condition = in_place(place);
  if (then) condition.then = in_place(*then);
  if (otherwise) condition.otherwise = in_place(*otherwise);
  const auto index = static_cast<uint32_t>(program().conditions.size());
  program().conditions.push_back(condition);
  add(Op::kIf, kAllKinds, index, place);
}

void SubschemaCompiler::compile_reference(Keyword keyword, ValuePlace place) {
  const Target& target = compiler_.library().target(place);
  ValuePlace schema = target.schema;
  if (keyword == Keyword::kDynamicRef && !target.dynamic_name.empty()) {
    const DynamicScope& scope = compiler_.scope(scope_);
    const auto outermost = scope.find(target.dynamic_name);
    if (outermost != scope.end()) schema = outermost->second;
  }
  add(Op::kCall, kAllKinds, in_place(schema), place);
}

void SubschemaCompiler::compile_branches(Op op, ValuePlace place) {
  std::vector<SubschemaId> branches;
  for (const ValuePlace schema : children(place)) branches.push_back(in_place(schema));
  const auto index = static_cast<uint32_t>(program().branches.size());
  program().branches.push_back(std::move(branches));
  add(op, kAllKinds, index, place);
}

void SubschemaCompiler::finish_members() {
  Members& members = program().members[members_];
  if (members.named.empty()) return;
  // `required` may have come before `properties`.
  std::stable_sort(members.named.begin(), members.named.end(),
                   [](const NamedMember& a, const NamedMember& b) {
                     if (a.declared != b.declared) return a.declared;
                     return a.declared && a.place.node < b.place.node;
                   });
  const auto [first, last] = std::minmax_element(
      members.named.begin(), members.named.end(),
      [](const NamedMember& a, const NamedMember& b) { return a.name < b.name; });
  const auto span = static_cast<size_t>(last->name - first->name) + 1;
  if (span <= members.named.size() * 8 + 64) {
    members.first_name = first->name;
    members.positions.assign(span, 0);
    for (uint32_t i = 0; i < members.named.size(); ++i) {
      members.positions[static_cast<size_t>(members.named[i].name - members.first_name)] = i + 1;
    }
    return;
  }
  for (uint32_t i = 0; i < members.named.size(); ++i) {
    members.sorted.emplace_back(members.named[i].name, i);
  }
  std::sort(members.sorted.begin(), members.sorted.end());
}

void SubschemaCompiler::finish() {
  if (members_ != kNothing) {
    finish_members();
    result_.checks.push_back({Op::kMembers, kObjects, members_});
  }
  if (elements_ != kNothing) result_.checks.push_back({Op::kElements, kArrays, elements_});
  // What speaks of values that `type` forbids never speaks.
  Kinds possible = static_cast<Kinds>(result_.kinds & kAllKinds);
  if ((result_.kinds & kWholeNumbers) != 0) possible = static_cast<Kinds>(possible | kNumbers);
  std::erase_if(result_.checks,
                [possible](const Check& check) { return (check.kinds & possible) == 0; });
  std::erase_if(result_.clauses,
                [possible](const Clause& clause) { return (clause.check.kinds & possible) == 0; });
  std::stable_sort(result_.checks.begin(), result_.checks.end(),
                   [](const Check& a, const Check& b) { return rank(a.op) < rank(b.op); });
}

}  // namespace millrace::schema
