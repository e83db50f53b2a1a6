// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "engine/insights/shard.h"
#include "engine/plan/fields.h"
#include "engine/plan/insight_reader.h"
#include "engine/plan/plan.h"
#include "engine/plan/step.h"
#include "engine/record/batch.h"
#include "engine/record/json_walk.h"
#include "engine/record/topic_limits.h"

namespace millrace::plan {

// By record::OutputTopic.
using OutputLimits = std::array<record::TopicLimits, record::kOutputTopicCount>;

// Runs batches through a plan: parse, check, clean, encode, count. Holds what a worker reuses from
// record to record, so that the steady state allocates nothing.
//
// Threading: one worker at a time. Lifetime: the plan outlives it.
class Processor {
 public:
  Processor(const Plan& plan, const OutputLimits& limits);

  // Gives every record of the batch its outcome, its outputs (in input order, in the batch's arena)
  // and its place in the shard. `topic` is the input topic and outlives the batch's use.
  // Requires: an unprocessed batch, a cleared shard.
  void process(record::Batch& batch, std::string_view topic, insights::Shard& shard) noexcept;

 private:
  struct Job {
    record::Batch& batch;
    std::string_view topic;
    insights::Shard& shard;
  };

  void begin(record::Batch& batch) noexcept;
  record::Outcome process_record(Job& job, uint32_t index) noexcept;
  [[nodiscard]] Verdict clean(const record::InputRecord& input) noexcept;
  [[nodiscard]] Verdict encode(Job& job, uint32_t index) noexcept;
  [[nodiscard]] Verdict emit(Job& job, uint32_t index, record::Bytes key,
                             record::Bytes value) noexcept;
  void dead_letter(Job& job, uint32_t index) noexcept;

  const Plan& plan_;
  const OutputLimits limits_;
  record::JsonWalker walker_;
  Fields fields_;
  StepContext context_;
  InsightReader insight_reader_;
};

}  // namespace millrace::plan
