// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/plan/reference_path.h"

#include <algorithm>
#include <cstddef>

namespace millrace::plan::testing::reference {
namespace {

using Part = config::FieldPath::Part;

const Value* child(const Value& value, const Part& part) {
  if (!part.is_index) return value.member(part.name);
  return part.index < value.elements.size() ? &value.elements[part.index] : nullptr;
}

Value& child_to_change(Value& value, const Part& part) {
  value.text.clear();
  return part.is_index ? value.elements[part.index] : *value.member(part.name);
}

// How many parts of the path are there.
size_t count_there(const Value& record, const config::FieldPath& path) {
  const Value* at = &record;
  for (size_t i = 0; i < path.parts.size(); ++i) {
    at = child(*at, path.parts[i]);
    if (at == nullptr) return i;
  }
  return path.parts.size();
}

config::FieldPath beginning(const config::FieldPath& path, size_t count) {
  config::FieldPath shorter = path;
  shorter.parts.resize(count);
  return shorter;
}

}  // namespace

const Value* find(const Value& record, const config::FieldPath& path) {
  const Value* at = &record;
  for (const Part& part : path.parts) {
    at = child(*at, part);
    if (at == nullptr) return nullptr;
  }
  return at;
}

Value* find_to_change(Value& record, const config::FieldPath& path) {
  if (find(record, path) == nullptr) return nullptr;
  Value* at = &record;
  for (const Part& part : path.parts) at = &child_to_change(*at, part);
  return at;
}

Value* find_or_add(Value& record, const config::FieldPath& path) {
  const size_t there = count_there(record, path);
  if (there == path.parts.size()) return find_to_change(record, path);
  const config::FieldPath way = beginning(path, there);
  const auto absent = path.parts.begin() + static_cast<std::ptrdiff_t>(there);
  const bool can_be_made =
      find(record, way)->is(Kind::kObject) &&
      std::none_of(absent, path.parts.end(), [](const Part& part) { return part.is_index; });
  if (!can_be_made) return nullptr;
  Value* at = find_to_change(record, way);
  for (auto part = absent; part != path.parts.end(); ++part) {
    at->text.clear();
    const bool is_last = part + 1 == path.parts.end();
    at->members.push_back({part->name, in_quotes(part->name),
                           is_last ? scalar(Kind::kNull, "null") : scalar(Kind::kObject, "{}")});
    at = &at->members.back().value;
  }
  return at;
}

Value& parent_to_change(Value& record, const config::FieldPath& path) {
  Value& parent = *find_to_change(record, beginning(path, path.parts.size() - 1));
  parent.text.clear();
  return parent;
}

}  // namespace millrace::plan::testing::reference
