// SPDX-License-Identifier: Apache-2.0
#include "engine/steps/json_constant.h"

#include <algorithm>
#include <cstddef>
#include <map>

#include "engine/record/names.h"
#include "engine/record/value_text.h"
#include "engine/steps/number.h"

namespace millrace::steps {
namespace {

using record::ValueKind;

// A member's name, unescaped.
std::string_view name_of(const record::Node& member, std::string& scratch) {
  return record::content({member.name_text, ValueKind::kString, member.name_escaped}, scratch);
}

}  // namespace

std::optional<JsonConstant> JsonConstant::parse(std::string_view json) {
  const record::NameTable names;
  record::Document document(names, {.reject_duplicates = false, .objects_only = false});
  if (document.parse(json) != record::ParseError::kNone) return std::nullopt;
  return JsonConstant(document, document.root());
}

JsonConstant::JsonConstant(const record::Document& document, record::NodeIndex value)
    : kind_(document.node(value).value.kind) {
  std::string scratch;
  if (kind_ == ValueKind::kArray) {
    for (auto child = document.first_child(value); child != record::kNoNode;
         child = document.next_child(child))
      parts_.push_back(JsonConstant(document, child));
  } else if (kind_ == ValueKind::kObject) {
    std::map<std::string, record::NodeIndex> members;
    for (auto child = document.first_child(value); child != record::kNoNode;
         child = document.next_child(child))
      members.emplace(name_of(document.node(child), scratch), child);
    for (const auto& [name, child] : members) {
      names_.push_back(name);
      parts_.push_back(JsonConstant(document, child));
    }
  } else {
    text_ = record::content(document.node(value).value, scratch);
  }
}

bool JsonConstant::equals(const record::Document& document, record::NodeIndex value,
                          std::string& scratch) const noexcept {
  const record::JsonValue& json = document.node(value).value;
  if (json.kind != kind_) return false;
  switch (kind_) {
    case ValueKind::kNull:
      return true;
    case ValueKind::kBoolean:
      return json.text == text_;
    case ValueKind::kNumber:
      return compare(Number(json.text), Number(text_)) == 0;
    case ValueKind::kString:
      return record::content(json, scratch) == text_;
    case ValueKind::kArray:
      return equals_array(document, value, scratch);
    case ValueKind::kObject:
      return equals_object(document, value, scratch);
  }
  return false;
}

bool JsonConstant::equals_array(const record::Document& document, record::NodeIndex value,
                                std::string& scratch) const noexcept {
  record::NodeIndex child = document.first_child(value);
  for (const JsonConstant& part : parts_) {
    if (child == record::kNoNode || !part.equals(document, child, scratch)) return false;
    child = document.next_child(child);
  }
  return child == record::kNoNode;
}

// The names of a record's object are distinct, so as many members, each with its equal here, are
// all of them.
bool JsonConstant::equals_object(const record::Document& document, record::NodeIndex value,
                                 std::string& scratch) const noexcept {
  size_t count = 0;
  for (auto child = document.first_child(value); child != record::kNoNode;
       child = document.next_child(child)) {
    const JsonConstant* part = member(name_of(document.node(child), scratch));
    if (part == nullptr || !part->equals(document, child, scratch)) return false;
    ++count;
  }
  return count == parts_.size();
}

const JsonConstant* JsonConstant::member(std::string_view name) const noexcept {
  const auto at = std::lower_bound(names_.begin(), names_.end(), name);
  if (at == names_.end() || *at != name) return nullptr;
  return &parts_[static_cast<size_t>(at - names_.begin())];
}

}  // namespace millrace::steps
