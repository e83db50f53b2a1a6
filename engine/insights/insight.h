// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace millrace::insights {

enum class Kind : uint8_t { kCountBy, kDistinct, kTop, kHoursOfDay };

// A declared aggregate over the emitted records.
struct Insight {
  Kind kind = Kind::kCountBy;
  std::string name;
  std::vector<std::string> fields;  // their names, for the text report
  size_t limit = 10;                // top: how many items are shown
};

// What a plan counts: its insights and the ids of its rules, in the plan's order. Shards and states
// made for one declaration only fit each other. Immutable; outlives them.
struct Declaration {
  std::vector<Insight> insights;
  std::vector<std::string> rules;
};

}  // namespace millrace::insights
