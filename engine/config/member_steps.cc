// SPDX-License-Identifier: Apache-2.0
#include <set>
#include <string>
#include <utility>

#include "engine/config/step_readers.h"

// The steps that decide which members there are, and what they are called.
namespace millrace::config {

Step read_rename(const Field& field, const Context& context) {
  RenameStep step;
  std::set<std::string> targets;
  for (auto& [path, target] : read_path_map(field, "{old_name: new_name}", context)) {
    auto to = target.member();
    if (!to) continue;
    const FieldPath::Part& last = path.parts.back();
    if (last.is_index) {
      target.problem("renames an element of a list; only members of objects have names");
    } else if (last.name == to->value) {
      target.problem("renames a member to its own name");
    }
    FieldPath renamed = path;
    renamed.parts.back() = FieldPath::Part{to->value, 0, false};
    if (!targets.insert(path_key(renamed)).second) {
      target.problem("renames a second member to " + in_quotes(to->value));
    }
    step.names.emplace_back(std::move(path), std::move(*to));
  }
  return step;
}

Step read_remove(const Field& field, const Context& /*context*/) {
  return RemoveStep{read_paths(field)};
}

Step read_keep_only(const Field& field, const Context& /*context*/) {
  KeepOnlyStep step;
  std::set<std::string> seen;
  for (const Field& item : field.items_or_one("a list of member names")) {
    auto name = item.member();
    if (!name) continue;
    if (!seen.insert(name->value).second) {
      item.problem("names " + in_quotes(name->value) + " twice");
    }
    step.members.push_back(std::move(*name));
  }
  return step;
}

}  // namespace millrace::config
