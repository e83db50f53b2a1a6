// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/config/alert_config.h"
#include "engine/config/insight_config.h"
#include "engine/config/yaml_reader.h"

namespace millrace::config {

// `when` of an alert: "dead_letters.share > 5% over 5m".
struct AlertCondition {
  AlertMeasure measure;
  bool above = true;
  double threshold = 0;
  std::string threshold_text;  // as it is written
  std::chrono::milliseconds over{0};
};

// The insights that a condition may name.
struct KnownInsights {
  const std::vector<InsightConfig>& insights;
  bool complete = true;  // else some could not be read, and any name may be one of theirs
};

// Nothing where it is absent or wrong; if it is wrong, there is a problem.
[[nodiscard]] std::optional<AlertCondition> read_alert_condition(const Field& field,
                                                                 const KnownInsights& known,
                                                                 Problems& problems);

// A value of a measure as it is written: a percentage, or a number. Nothing where it is neither, or
// no value that the measure can have.
[[nodiscard]] std::optional<double> parse_measured(AlertMeasure::Kind kind, std::string_view text);

// What parse_measured() wants: "a percentage from 0% to 100%, such as 5%".
[[nodiscard]] std::string_view measured_words(AlertMeasure::Kind kind);

}  // namespace millrace::config
