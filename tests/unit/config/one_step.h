// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "tests/unit/config/loading.h"

namespace millrace::config {

// The smallest pipeline with one step, in line 8; its kind begins in column 5.
inline std::string with_step(const std::string& step) {
  return smallest_with("steps:\n  - " + step + "\n");
}

inline std::vector<std::string> step_problems(const std::string& step,
                                              std::map<std::string, std::string> variables = {}) {
  return problems_in(with_step(step), std::move(variables));
}

template <typename T>
T only_step(const std::string& step, std::map<std::string, std::string> variables = {}) {
  const PipelineConfig config = config_of(with_step(step), std::move(variables));
  EXPECT_EQ(config.steps.size(), 1U);
  return config.steps.empty() ? T{} : std::get<T>(config.steps[0].step);
}

inline std::vector<std::string> texts_of(const std::vector<FieldPath>& paths) {
  std::vector<std::string> texts;
  for (const FieldPath& path : paths) texts.push_back(path.text);
  return texts;
}

}  // namespace millrace::config
