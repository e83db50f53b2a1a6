// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "engine/plan/plan.h"
#include "engine/plan/steps.h"
#include "engine/record/json_walk.h"

namespace millrace::plan {
namespace {

insights::Kind to_kind(config::InsightKind kind) {
  switch (kind) {
    case config::InsightKind::kCountBy:
      return insights::Kind::kCountBy;
    case config::InsightKind::kDistinct:
      return insights::Kind::kDistinct;
    case config::InsightKind::kTop:
      return insights::Kind::kTop;
    case config::InsightKind::kHoursOfDay:
      return insights::Kind::kHoursOfDay;
  }
  return insights::Kind::kCountBy;
}

RuleId add_rule(const char* id, std::vector<std::string>& rules) {
  rules.emplace_back(id);
  return RuleId{static_cast<uint32_t>(rules.size() - 1)};
}

// One entry of the file may compile into several steps; they share its number.
bool same_place(const config::Place& left, const config::Place& right) {
  return left.line != 0 && left.line == right.line && left.column == right.column &&
         left.file == right.file;
}

}  // namespace

std::unique_ptr<const Plan> Plan::compile(const config::PipelineConfig& config) {
  return std::unique_ptr<const Plan>(new Plan(config));
}

Plan::Plan(const config::PipelineConfig& config) : config_(config) {
  auto& rules = declaration_.rules;
  // A parse error's rule is its number less one: Processor relies on it.
  for (auto error = record::ParseError::kEmpty; error <= record::ParseError::kDuplicateMember;
       error = static_cast<record::ParseError>(static_cast<int>(error) + 1))
    rules.emplace_back(record::rule_id(error));
  rules_.tombstone = add_rule("input:tombstone", rules);
  if (config.schema) schema_.emplace(*config.schema, names_, rules);
  size_t number = 0;
  for (size_t i = 0; i < config.steps.size(); ++i) {
    if (i == 0 || !same_place(config.steps[i].place, config.steps[i - 1].place)) ++number;
    steps_.push_back(compile_step(config.steps[i], number, names_, rules));
  }
  rules_.output_key = add_rule("output:key", rules);
  rules_.output_expansion = add_rule("output:expansion", rules);
  rules_.output_too_large = add_rule("output:too_large", rules);
  if (config.output.key) key_ = names_.intern(config.output.key->value);
  for (const config::InsightConfig& insight : config.insights) {
    insights::Insight declared{to_kind(insight.kind), insight.name, {}, insight.limit};
    for (const config::Text& field : insight.fields) {
      names_.intern(field.value);
      declared.fields.push_back(field.value);
    }
    declaration_.insights.push_back(std::move(declared));
  }
}

}  // namespace millrace::plan
