// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/insights/results.h"
#include "engine/report/vitals.h"

// What Prometheus gets. The numbers are those of the vitals, under the names of docs/metrics.md;
// labels have few values, fixed by the configuration and the topics, and never one of a record.
namespace millrace::serve {

enum class MetricType { kCounter, kGauge, kHistogram };

// "counter", "gauge", "histogram".
[[nodiscard]] std::string_view name_of(MetricType type);

struct Metric {
  std::string_view name;
  MetricType type;
  std::string_view labels;  // their names, with commas between them
  std::string_view help;
};

// All that there are, in the order in which they come out.
[[nodiscard]] std::span<const Metric> metrics();

// The text format, version 0.0.4. `vitals` null: the pipeline has not started; `results` null: the
// insights are not known.
[[nodiscard]] std::string to_metrics(const report::Vitals* vitals,
                                     const std::vector<insights::Result>* results, bool ready);

}  // namespace millrace::serve
