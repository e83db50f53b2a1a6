// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "engine/config/pipeline_config.h"
#include "engine/plan/insight_program.h"
#include "engine/record/batch.h"
#include "engine/record/document.h"
#include "engine/record/path.h"
#include "engine/schema/schema.h"
#include "engine/steps/step.h"

// What a plan is compiled into; what a Processor runs.
namespace millrace::plan {

// No topic: what would go there is counted only.
inline constexpr int kNoTopic = -1;

// Gives each record that passes it the topic of the first case that holds.
struct Route {
  struct Case {
    std::unique_ptr<const steps::Condition> condition;  // nullptr: always
    record::OutputTopic topic = 0;
  };

  std::vector<Case> cases;
  steps::RuleId rule;  // where a condition cannot be decided
};

struct Explode {
  record::Path path;
  bool whole_record = true;  // a piece is the record with the element in the array's place
  bool reject_empty = false;
  steps::RuleId rule;
};

struct Emit {
  record::OutputTopic topic = 0;
};

// One step of the list. Exactly one of the four is set.
struct Instruction {
  std::unique_ptr<const steps::Step> step;
  std::unique_ptr<const Route> route;
  std::unique_ptr<const Explode> explode;
  std::optional<Emit> emit;

  int dead_letters = kNoTopic;  // where its rejects go
};

// The rules that every plan has, behind those of the parser, which come first.
struct FixedRules {
  steps::RuleId tombstone;
  steps::RuleId output_key;
  steps::RuleId output_expansion;
  steps::RuleId output_too_large;
  // Only with `delivery.on_failure: dead_letter`.
  std::optional<steps::RuleId> delivery_refused;
};

struct Program {
  FixedRules rules;
  std::unique_ptr<const schema::Schema> schema;
  steps::RuleId schema_rules;  // the first of the schema's, which are in its order
  std::vector<Instruction> instructions;

  record::OutputTopic output_topic = 0;
  config::OutputKey key = config::OutputKey::kKeep;
  record::Path key_path;
  record::Encoding encoding = record::Encoding::kCompact;

  int dead_letters = kNoTopic;              // of rules that are no step's
  std::vector<record::Path> letter_fields;  // DeadLetterFormat::kFields

  InsightProgram insights;
};

}  // namespace millrace::plan
