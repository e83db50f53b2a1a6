// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/mutex.h"
#include "engine/config/pipeline_config.h"
#include "engine/flow/flow.h"
#include "engine/kafka/partition_watch.h"
#include "engine/report/report.h"
#include "engine/report/vitals.h"

namespace millrace::app {

// Puts together what a running pipeline shows of itself. Each part is taken at its own moment,
// within microseconds of the others; what the identity compares is taken at one.
//
// Threading: any thread; it calls the seams. Lifetime: what they refer to outlives it.
class VitalsSampler {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // How often the insights are asked how large they are: they go through all of their windows.
  static constexpr std::chrono::seconds kStateBytesEvery{5};

  struct Seams {
    // Without insights.
    std::function<report::Report()> report;
    std::function<flow::FlowVitals()> flow;
    std::function<flow::Totals()> totals;
    std::function<flow::Progress()> progress;
    std::function<size_t()> state_bytes;
    std::function<kafka::PartitionWatch::View()> reading;
    std::function<std::vector<report::ClientVitals>()> clients;
    std::function<Time()> now;
    std::function<int64_t()> unix_ms;
  };

  // The run begins now.
  VitalsSampler(Seams seams, const config::PipelineConfig& config);

  [[nodiscard]] report::Vitals look();

 private:
  [[nodiscard]] size_t state_bytes(Time now);

  const Seams seams_;
  report::Vitals constant_;  // what is the same in all of them

  base::Mutex mutex_;
  size_t state_bytes_ GUARDED_BY(mutex_) = 0;
  std::optional<Time> state_bytes_due_ GUARDED_BY(mutex_);  // nothing: at once
};

}  // namespace millrace::app
