// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "engine/insights/results.h"
#include "engine/report/alert_watch.h"

namespace millrace::app {

// Puts together what alerts are about, and lets it be told from that which ones fire. What no alert
// is about is not asked for.
//
// The results of insights are merged over all partitions, which may take long where they are large.
// So they are asked for every kInsightsEvery, and so seldom that this takes at most 1 /
// kInsightsPart of the time.
//
// Threading: one thread at a time; it calls the seams. Lifetime: what they refer to outlives it.
class AlertSampler {
 public:
  using Time = report::AlertWatch::Time;

  static constexpr std::chrono::seconds kInsightsEvery{10};
  static constexpr int kInsightsPart = 50;

  struct Seams {
    std::function<report::OutcomeCounts()> counts;
    // Nothing: not known.
    std::function<std::optional<uint64_t>()> lag;
    // Nothing: there are no partitions that they could be of.
    std::function<std::optional<std::vector<insights::Result>>()> insights;
    std::function<Time()> now;
  };

  AlertSampler(Seams seams, std::vector<report::AlertRule> rules);

  // Takes a sample; returns the alerts that fire or clear by it. `results`, where it is not null,
  // are those of the insights as they are now.
  [[nodiscard]] std::vector<report::Alert> look(
      const std::vector<insights::Result>* results = nullptr);

  // As of the last look.
  [[nodiscard]] const std::vector<report::Alert>& alerts() const { return watch_.current(); }

 private:
  [[nodiscard]] std::optional<std::vector<insights::Result>> results_if_due();

  const Seams seams_;
  const bool needs_lag_;
  const bool needs_insights_;
  report::AlertWatch watch_;
  std::optional<Time> insights_due_;  // nothing: at once
};

}  // namespace millrace::app
