// SPDX-License-Identifier: Apache-2.0
#include "engine/app/alert_rules.h"

#include <set>
#include <utility>

#include "engine/config/quantities.h"

namespace millrace::app {
namespace {

using Kind = report::AlertMeasure::Kind;
using report::OutcomeCounts;

Kind kind_of(config::AlertMeasure::Kind kind) {
  switch (kind) {
    case config::AlertMeasure::Kind::kShare:
      return Kind::kShare;
    case config::AlertMeasure::Kind::kRate:
      return Kind::kRate;
    case config::AlertMeasure::Kind::kCount:
      return Kind::kCount;
    case config::AlertMeasure::Kind::kLag:
      return Kind::kLag;
    case config::AlertMeasure::Kind::kInsight:
      return Kind::kInsight;
  }
  return Kind::kCount;
}

uint64_t OutcomeCounts::*counts_of(config::AlertOutcome outcome) {
  switch (outcome) {
    case config::AlertOutcome::kConsumed:
      return &OutcomeCounts::consumed;
    case config::AlertOutcome::kEmitted:
      return &OutcomeCounts::emitted;
    case config::AlertOutcome::kFiltered:
      return &OutcomeCounts::filtered;
    case config::AlertOutcome::kDeadLetters:
      return &OutcomeCounts::dead_lettered;
  }
  return &OutcomeCounts::consumed;
}

report::AlertRule rule_of(const config::AlertConfig& alert) {
  report::AlertRule rule;
  rule.name = alert.name;
  rule.measure.text = alert.measure.text;
  rule.measure.kind = kind_of(alert.measure.kind);
  rule.measure.outcome = counts_of(alert.measure.outcome);
  if (config::has_period(alert.measure.kind)) {
    rule.measure.over = alert.over;
    rule.measure.over_text = config::duration_text(alert.over);
  }
  rule.measure.insight = alert.measure.insight;
  rule.measure.quantile = alert.measure.quantile;
  rule.above = alert.above;
  rule.threshold = alert.threshold;
  rule.clear = alert.clear;
  rule.hold = alert.hold;
  if (alert.topic) rule.topic = alert.topic->value;
  return rule;
}

}  // namespace

std::vector<report::AlertRule> alert_rules(const config::PipelineConfig& config) {
  std::vector<report::AlertRule> rules;
  for (const config::AlertConfig& alert : config.alerts) rules.push_back(rule_of(alert));
  return rules;
}

std::vector<std::string> alert_topics(const config::PipelineConfig& config) {
  std::set<std::string> topics;
  for (const config::AlertConfig& alert : config.alerts)
    if (alert.topic) topics.insert(alert.topic->value);
  return {topics.begin(), topics.end()};
}

}  // namespace millrace::app
