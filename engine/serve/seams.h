// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "engine/insights/results.h"
#include "engine/report/vitals.h"

namespace millrace::serve {

// What insights came to, and when.
struct InsightsView {
  std::vector<insights::Result> results;
  bool durable = false;
  int64_t time_ms = 0;  // Unix
};

// What the server asks of the pipeline: from one thread of its own, one call at a time. Before the
// pipeline has started, and after it is gone, there is nothing.
struct Seams {
  // Any thread. What the start waits for, as part of a sentence ("a broker at kafka:9092"); empty
  // once it is over.
  std::function<std::string()> waits_for;
  std::function<std::optional<report::Vitals>()> vitals;
  std::function<std::optional<InsightsView>()> insights;
  std::function<std::optional<std::string>()> report_text;
  std::function<std::optional<std::string>()> report_json;
};

}  // namespace millrace::serve
