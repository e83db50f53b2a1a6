// SPDX-License-Identifier: Apache-2.0
#include <set>
#include <utility>

#include "engine/config/step_readers.h"

namespace millrace::config {
namespace {

bool has_prefix(const FieldPath& path, const FieldPath& prefix) {
  return path_key(path).starts_with(path_key(prefix));
}

}  // namespace

std::vector<FieldPath> read_paths(const Field& field) {
  std::vector<FieldPath> paths;
  std::set<std::string> seen;
  for (const Field& item : field.items_or_one("the path of a field, or a list of paths")) {
    auto path = item.field_path();
    if (!path) continue;
    if (!seen.insert(path_key(*path)).second) {
      item.problem("names " + in_quotes(path->text) + " twice");
    }
    paths.push_back(std::move(*path));
  }
  return paths;
}

std::vector<std::pair<FieldPath, Field>> read_path_map(const Field& field, std::string_view example,
                                                       const Context& context) {
  std::vector<std::pair<FieldPath, Field>> members;
  if (!field.map("a map such as " + std::string(example))) return members;
  if (field.node().members.empty()) field.problem("is empty; write " + std::string(example));
  std::set<std::string> seen;
  for (const auto& [key, value] : field.node().members) {
    YamlNode node;
    node.kind = NodeKind::kScalar;
    node.place = key.place;
    node.text = key.value;
    const Field name(&node, field.path(), key.place, context.problems);
    auto path = name.field_path();
    if (!path) continue;
    if (!seen.insert(path_key(*path)).second) {
      name.problem("names " + in_quotes(path->text) + " twice");
    }
    members.emplace_back(std::move(*path), Field(value.get(), field.path() + "." + key.value,
                                                 key.place, context.problems));
  }
  return members;
}

std::optional<FieldPath> read_into(const Field& into, const FieldPath& field) {
  auto path = into.field_path();
  // Without a `field` there is another problem already.
  if (!path || field.text.empty()) return path;
  if (path_key(*path) == path_key(field)) {
    into.problem("is the field itself; leave it out, and the field gets the new value");
  } else if (has_prefix(*path, field)) {
    into.problem("lies inside of the field " + in_quotes(field.text) +
                 "; name a place outside of it");
  }
  return path;
}

}  // namespace millrace::config
