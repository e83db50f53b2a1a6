// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/state/counted_state.h"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "engine/insights/stable_hash.h"

namespace millrace::state {
namespace {

using insights::Declaration;
using insights::Edge;
using insights::Insight;
using insights::Kind;
using insights::PartKind;
using insights::Shard;
using insights::State;

enum : size_t { kRecords, kUsers, kHours, kAmounts, kSizes };

Declaration make_declaration() {
  return {
      .insights = {{.kind = Kind::kCount, .name = "count", .definition = "count", .part = kRecords},
                   {.kind = Kind::kRate,
                    .name = "rate",
                    .definition = "rate",
                    .live = true,
                    .part = kRecords},
                   {.kind = Kind::kCountBy,
                    .name = "users",
                    .definition = "count_by user",
                    .fields = {"user"},
                    .keys_max = 100'000,
                    .part = kUsers},
                   {.kind = Kind::kDistinct,
                    .name = "distinct",
                    .definition = "distinct user",
                    .fields = {"user"},
                    .exact_up_to = 50,
                    .part = kUsers},
                   {.kind = Kind::kTop,
                    .name = "top",
                    .definition = "top user",
                    .fields = {"user"},
                    .limit = 5,
                    .exact_up_to = 100,
                    .part = kUsers,
                    .edges = {0}},
                   {.kind = Kind::kHoursOfDay,
                    .name = "hours",
                    .definition = "hours_of_day time",
                    .fields = {"time"},
                    .part = kHours},
                   {.kind = Kind::kSum,
                    .name = "sum",
                    .definition = "sum amount",
                    .fields = {"amount"},
                    .part = kAmounts},
                   {.kind = Kind::kQuantiles,
                    .name = "sizes",
                    .definition = "quantiles size",
                    .fields = {"size"},
                    .quantiles = {0.5},
                    .part = kSizes}},
      .parts = {{.kind = PartKind::kCounter},
                {.kind = PartKind::kKeys, .fields = 1, .edges = {{Edge::kLast, "ip"}}},
                {.kind = PartKind::kHours},
                {.kind = PartKind::kNumbers},
                {.kind = PartKind::kSketch}},
      .rules = {"r0", "r1"}};
}

// A record, all of it decided by the user's name.
void count_record(const std::string& user, int64_t time, Shard& shard) {
  const auto number = static_cast<int64_t>(insights::stable_hash(user) % 1'000);
  if (number % 17 == 0) return shard.count_dead_letter(static_cast<size_t>(number) % 2);
  if (number % 19 == 0) return shard.count_filtered();
  shard.count_emitted();
  shard.add_one(kRecords);
  const std::array<std::string_view, 1> key{user};
  const size_t entry = shard.add_key(kUsers, key);
  const std::string ip = fmt::format("10.0.{}.{}", number % 7, time % 256);
  shard.set_edge(kUsers, entry, 0, {ip, true, time});
  shard.add_hour(kHours, static_cast<unsigned>(number % 24));
  if (number % 5 == 0) {
    shard.add_missing(kAmounts);
  } else {
    shard.add_number(kAmounts, insights::Number(static_cast<double>(number) / 10));
  }
  shard.add_number(kSizes, insights::Number(number));
}

}  // namespace

const Declaration& declaration() {
  static const Declaration declared = make_declaration();
  return declared;
}

Declaration changed(const Change& change) {
  const auto has = [](const std::vector<std::string>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  Declaration changed = declaration();
  std::erase_if(changed.insights,
                [&](const Insight& insight) { return has(change.without, insight.name); });
  for (Insight& insight : changed.insights) {
    if (has(change.redefined, insight.name)) insight.definition += " when something";
    if (has(change.renamed, insight.name)) insight.name += "_2";
  }
  return changed;
}

Counted::Counted(const Declaration& of, int64_t begin) : state_(std::make_unique<State>(of)) {
  state_->cover(base::Offset{begin}, base::Offset{begin}, 0);
}

void Counted::count(const std::vector<std::string>& users) {
  for (size_t at = 0; at < users.size();) {
    const base::Offset begin = end();
    Shard shard(state_->declaration());
    base::Offset next = begin;
    for (; at < users.size() && State::epoch_of(next) == State::epoch_of(begin); ++at) {
      count_record(users[at], next.value, shard);
      next = next.next();
    }
    state_->cover(begin, next, static_cast<uint64_t>(next.value - begin.value));
    state_->add(shard, begin);
  }
}

void Counted::count_random(std::mt19937& random, size_t records, size_t users) {
  std::vector<std::string> chosen;
  for (size_t i = 0; i < records; ++i) chosen.push_back(std::to_string(random() % users));
  count(chosen);
}

std::vector<std::string> names(const std::string& prefix, size_t count, size_t bytes) {
  std::vector<std::string> names;
  for (size_t i = 0; i < count; ++i) {
    names.push_back(fmt::format("{}{}", prefix, i));
    names.back().resize(bytes, '.');
  }
  return names;
}

std::string saved(const State& state, const std::string& insight) {
  const size_t index = index_of(state.declaration(), insight);
  std::vector<insights::Encoder> chunks(kSavedChunks);
  state.accumulator(index).save(chunks);
  insights::Encoder all;
  state.save_insight(index, all);
  for (const insights::Encoder& chunk : chunks) all.text(chunk.bytes());
  return all.bytes();
}

std::string saved(const State& state) {
  insights::Encoder all;
  state.save_counts(all);
  for (const Insight& insight : state.declaration().insights) {
    if (!insight.live) all.text(saved(state, insight.name));
  }
  return all.bytes();
}

size_t index_of(const Declaration& of, const std::string& insight) {
  for (size_t i = 0; i < of.insights.size(); ++i) {
    if (of.insights[i].name == insight) return i;
  }
  throw std::out_of_range(insight);
}

}  // namespace millrace::state
