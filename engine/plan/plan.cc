// SPDX-License-Identifier: Apache-2.0
#include "engine/plan/plan.h"

#include <set>

namespace millrace::plan {

Plan::Plan(const config::PipelineConfig& config) : config_(config) {}

Plan::~Plan() = default;

std::vector<std::string> Plan::insight_topics() const {
  std::set<std::string> topics;
  for (const insights::Insight& insight : declaration_.insights) {
    if (insight.output) topics.insert(insight.output->topic);
  }
  return {topics.begin(), topics.end()};
}

}  // namespace millrace::plan
