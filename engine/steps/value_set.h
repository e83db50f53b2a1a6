// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/record/document.h"
#include "engine/steps/json_constant.h"
#include "engine/steps/number.h"
#include "engine/steps/text_map.h"

namespace millrace::steps {

// JSON values that a value may be equal to, as JSON says it (1.0 equals 1). Looking a scalar up
// does not compare it with each.
class ValueSet {
 public:
  // Requires: scalars and containers that were parsed.
  explicit ValueSet(std::vector<JsonConstant> values);
  ValueSet(const ValueSet&) = delete;  // numbers_ points into texts
  ValueSet& operator=(const ValueSet&) = delete;

  [[nodiscard]] bool contains(const record::Document& document, record::NodeIndex value,
                              std::string& scratch) const noexcept;

 private:
  [[nodiscard]] bool contains_number(std::string_view text) const noexcept;

  TextSet strings_;
  std::vector<JsonConstant> number_values_;
  std::vector<Number> numbers_;  // sorted
  std::vector<JsonConstant> containers_;
  bool null_ = false;
  bool true_ = false;
  bool false_ = false;
};

}  // namespace millrace::steps
