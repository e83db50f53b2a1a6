// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/app/pipeline.h"
#include "engine/base/result.h"
#include "engine/kafka/admin.h"
#include "engine/operate/replay.h"
#include "engine/plan/processor.h"
#include "engine/record/batch.h"

namespace millrace::app {

// Through the present plan, as `run` would: outputs, copies, pieces and new dead letters. A record
// has its first place (topic, partition, offset, time). Insights do not count it.
//
// Lifetime: the pipeline outlives it.
class PlanRoute final : public operate::Route {
 public:
  // Looks the output topics up, and has the brokers make them where they do that; with `dry_run`
  // nothing is looked up.
  [[nodiscard]] static base::Result<std::unique_ptr<PlanRoute>> create(
      const Pipeline& pipeline, bool dry_run, const kafka::Patience& patience);

  [[nodiscard]] const std::vector<kafka::ProducerOptions::Topic>& topics() const override {
    return topics_;
  }

  base::Status take(const record::InputRecord& record, const operate::Letter& letter,
                    std::vector<record::OutputRecord>& outputs, record::Arena& arena) override;

  void settled(bool committed) override;

  [[nodiscard]] std::vector<std::pair<std::string, uint64_t>> counts() const override;

 private:
  struct Counts {
    uint64_t emitted = 0;
    uint64_t filtered = 0;
    uint64_t dead_lettered = 0;
  };

  PlanRoute(const Pipeline& pipeline, std::vector<kafka::ProducerOptions::Topic> topics);

  const std::vector<kafka::ProducerOptions::Topic> topics_;
  plan::Processor processor_;
  insights::Shard shard_;
  record::Batch batch_;
  std::string topic_;
  Counts open_;
  Counts settled_;
};

}  // namespace millrace::app
