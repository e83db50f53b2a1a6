// SPDX-License-Identifier: Apache-2.0
#include "engine/trial/coverage.h"

#include <algorithm>

#include <fmt/format.h>

namespace millrace::trial {
namespace {

bool is_asked_for(const std::string& rule) {
  return rule.starts_with("schema:") || rule.starts_with("step:");
}

}  // namespace

Coverage::Coverage(const plan::Plan& plan) : plan_(plan), steps_(plan.config().steps.size()) {
  for (const std::string& rule : plan.declaration().rules) {
    if (is_asked_for(rule) && std::find(rules_.begin(), rules_.end(), rule) == rules_.end())
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
