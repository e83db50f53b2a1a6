// SPDX-License-Identifier: Apache-2.0
#include "engine/app/alert_sampler.h"

#include <algorithm>
#include <utility>

namespace millrace::app {
namespace {

using Kind = report::AlertMeasure::Kind;

bool any_is_about(const std::vector<report::AlertRule>& rules, Kind kind) {
  return std::any_of(rules.begin(), rules.end(),
                     [kind](const report::AlertRule& rule) { return rule.measure.kind == kind; });
}

}  // namespace

AlertSampler::AlertSampler(Seams seams, std::vector<report::AlertRule> rules)
    : seams_(std::move(seams)),
      needs_lag_(any_is_about(rules, Kind::kLag)),
      needs_insights_(any_is_about(rules, Kind::kInsight)),
      watch_(std::move(rules)) {}

std::vector<report::Alert> AlertSampler::look(const std::vector<insights::Result>* results) {
  std::optional<std::vector<insights::Result>> asked;
  if (results == nullptr && needs_insights_) {
    asked = results_if_due();
    if (asked) results = &*asked;
  }
  report::AlertSample sample;
  sample.counts = seams_.counts();
  if (needs_lag_) sample.lag = seams_.lag();
  sample.insights = results;
  return watch_.observe(sample, seams_.now());
}

std::optional<std::vector<insights::Result>> AlertSampler::results_if_due() {
  const Time begin = seams_.now();
  if (insights_due_ && begin < *insights_due_) return std::nullopt;
  auto results = seams_.insights();
  const Time::duration took = seams_.now() - begin;
  // Where there were none, that cost nothing, and they may be there soon.
  if (results)
    insights_due_ = begin + std::max<Time::duration>(kInsightsEvery, took * kInsightsPart);
  return results;
}

}  // namespace millrace::app
