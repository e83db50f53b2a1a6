// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "engine/insights/count_by_accumulator.h"
#include "engine/insights/distinct_accumulator.h"
#include "engine/insights/distinct_by_accumulator.h"
#include "engine/insights/edge_accumulator.h"
#include "engine/insights/numbers_accumulator.h"
#include "engine/insights/quantiles_accumulator.h"
#include "engine/insights/stable_hash.h"
#include "engine/insights/state.h"
#include "engine/insights/top_accumulator.h"
#include "engine/record/json_writer.h"

// All that a state holds, as text, so that two can be compared: what tables keep and not in which
// order they do.
namespace millrace::insights {

inline std::string dump(const Result& result) {
  record::JsonWriter writer;
  write_json(result, writer);
  return fmt::format("{} emitted={} selected={} counted={} missing={} not_kept={} {}\n{}",
                     result.insight->name, result.emitted, result.selected, result.counted,
                     result.missing, result.not_kept, writer.take(), to_text(result, 20));
}

// `more(entry)` is what belongs to the key of an entry, whose count is `added` more than it says.
template <typename More>
std::string dump_keys(const KeyCounts& keys, const More& more, uint64_t added = 0) {
  std::vector<std::string> lines;
  for (size_t i = 0; i < keys.entries().size(); ++i) {
    const KeyCounts::Entry& entry = keys.entries()[i];
    lines.push_back(fmt::format("  [{}] {} {}\n", entry.key, entry.count + added, more(i)));
  }
  std::sort(lines.begin(), lines.end());
  return fmt::format("{}  beyond {}\n", fmt::join(lines, ""), keys.overflow());
}

// Where counts do not matter.
inline std::string dump_key_set(const KeyCounts& keys) {
  std::vector<std::string> lines;
  for (const KeyCounts::Entry& entry : keys.entries())
    lines.push_back(fmt::format("  [{}]\n", entry.key));
  std::sort(lines.begin(), lines.end());
  return fmt::format("{}", fmt::join(lines, ""));
}

inline std::string dump_edges(const EdgeValues& edges, size_t entry, size_t count) {
  std::string text;
  for (size_t e = 0; e < count; ++e) {
    const auto value = edges.get(entry, e);
    text += value ? fmt::format("<{} {} {}>", value->text, value->is_string, value->time) : "<>";
  }
  return text;
}

inline std::string dump_sketch(const HyperLogLog* sketch) {
  if (sketch == nullptr) return "exact";
  const auto registers = sketch->registers();
  return fmt::format("a sketch {:x}", stable_hash({reinterpret_cast<const char*>(registers.data()),
                                                   registers.size()}));
}

inline std::string dump(const Accumulator& accumulator, const Insight& insight) {
  const auto nothing = [](size_t) { return ""; };
  if (const auto* by = dynamic_cast<const CountByAccumulator*>(&accumulator))
    return dump_keys(by->keys(), nothing);
  if (const auto* distinct = dynamic_cast<const DistinctAccumulator*>(&accumulator))
    return dump_key_set(distinct->keys()) + dump_sketch(distinct->sketch());
  if (const auto* by = dynamic_cast<const DistinctByAccumulator*>(&accumulator)) {
    return dump_key_set(by->pairs()) + dump_keys(by->groups(), [&](size_t i) {
             const DistinctByAccumulator::Group& group = by->group(i);
             return fmt::format("{} {} {}", group.values, group.beyond,
                                dump_sketch(group.sketch.get()));
           });
  }
  if (const auto* top = dynamic_cast<const TopAccumulator*>(&accumulator)) {
    return fmt::format("  floor {}\n", top->floor()) +
           dump_keys(
               top->keys(),
               [&](size_t i) {
                 return fmt::format("{} {}", top->error(i),
                                    dump_edges(top->edges(), i, insight.edges.size()));
               },
               top->added());
  }
  if (const auto* edges = dynamic_cast<const EdgeAccumulator*>(&accumulator)) {
    return dump_keys(edges->keys(), [&](size_t i) { return dump_edges(edges->edges(), i, 1); });
  }
  if (const auto* quantiles = dynamic_cast<const QuantilesAccumulator*>(&accumulator)) {
    std::string text;
    for (const MagnitudeCounts::Bucket& bucket : quantiles->magnitudes().buckets())
      text += fmt::format(" {}:{}", bucket.number, bucket.count);
    return text;
  }
  if (const auto* numbers = dynamic_cast<const NumbersAccumulator*>(&accumulator)) {
    const auto text = [](const auto& number) { return number ? number->to_json() : "none"; };
    return fmt::format("{} of {}, {} to {}", numbers->sum().sum().to_json(), numbers->sum().count(),
                       text(numbers->range().least), text(numbers->range().greatest));
  }
  return "";
}

inline std::string dump_outcomes(const State& state) {
  std::string text = fmt::format(
      "emitted={} filtered={} dead_letters={} outputs={} {} {} {}\n", state.emitted(),
      state.filtered(), fmt::join(state.dead_letters(), ","), state.outputs().copies,
      state.outputs().exploded, state.outputs().pieces, state.outputs().letters_discarded);
  for (const auto& [rule, count] : state.former_dead_letters())
    text += fmt::format("  {}: {}\n", rule, count);
  return text;
}

inline std::string dump(const State& state, Time now) {
  std::string text = dump_outcomes(state);
  const std::vector<Insight>& insights = state.declaration().insights;
  for (size_t i = 0; i < insights.size(); ++i) {
    text += dump(state.result(i, now)) + dump(state.accumulator(i), insights[i]) + '\n';
  }
  return text;
}

}  // namespace millrace::insights
