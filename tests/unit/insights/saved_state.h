// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "engine/insights/encoding.h"
#include "engine/insights/state.h"
#include "tests/unit/insights/state_dump.h"

// States written down and loaded again, as engine/state does it: live insights are left out.
namespace millrace::insights {

struct SavedInsight {
  std::string counts;
  std::vector<std::string> chunks;

  friend bool operator==(const SavedInsight&, const SavedInsight&) = default;
};

struct SavedState {
  std::string counts;
  std::vector<SavedInsight> insights;  // in the declaration's order; of live ones there is nothing

  friend bool operator==(const SavedState&, const SavedState&) = default;
};

inline std::vector<std::string> save_chunks(const Accumulator& accumulator, size_t chunks) {
  std::vector<Encoder> encoders(chunks);
  accumulator.save(encoders);
  std::vector<std::string> bytes;
  for (const Encoder& encoder : encoders) bytes.push_back(encoder.bytes());
  return bytes;
}

// Whether that is what the accumulator is saved as.
inline bool load_chunks(std::span<const std::string> chunks, Accumulator& accumulator) {
  for (const std::string& bytes : chunks) {
    Decoder chunk(bytes);
    accumulator.load(chunk);
    if (!chunk.ok() || !chunk.at_end()) return false;
  }
  return true;
}

inline SavedState save_state(const State& state, size_t chunks) {
  SavedState saved;
  Encoder counts;
  state.save_counts(counts);
  saved.counts = counts.bytes();
  for (size_t i = 0; i < state.declaration().insights.size(); ++i) {
    SavedInsight& insight = saved.insights.emplace_back();
    if (state.declaration().insights[i].live) continue;
    Encoder own;
    state.save_insight(i, own);
    insight = {own.bytes(), save_chunks(state.accumulator(i), chunks)};
  }
  return saved;
}

// Null where the bytes are none of save_state()'s. What has no chunks begins anew.
inline std::unique_ptr<State> load_state(const Declaration& declaration, const SavedState& saved) {
  auto state = std::make_unique<State>(declaration);
  Decoder counts(saved.counts);
  state->load_counts(counts);
  if (!counts.ok() || !counts.at_end()) return nullptr;
  for (size_t i = 0; i < saved.insights.size(); ++i) {
    if (saved.insights[i].chunks.empty()) continue;
    Decoder own(saved.insights[i].counts);
    state->load_insight(i, own);
    if (!own.ok() || !own.at_end()) return nullptr;
    if (!load_chunks(saved.insights[i].chunks, state->accumulator(i))) return nullptr;
  }
  return state;
}

// What outlives the process, as text.
inline std::string dump_durable(const State& state) {
  const Coverage& coverage = state.coverage();
  std::string text =
      fmt::format("{}..{} {}+{}+{} {}\n", coverage.begin.value, coverage.end.value,
                  coverage.records, coverage.gaps, coverage.jumped, dump_outcomes(state));
  const std::vector<Insight>& insights = state.declaration().insights;
  for (size_t i = 0; i < insights.size(); ++i) {
    if (insights[i].live) continue;
    text += fmt::format("from {}: {}{}\n", state.begin(i).value, dump(state.result(i)),
                        dump(state.accumulator(i), insights[i]));
  }
  return text;
}

}  // namespace millrace::insights
