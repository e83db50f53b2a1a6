// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/config/pipeline_config.h"
#include "engine/insights/insight.h"
#include "engine/plan/fields.h"
#include "engine/plan/schema.h"
#include "engine/plan/step.h"

namespace millrace::plan {

// A pipeline's configuration, compiled once at start-up: what every record goes through, with all
// names numbered and all rules listed.
//
// Threading: immutable, shared by all workers (each works through a Processor of its own).
// Lifetime: outlives its processors, shards and states; never moves.
class Plan {
 public:
  [[nodiscard]] static std::unique_ptr<const Plan> compile(const config::PipelineConfig& config);

  Plan(const Plan&) = delete;
  Plan& operator=(const Plan&) = delete;

  // The insights, and the rules by which dead letters count.
  [[nodiscard]] const insights::Declaration& declaration() const { return declaration_; }

  // The whole plan in words, a line per thing that happens to a record, in order.
  [[nodiscard]] std::string describe() const;

 private:
  friend class Processor;

  explicit Plan(const config::PipelineConfig& config);

  // The rules that every plan has, behind those of the parser, which come first.
  struct FixedRules {
    RuleId tombstone;
    RuleId output_key;
    RuleId output_expansion;
    RuleId output_too_large;
  };

  config::PipelineConfig config_;
  insights::Declaration declaration_;
  FieldNames names_;
  FixedRules rules_;
  std::optional<Schema> schema_;
  std::vector<std::unique_ptr<Step>> steps_;
  std::optional<FieldId> key_;
};

}  // namespace millrace::plan
