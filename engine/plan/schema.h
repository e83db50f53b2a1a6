// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/config/pipeline_config.h"
#include "engine/plan/fields.h"
#include "engine/plan/step.h"

namespace millrace::plan {

// The compiled schema: which members a record must have, and of which types. Types mean what JSON
// Schema says: 1.0 is an integer, true is no number, nothing is coerced. Immutable.
class Schema {
 public:
  // Appends the rule ids ("schema:/required/device_type", "schema:/properties/timestamp/type") to
  // `rules`.
  Schema(const config::SchemaConfig& schema, FieldNames& names, std::vector<std::string>& rules);

  // Checks the record as it came in; the first rule that it breaks, in the schema's order, rejects.
  [[nodiscard]] Verdict check(const Fields& fields, StepContext& context) const noexcept;

 private:
  struct Required {
    FieldId field;
    RuleId rule;
    std::string name;
  };

  struct Typed {
    FieldId field;
    RuleId rule;
    uint32_t allowed = 0;      // one bit per config::JsonType
    std::string allowed_text;  // "'integer'" or "'string', 'null'"
  };

  std::vector<Required> required_;
  std::vector<Typed> typed_;
};

}  // namespace millrace::plan
