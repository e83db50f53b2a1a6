// SPDX-License-Identifier: Apache-2.0
#include "engine/trial/coverage.h"

#include <algorithm>

#include <fmt/format.h>

#include "engine/record/document.h"
#include "engine/record/names.h"
#include "engine/record/value_text.h"

namespace millrace::trial {
namespace {

bool is_asked_for(const std::string& rule) {
  return rule.starts_with("schema:") || rule.starts_with("step:");
}

// Whether the `type` of the schema's root lets every object pass.
bool allows_objects(const std::string& schema) {
  record::NameTable names;
  const record::NameId name = names.intern("type");
  record::Document document(names, {.reject_duplicates = false, .objects_only = false});
  if (document.parse(schema) != record::ParseError::kNone) return false;
  if (document.node(document.root()).value.kind != record::ValueKind::kObject) return false;
  const record::NodeIndex type = document.top(name);
  if (type == record::kNoNode) return false;
  std::string scratch;
  const auto is_object = [&](record::NodeIndex index) {
    return record::content(document.node(index).value, scratch) == "object";
  };
  if (document.node(type).value.kind != record::ValueKind::kArray) return is_object(type);
  for (record::NodeIndex item = document.first_child(type); item != record::kNoNode;
       item = document.next_child(item))
    if (is_object(item)) return true;
  return false;
}

// A rule that no record can break: what is no object is rejected before it comes to the schema.
bool cannot_reject(const std::string& rule, const config::PipelineConfig& config) {
  return rule == "schema:/type" && config.schema &&
         config.input.values == config::Values::kObjects && allows_objects(config.schema->json);
}

}  // namespace

Coverage::Coverage(const plan::Plan& plan) : plan_(plan), steps_(plan.config().steps.size()) {
  for (const std::string& rule : plan.declaration().rules) {
    if (is_asked_for(rule) && !cannot_reject(rule, plan.config()) &&
        std::find(rules_.begin(), rules_.end(), rule) == rules_.end())
      rules_.push_back(rule);
  }
}

void Coverage::on_step(size_t step, const record::Document& /*document*/, bool effect) {
  if (effect) steps_[step] = true;
}

void Coverage::on_rejected(const plan::Rejection& rejection) {
  if (!rejected_by_.contains(rejection.rule)) rejected_by_.emplace(rejection.rule);
}

bool Coverage::complete() const {
  return missing().empty();
}

std::vector<std::string> Coverage::missing() const {
  std::vector<std::string> lines;
  for (const std::string& rule : rules_)
    if (!rejected_by_.contains(rule)) lines.push_back("rule " + rule);
  for (size_t i = 0; i < steps_.size(); ++i) {
    if (steps_[i]) continue;
    const config::StepConfig& step = plan_.config().steps[i];
    lines.push_back(fmt::format("step {}, {} ({}:{})", step.number, step.kind, step.place.file,
                                step.place.line));
  }
  return lines;
}

std::string Coverage::summary() const {
  const auto rejected_by = [this](const std::string& rule) { return rejected_by_.contains(rule); };
  return fmt::format("rules {} of {}, steps {} of {} exercised",
                     std::count_if(rules_.begin(), rules_.end(), rejected_by), rules_.size(),
                     std::count(steps_.begin(), steps_.end(), true), steps_.size());
}

}  // namespace millrace::trial
