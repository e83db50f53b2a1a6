// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/config/condition.h"
#include "engine/record/arena.h"
#include "engine/record/document.h"
#include "engine/steps/compile.h"

namespace millrace::steps {

// Compiles one condition and asks it about records of any JSON value.
class ConditionRunner {
 public:
  explicit ConditionRunner(const config::Condition& condition);

  // "true", "false", or "undecided: 'amount' is absent", after a value's pointer where there is
  // one: "undecided at /amount: 'x' is not a number".
  [[nodiscard]] std::string test(std::string_view record);

  [[nodiscard]] bool may_be_undecided() const { return condition_->may_be_undecided(); }

  [[nodiscard]] const std::vector<config::Problem>& problems() const { return problems_; }

 private:
  record::NameTable names_;
  std::vector<std::string> rules_;
  std::vector<config::Problem> problems_;
  std::unique_ptr<const Condition> condition_;
  std::unique_ptr<record::Document> document_;
  record::Arena arena_;
  StepContext context_;
  std::string record_;
};

// What one condition says of one record.
[[nodiscard]] std::string test(const config::Condition& condition, std::string_view record);

}  // namespace millrace::steps
