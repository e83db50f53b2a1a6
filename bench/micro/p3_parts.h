// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "bench/micro/cpu_time.h"
#include "bench/micro/workload.h"
#include "engine/config/pipeline_config.h"
#include "engine/insights/insight.h"
#include "engine/plan/insight_program.h"
#include "engine/record/arena.h"
#include "engine/record/batch.h"
#include "engine/record/document.h"
#include "engine/record/names.h"
#include "engine/steps/step.h"

namespace millrace::bench {

// P3 with its insights taken apart, so that a stage can be timed without those before it: the plan
// itself only runs whole. The stages work on few documents at a time, which stay in the cache as
// the one of a worker does; the clock is read once for as many records.
//
// Threading: one thread; one of these for each.
class P3Parts {
 public:
  static constexpr size_t kAtOnce = 100;

  P3Parts();
  P3Parts(const P3Parts&) = delete;
  P3Parts& operator=(const P3Parts&) = delete;

  // Parses records `first` and following of the batch into the documents.
  void parse(size_t first);

  // Sends document `index` through the steps.
  [[nodiscard]] steps::Verdict apply(size_t index);

  [[nodiscard]] record::Document& document(size_t index) { return *documents_[index]; }

  [[nodiscard]] steps::StepContext& context() { return context_; }

  // What the stages take out of it is given back run by run.
  [[nodiscard]] record::Arena& arena() { return arena_; }

  [[nodiscard]] const plan::InsightProgram& insights() const { return insights_; }

  [[nodiscard]] const insights::Declaration& declaration() const { return declaration_; }

  // Each iteration takes the batch's records in runs of kAtOnce: before() of each record that was
  // parsed, not timed, and then stage() of each, whose CPU time it is. `bytes` is what the stage
  // reads or writes of the whole batch.
  template <typename Before, typename Stage>
  void time(benchmark::State& state, size_t bytes, const Before& before, const Stage& stage);

  [[nodiscard]] size_t input_bytes() const { return batch_.input_bytes(); }

 private:
  config::PipelineConfig config_;
  record::NameTable names_;
  std::vector<std::unique_ptr<const steps::Step>> steps_;
  insights::Declaration declaration_;
  plan::InsightProgram insights_;
  std::vector<std::string> values_;
  record::Batch batch_;
  record::Arena arena_;
  std::vector<std::unique_ptr<record::Document>> documents_;
  steps::StepContext context_;
};

template <typename Before, typename Stage>
void P3Parts::time(benchmark::State& state, size_t bytes, const Before& before,
                   const Stage& stage) {
  for (auto _ : state) {
    double time = 0;
    for (size_t first = 0; first < kRecords; first += kAtOnce) {
      parse(first);
      for (size_t i = 0; i < kAtOnce; ++i) before(i);
      const double begun = cpu_seconds();
      for (size_t i = 0; i < kAtOnce; ++i) stage(i);
      time += cpu_seconds() - begun;
    }
    state.SetIterationTime(time);
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(kRecords));
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(bytes));
}

}  // namespace millrace::bench
