// SPDX-License-Identifier: Apache-2.0
#include "engine/schema/compiler.h"

#include <fmt/format.h>

#include "engine/schema/children.h"
#include "engine/schema/subschema_compiler.h"

namespace millrace::schema {
namespace {

using record::Node;

// Schemas of all documents together, each counted once for each way of compiling it.
constexpr size_t kSubschemasMax = 100'000;

}  // namespace

Compiler::Compiler(Program& program, Library& library, record::NameTable& names)
    : program_(program), library_(library), names_(names), same_(program.hash_seed) {
  program_.names = &names;
  program_.subschemas.resize(1);  // kTrueSchema
  scopes_.resize(1);
  scope_ids_.emplace();
}

bool Compiler::compile(ValuePlace root) {
  program_.root = subschema(root, 0, false);
  while (!jobs_.empty()) {
    const Job job = jobs_.front();
    jobs_.pop_front();
    SubschemaCompiler compiler(*this, job.schema, job.scope, job.books);
    program_.subschemas[job.id] = compiler.compile();
    if (program_.subschemas.size() > kSubschemasMax) {
      library_.error(root, fmt::format("The schema is too large: it comes to more than {} schemas.",
                                       kSubschemasMax));
      return false;
    }
  }
  return true;
}

SubschemaId Compiler::subschema(ValuePlace schema, ScopeId scope, bool books) {
  if (program_.node(schema).value.text == "true") return kTrueSchema;
  scope = enter(scope, library_.resource_at(schema));
  const auto next = static_cast<SubschemaId>(program_.subschemas.size());
  const auto [found, added] =
      subschemas_.try_emplace({schema.document, schema.node, scope, books}, next);
  if (added) {
    program_.subschemas.emplace_back();
    jobs_.push_back({next, schema, scope, books});
  }
  return found->second;
}

ScopeId Compiler::enter(ScopeId scope, ResourceId resource) {
  if (library_.dynamic_names().empty()) return 0;
  const auto known = entered_.find({scope, resource});
  if (known != entered_.end()) return known->second;
  DynamicScope inner = scopes_[scope];
  const Resource& entered = library_.resource(resource);
  for (const auto& [name, node] : entered.dynamic_anchors) {
    if (library_.dynamic_names().contains(name)) {
      inner.try_emplace(name, ValuePlace{entered.root.document, node});
    }
  }
  std::vector<std::tuple<std::string, uint32_t, record::NodeIndex>> content;
  content.reserve(inner.size());
  for (const auto& [name, place] : inner) content.emplace_back(name, place.document, place.node);
  const auto [id, added] =
      scope_ids_.try_emplace(std::move(content), static_cast<ScopeId>(scopes_.size()));
  if (added) scopes_.push_back(std::move(inner));
  entered_.emplace(std::pair{scope, resource}, id->second);
  return id->second;
}

uint32_t Compiler::constants(ValuePlace place, bool each) {
  const auto [found, added] = constants_.try_emplace(
      {place.document, place.node}, static_cast<uint32_t>(program_.constants.size()));
  if (!added) return found->second;
  const record::Document& document = *program_.documents[place.document].document;
  Constants& constants = program_.constants.emplace_back();
  const Node& value = document.node(place.node);
  if (each) {
    for (const Node& element : Children(document, value)) constants.add(document, element, same_);
  } else {
    constants.add(document, value, same_);
  }
  constants.sort();
  return found->second;
}

}  // namespace millrace::schema
