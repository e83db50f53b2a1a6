// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "engine/record/document.h"
#include "engine/schema/evaluator.h"
#include "engine/schema/program.h"
#include "engine/schema/schema.h"

namespace millrace::schema {

// Finds the first rule that a value breaks, as Checker::explain() says.
class Explainer {
 public:
  Explainer(const Program& program, Evaluator& evaluator, const record::Document& document,
            Failure& failure)
      : program_(program), evaluator_(evaluator), document_(document), failure_(failure) {}

  // Fills the failure and returns true where the value is not valid.
  [[nodiscard]] bool explain(SubschemaId id, const record::Node& value);

 private:
  // What is said of the value itself, and what is said of the values inside it.
  [[nodiscard]] bool explain_itself(const Subschema& subschema, const record::Node& value);
  [[nodiscard]] bool explain_inside(const Subschema& subschema, const record::Node& value);
  [[nodiscard]] bool explain_clause(const Subschema& subschema, const Clause& clause,
                                    const record::Node& value);
  [[nodiscard]] bool explain_clause_inside(const Clause& clause, const record::Node& value);

  [[nodiscard]] bool explain_required(const Clause& clause, const record::Node& object);
  [[nodiscard]] bool explain_additional(const Clause& clause, const record::Node& object);
  [[nodiscard]] bool explain_names(const Members& members, const record::Node& object);
  [[nodiscard]] bool explain_rest(const Subschema& subschema, const Clause& clause,
                                  const record::Node& array);
  [[nodiscard]] bool explain_contains(const Subschema& subschema, const Clause& clause,
                                      const record::Node& array);
  [[nodiscard]] bool explain_dependent_names(const Clause& clause, const record::Node& object);
  [[nodiscard]] bool explain_unevaluated(const Subschema& subschema, const record::Node& value);
  [[nodiscard]] bool explain_members(const Members& members, const record::Node& object);
  [[nodiscard]] bool explain_patterns(const Members& members, const record::Node& object);
  [[nodiscard]] bool explain_elements(const Elements& elements, const record::Node& array,
                                      bool prefix);

  // The schema that holds for the value on behalf of `clause` besides it.
  [[nodiscard]] std::vector<SubschemaId> also(const Clause& clause, const record::Node& value);
  [[nodiscard]] std::vector<const record::Node*> additional_members(const Members& members,
                                                                    const record::Node& object);

  [[nodiscard]] bool fail(uint32_t rule, const record::Node& value, std::string sentence);

  const Program& program_;
  Evaluator& evaluator_;
  const record::Document& document_;
  Failure& failure_;
  // While a name is checked: the object that has it, which is the value at fault.
  const record::Node* named_object_ = nullptr;
};

}  // namespace millrace::schema
