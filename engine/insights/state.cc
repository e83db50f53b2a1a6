// SPDX-License-Identifier: Apache-2.0
#include "engine/insights/state.h"

#include <numeric>

#include "engine/base/check.h"

namespace millrace::insights {
namespace {

void add_each(std::span<const uint64_t> from, std::vector<uint64_t>& to) {
  for (size_t i = 0; i < to.size(); ++i) to[i] += from[i];
}

}  // namespace

State::State(const Declaration& declaration)
    : declaration_(declaration),
      dead_letters_(declaration.rules.size()),
      selected_(declaration.selections),
      missing_(declaration.parts.size()) {
  accumulators_.reserve(declaration.insights.size());
  for (const Insight& insight : declaration.insights) {
    MILLRACE_CHECK(insight.part < declaration.parts.size());
    accumulators_.push_back(Accumulator::make(insight, declaration.parts[insight.part]));
  }
}

void State::add(const Shard& shard, base::Offset begin, Time now) {
  MILLRACE_CHECK(&shard.declaration() == &declaration_);
  emitted_ += shard.emitted();
  filtered_ += shard.filtered();
  outputs_ += shard.outputs();
  add_each(shard.dead_letters(), dead_letters_);
  add_each(shard.selected(), selected_);
  for (size_t part = 0; part < missing_.size(); ++part) missing_[part] += shard.part(part).missing;
  const Moment moment{epoch_of(begin), now};
  for (size_t i = 0; i < accumulators_.size(); ++i) {
    accumulators_[i]->add(shard.part(declaration_.insights[i].part), moment);
  }
}

void State::merge(const State& other) {
  MILLRACE_CHECK(&other != this && &other.declaration_ == &declaration_);
  emitted_ += other.emitted_;
  filtered_ += other.filtered_;
  outputs_ += other.outputs_;
  add_each(other.dead_letters_, dead_letters_);
  add_each(other.selected_, selected_);
  add_each(other.missing_, missing_);
  for (size_t i = 0; i < accumulators_.size(); ++i)
    accumulators_[i]->merge(*other.accumulators_[i]);
}

uint64_t State::dead_lettered() const {
  return std::accumulate(dead_letters_.begin(), dead_letters_.end(), uint64_t{0});
}

Result State::result(size_t insight, Time now) const {
  const Insight& declared = declaration_.insights[insight];
  const Accumulator& accumulator = *accumulators_[insight];
  Result result;
  result.insight = &declared;
  result.part = &declaration_.parts[declared.part];
  const size_t selection = result.part->selection;
  result.selected = selection == 0 ? emitted_ : selected_[selection];
  result.counted = accumulator.counted();
  result.missing = missing_[declared.part];
  result.not_kept = accumulator.not_kept();
  result.value = accumulator.result(now);
  return result;
}

std::vector<Result> State::results(Time now) const {
  std::vector<Result> results;
  results.reserve(accumulators_.size());
  for (size_t i = 0; i < accumulators_.size(); ++i) results.push_back(result(i, now));
  return results;
}

size_t State::footprint() const {
  size_t bytes =
      (dead_letters_.capacity() + selected_.capacity() + missing_.capacity()) * sizeof(uint64_t);
  for (const auto& accumulator : accumulators_) bytes += accumulator->footprint();
  return bytes;
}

}  // namespace millrace::insights
