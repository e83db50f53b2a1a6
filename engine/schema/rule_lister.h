// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "engine/schema/program.h"

namespace millrace::schema {

// Numbers the rules that can be the reason why a value is rejected, and names them. What stands in
// `not`, `if` or one of several alternatives never is: the rule is the `not` or the `anyOf`.
class RuleLister {
 public:
  // `objects_only`: whole documents are objects, so that what says only that is no rule.
  RuleLister(Program& program, bool objects_only)
      : program_(program), objects_only_(objects_only) {}

  // Fills Program::rules and Clause::rule.
  void list();

 private:
  void list_own(Subschema& subschema, bool is_an_object);
  // By another schema or itself, so that it judges parts of documents too.
  [[nodiscard]] bool root_is_called() const;
  // The schemas whose rules are reported where `clause` fails.
  [[nodiscard]] std::vector<SubschemaId> reported_through(const Subschema& subschema,
                                                          const Clause& clause) const;
  [[nodiscard]] std::vector<SubschemaId> callees(const Subschema& subschema) const;
  [[nodiscard]] bool has_rule(const Subschema& subschema, const Clause& clause) const;
  [[nodiscard]] uint32_t rule_at(ValuePlace place, std::string id);
  [[nodiscard]] std::string id_of(ValuePlace place) const;

  Program& program_;
  const bool objects_only_;
  // One schema may have been compiled in several ways, its rules are the same.
  std::map<std::pair<uint32_t, record::NodeIndex>, uint32_t> by_place_;
};

}  // namespace millrace::schema
