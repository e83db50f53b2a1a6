// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/config/step_config.h"
#include "engine/record/arena.h"
#include "engine/record/document.h"
#include "engine/steps/compile.h"

namespace millrace::steps {

// The path of "user.name", "items[0].sku"; "." is the record itself.
[[nodiscard]] config::FieldPath field_path(std::string_view text);

// Compiles one step as the first of a plan and applies it to records.
class StepRunner {
 public:
  struct Options {
    bool objects_only = true;  // of the input
  };

  explicit StepRunner(const config::StepConfig& step) : StepRunner(step, Options{}) {}

  StepRunner(const config::StepConfig& step, Options options);

  // What becomes of a record: its JSON, "filtered", or
  // "rejected step:1:cast at /amount: 'x' is not …". Values that are no record: "parse:syntax".
  [[nodiscard]] std::string run(std::string_view record);

  // The rules that the step registered.
  [[nodiscard]] const std::vector<std::string>& rules() const { return rules_; }

  // Of the compilation; "warning: " before those that are.
  [[nodiscard]] std::vector<std::string> problems() const;

  // For what a test wants to set: the input, the time.
  [[nodiscard]] StepContext& context() { return context_; }

 private:
  [[nodiscard]] std::string rejection() const;

  record::NameTable names_;
  std::vector<std::string> rules_;
  std::vector<config::Problem> problems_;
  std::unique_ptr<const Step> step_;
  std::optional<record::Document> document_;
  record::Arena arena_;
  StepContext context_;
  std::string record_;
};

// A step of any kind as the first of a plan.
template <typename Kind>
[[nodiscard]] config::StepConfig step_config(std::string kind, Kind step) {
  config::StepConfig config;
  config.kind = std::move(kind);
  config.number = 1;
  config.step = std::move(step);
  return config;
}

}  // namespace millrace::steps
