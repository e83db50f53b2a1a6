// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "engine/app/pipeline.h"

namespace millrace::app {

// One thing that the brokers said about a pipeline.
struct Finding {
  enum class Weight : uint8_t {
    kGood,
    kUnknown,  // it cannot be asked
    kWarning,
    kError,
    kUnanswered  // it was asked, and nobody answered: nothing after it was asked
  };

  Weight weight = Weight::kGood;
  std::string text;
};

// "good", "unknown", "warning" or "error", padded to one width.
[[nodiscard]] const char* name_of(Finding::Weight weight);

// Asks the brokers whether what the pipeline needs is there: the input topics and their partitions,
// the topic of the insights' state (or whether run may make it), the output topics and those of
// insights and alerts (or that they are made), their partitions, retention and largest records, and
// what this user may do with the topics and the group. Changes nothing: no topic is made, no group
// joined, nothing written. Waits up to `wait`, and a second, for each answer, and asks nothing more
// once none came.
//
// What cannot be asked without doing it (writing to a topic) is said to be unknown.
// Requires: pipeline.plan.
[[nodiscard]] std::vector<Finding> check_connected(const Pipeline& pipeline,
                                                   std::chrono::milliseconds wait);

}  // namespace millrace::app
