// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/schema/compiler.h"
#include "engine/schema/keywords.h"
#include "engine/schema/program.h"

namespace millrace::schema {

// Compiles one schema, its keywords in the order of the document.
class SubschemaCompiler {
 public:
  SubschemaCompiler(Compiler& compiler, ValuePlace schema, ScopeId scope, bool books);

  [[nodiscard]] Subschema compile();

 private:
  struct Member {
    Keyword keyword = Keyword::kNone;
    ValuePlace place;
  };

  [[nodiscard]] Program& program() { return compiler_.program(); }

  [[nodiscard]] const record::Node& node(ValuePlace place) { return program().node(place); }

  [[nodiscard]] std::vector<ValuePlace> children(ValuePlace parent);
  [[nodiscard]] record::NameId name(ValuePlace member);
  [[nodiscard]] record::NameId string_name(ValuePlace string);

  // The places of the keywords that count; empty for a boolean.
  void list_keywords();
  [[nodiscard]] std::optional<ValuePlace> keyword(Keyword keyword) const;

  // Of a schema for the same value, and of one for another.
  [[nodiscard]] SubschemaId in_place(ValuePlace schema);
  [[nodiscard]] SubschemaId below(ValuePlace schema);
  [[nodiscard]] Part part(ValuePlace schema);

  // A clause alone, for what `kinds` or a check that stands for several clauses looks at.
  void add_clause(Op op, Kinds kinds, uint32_t operand, ValuePlace place);
  // A clause and its check.
  void add(Op op, Kinds kinds, uint32_t operand, ValuePlace place);

  void compile_keyword(Keyword keyword, ValuePlace place);
  void compile_assertion(Keyword keyword, ValuePlace place);
  void compile_object_keyword(Keyword keyword, ValuePlace place);
  void compile_array_keyword(Keyword keyword, ValuePlace place);
  void compile_in_place_keyword(Keyword keyword, ValuePlace place);

  void compile_type(ValuePlace place);
  void compile_bound(Op op, ValuePlace place);
  // `fewest`: what is no restriction.
  void compile_count(Op op, Kinds kinds, ValuePlace place);
  void compile_format(ValuePlace place);
  void compile_required(ValuePlace place);
  void compile_properties(ValuePlace place);
  void compile_patterns(ValuePlace place);
  void compile_dependencies(ValuePlace place);
  void compile_items(ValuePlace place);
  void compile_contains(ValuePlace place);
  void compile_if(ValuePlace place);
  void compile_reference(Keyword keyword, ValuePlace place);
  void compile_branches(Op op, ValuePlace place);

  [[nodiscard]] uint32_t members_index();
  [[nodiscard]] uint32_t elements_index();
  [[nodiscard]] NamedMember& named_member(record::NameId name);
  void finish_members();
  void finish();

  Compiler& compiler_;
  ValuePlace schema_;
  ScopeId scope_;
  Dialect dialect_;
  bool tracks_ = false;  // somebody asks what was evaluated
  std::vector<Member> keywords_;
  std::map<record::NameId, size_t> positions_;  // in Members::named
  uint32_t members_ = kNothing;
  uint32_t elements_ = kNothing;
  Subschema result_;
};

}  // namespace millrace::schema
