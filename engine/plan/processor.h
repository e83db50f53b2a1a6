// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/insights/shard.h"
#include "engine/plan/insight_reader.h"
#include "engine/plan/observer.h"
#include "engine/plan/plan.h"
#include "engine/record/batch.h"
#include "engine/record/document.h"
#include "engine/record/topic_limits.h"
#include "engine/schema/schema.h"
#include "engine/steps/step.h"

namespace millrace::plan {

// By record::OutputTopic: as long as Plan::output_topics().
using OutputLimits = std::vector<record::TopicLimits>;

// Runs batches through a plan: parse, check, clean, encode, count. Holds what a worker reuses from
// record to record, so that the steady state allocates nothing.
//
// Threading: one worker at a time. Lifetime: plan and observer outlive it.
class Processor {
 public:
  Processor(const Plan& plan, const OutputLimits& limits, Observer* observer = nullptr);
  ~Processor();
  Processor(const Processor&) = delete;
  Processor& operator=(const Processor&) = delete;

  // Gives every record of the batch its outcome, its outputs (in input order, in the batch's arena)
  // and its place in the shard. `topic` is the input topic and outlives the batch's use. A record
  // that is marked undeliverable is a dead letter by the rule `delivery:refused`, and no step sees
  // it. Requires: an unprocessed batch, a cleared shard; records marked only where the plan has
  // that rule.
  void process(record::Batch& batch, std::string_view topic, insights::Shard& shard) noexcept;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace millrace::plan
