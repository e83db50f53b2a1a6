// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/config/pipeline_config.h"
#include "engine/insights/insight.h"
#include "engine/plan/program.h"
#include "engine/record/names.h"
#include "engine/record/path.h"
#include "engine/schema/schema.h"
#include "engine/steps/step.h"

namespace millrace::plan {

// A topic that a plan writes to, by its index (record::OutputTopic).
struct OutputTopicUse {
  std::string name;
  bool records = false;  // emitted records, pieces or copies
  bool dead_letters = false;
};

// A pipeline's configuration, compiled once at start-up: what every record goes through, with all
// names numbered and all rules listed.
//
// Threading: immutable, shared by all workers (each works through a Processor of its own).
// Lifetime: outlives its processors, shards and states; never moves.
class Plan {
 public:
  // What compile() made: a plan where no problem is an error.
  struct Compiled {
    std::unique_ptr<const Plan> plan;
    std::vector<config::Problem> problems;
  };

  [[nodiscard]] static Compiled compile(const config::PipelineConfig& config);

  Plan(const Plan&) = delete;
  Plan& operator=(const Plan&) = delete;
  ~Plan();

  [[nodiscard]] const config::PipelineConfig& config() const { return config_; }

  // The insights, and the rules by which dead letters count.
  [[nodiscard]] const insights::Declaration& declaration() const { return declaration_; }

  // The member names that it mentions.
  [[nodiscard]] const record::NameTable& names() const { return names_; }

  // The topics that it writes to, each once, by record::OutputTopic.
  [[nodiscard]] const std::vector<OutputTopicUse>& output_topics() const { return output_topics_; }

  // The topics that insights are written to (insights::Insight::output), each once, by name. No
  // record goes there: they are none of output_topics().
  [[nodiscard]] std::vector<std::string> insight_topics() const;

  // The whole plan in words, a line per thing that happens to a record, in order.
  [[nodiscard]] std::string describe() const;

 private:
  friend class Processor;
  friend class PlanCompiler;

  explicit Plan(const config::PipelineConfig& config);

  config::PipelineConfig config_;
  insights::Declaration declaration_;
  std::vector<OutputTopicUse> output_topics_;
  record::NameTable names_;
  Program program_;
};

}  // namespace millrace::plan
