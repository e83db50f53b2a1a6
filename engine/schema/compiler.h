// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "engine/record/names.h"
#include "engine/schema/library.h"
#include "engine/schema/program.h"
#include "engine/schema/same_value.h"

namespace millrace::schema {

// Which schema each dynamic anchor means on the way to a schema: that of the outermost resource on
// the way that has it. Only anchors that some `$dynamicRef` asks for are in it.
using DynamicScope = std::map<std::string, ValuePlace, std::less<>>;
using ScopeId = uint32_t;

// Turns the schemas of a library into subschemas of the program, one after the other as they are
// found to be needed, so that no nesting of schemas nests calls here.
class Compiler {
 public:
  // All outlive it. Requires: a library without errors.
  Compiler(Program& program, Library& library, record::NameTable& names);

  // Sets Program::root. False, and a problem, where the schemas are too many.
  [[nodiscard]] bool compile(ValuePlace root);

  // The number under which a schema is or will be compiled, in the scope of whoever calls it.
  // `books`: it is to mark what it evaluates.
  [[nodiscard]] SubschemaId subschema(ValuePlace schema, ScopeId scope, bool books);

  [[nodiscard]] Program& program() { return program_; }

  [[nodiscard]] const Library& library() const { return library_; }

  [[nodiscard]] record::NameTable& names() { return names_; }

  [[nodiscard]] const DynamicScope& scope(ScopeId id) const { return scopes_[id]; }

  // Number of the set of one value or of all elements of an array.
  [[nodiscard]] uint32_t constants(ValuePlace place, bool each);

 private:
  struct Job {
    SubschemaId id = kTrueSchema;
    ValuePlace schema;
    ScopeId scope = 0;
    bool books = false;
  };

  [[nodiscard]] ScopeId enter(ScopeId scope, ResourceId resource);

  Program& program_;
  Library& library_;
  record::NameTable& names_;
  SameValue same_;
  std::deque<Job> jobs_;
  std::map<std::tuple<uint32_t, record::NodeIndex, ScopeId, bool>, SubschemaId> subschemas_;
  std::vector<DynamicScope> scopes_;
  std::map<std::vector<std::tuple<std::string, uint32_t, record::NodeIndex>>, ScopeId> scope_ids_;
  std::map<std::pair<ScopeId, ResourceId>, ScopeId> entered_;
  std::map<std::pair<uint32_t, record::NodeIndex>, uint32_t> constants_;
};

}  // namespace millrace::schema
