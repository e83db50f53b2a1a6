// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/insights/state.h"
#include "tests/unit/plan/pipeline_run.h"

namespace millrace::plan::testing {

// What an insight came to, as its JSON.
struct NamedResult {
  std::string name;
  std::string json;
  uint64_t selected = 0;
  uint64_t counted = 0;
  uint64_t missing = 0;
};

// Of the batch that a pipeline ran last.
inline std::vector<NamedResult> results_of(const Pipeline& pipeline) {
  const insights::Time now;
  insights::State state(pipeline.plan().declaration());
  state.add(pipeline.shard(), pipeline.batch().range_begin(), now);
  std::vector<NamedResult> results;
  for (const insights::Result& result : state.results(now)) {
    record::JsonWriter writer;
    insights::write_json(result, writer);
    results.push_back(
        {result.insight->name, writer.take(), result.selected, result.counted, result.missing});
  }
  return results;
}

}  // namespace millrace::plan::testing
