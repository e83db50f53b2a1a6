// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "bench/scaling/apart.h"
#include "engine/plan/plan.h"

namespace millrace::bench {

struct Options {
  bool quick = false;
  unsigned rounds = 3;
  uint64_t seed = 1;
};

// What one of a case's numbers means.
struct Column {
  std::string name;    // in JSON: "seconds"
  std::string header;  // in the table: "seconds", "MiB"
  double unit = 1;     // the table shows the number over this
  int decimals = 0;
};

struct Case {
  std::string label;
  std::function<Numbers()> measure;  // by column; checks its answer
  unsigned rounds_max = std::numeric_limits<unsigned>::max();
};

// What the median of one case's first number is to `over` times that of another.
struct Ratio {
  std::string name;
  std::string of;
  std::string to;
  double over = 1;
};

// Cases that are measured in turn, round by round.
struct Section {
  std::string name;
  std::string title;
  std::vector<Column> columns;
  std::vector<Case> cases;
  std::vector<Ratio> ratios;
};

// Lifetime: the plan outlives the section's use.
[[nodiscard]] Section restore_cases(const plan::Plan& plan, const Options& options);
[[nodiscard]] Section write_cases(const plan::Plan& plan, const Options& options);
[[nodiscard]] Section merge_cases(const plan::Plan& plan, const Options& options);
[[nodiscard]] Section range_cases();

}  // namespace millrace::bench
