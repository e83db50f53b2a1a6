// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "engine/base/clock.h"
#include "engine/base/ids.h"
#include "engine/insights/shard.h"
#include "engine/plan/observer.h"
#include "engine/plan/plan.h"
#include "engine/plan/processor.h"
#include "engine/record/batch.h"

namespace millrace::trial {

// What became of one record. Views: valid until the run's next open().
struct RecordResult {
  record::Outcome outcome = record::Outcome::kNone;
  std::string_view reason;       // of a rejected record: the rule; else empty
  std::string_view reason_text;  // may hold the value
  std::span<const record::OutputRecord> outputs;
  const plan::Plan* plan = nullptr;

  // The name of the topic that an output goes to.
  [[nodiscard]] std::string_view topic(const record::OutputRecord& output) const {
    return plan->output_topics()[output.topic].name;
  }
};

// "emitted", "filtered", "dead_lettered".
[[nodiscard]] std::string_view outcome_name(record::Outcome outcome);

// Runs records through a plan, a batch at a time, without Kafka: exactly what `run` makes of them,
// for output topics of one partition and of the default size limit.
//
// Threading: one thread. Lifetime: plan and observer outlive it.
class TrialRun {
 public:
  // `observer`, where there is one, sees what the processor does.
  explicit TrialRun(const plan::Plan& plan, plan::Observer* observer = nullptr);
  TrialRun(const TrialRun&) = delete;
  TrialRun& operator=(const TrialRun&) = delete;

  // Begins a batch, and forgets the one before. `topic` is the input's.
  void open(std::string_view topic, int32_t partition, base::Offset begin, base::WallTime now);

  // Requires: offsets rise, run() was not called since open().
  void add(const record::InputRecord& record) { batch_.append(record); }

  // Records and bytes of the batch.
  [[nodiscard]] size_t size() const { return batch_.records().size(); }

  [[nodiscard]] size_t bytes() const { return batch_.input_bytes(); }

  void run();

  // Requires: run(), index < size().
  [[nodiscard]] RecordResult result(size_t index) const;

  [[nodiscard]] const record::InputRecord& input(size_t index) const {
    return batch_.records()[index];
  }

 private:
  struct Rejected {
    size_t begin = 0;  // of the texts in reason_texts_
    size_t size = 0;
    std::string_view rule;
  };

  // Keeps the reasons, and passes everything on.
  class Recorder final : public plan::Observer {
   public:
    Recorder(TrialRun& run, plan::Observer* next) : run_(run), next_(next) {}

    void on_record(size_t index) override;
    void on_checked(const record::Document& document) override;
    void on_step(size_t step, const record::Document& document, bool effect) override;
    void on_rejected(const plan::Rejection& rejection) override;
    void on_outcome(size_t index, record::Outcome outcome) override;

   private:
    TrialRun& run_;
    plan::Observer* next_;
    size_t index_ = 0;
  };

  const plan::Plan& plan_;
  const plan::OutputLimits limits_;
  Recorder recorder_;
  plan::Processor processor_;
  insights::Shard shard_;
  record::Batch batch_;
  const std::unordered_set<std::string_view> rules_;  // views of the plan's
  std::string topic_;
  std::vector<Rejected> rejected_;   // by record
  std::vector<size_t> outputs_end_;  // by record: where its outputs end
  std::string reason_texts_;
};

}  // namespace millrace::trial
