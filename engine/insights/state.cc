// SPDX-License-Identifier: Apache-2.0
#include "engine/insights/state.h"

#include <algorithm>
#include <iterator>
#include <numeric>
#include <string_view>

#include "engine/base/check.h"
#include "engine/insights/window_accumulator.h"

namespace millrace::insights {
namespace {

void add_each(std::span<const uint64_t> from, std::vector<uint64_t>& to) {
  for (size_t i = 0; i < to.size(); ++i) to[i] += from[i];
}

void save(const Coverage& coverage, Encoder& to) {
  to.signed_number(coverage.begin.value);
  to.signed_number(coverage.end.value);
  to.number(coverage.records);
  to.number(coverage.gaps);
  to.signed_number(coverage.jumped);
}

// What adds up, and leaves room for what is to come.
bool is_possible(const Coverage& coverage) {
  constexpr int64_t kMost = int64_t{1} << 61;
  const auto small = [](int64_t number) { return number >= -kMost && number <= kMost; };
  if (coverage.begin < base::Offset{} || coverage.begin.valid() != coverage.end.valid())
    return false;
  if (!small(coverage.end.value) || !small(coverage.begin.value) || !small(coverage.jumped))
    return false;
  if (coverage.records > kMost || coverage.gaps > kMost) return false;
  return coverage.end.value - coverage.begin.value ==
         static_cast<int64_t>(coverage.records + coverage.gaps) + coverage.jumped;
}

Coverage load_coverage(Decoder& from) {
  Coverage coverage;
  coverage.begin.value = from.signed_number();
  coverage.end.value = from.signed_number();
  coverage.records = from.number();
  coverage.gaps = from.number();
  coverage.jumped = from.signed_number();
  if (!is_possible(coverage)) from.fail();
  return coverage;
}

}  // namespace

State::State(const Declaration& declaration)
    : declaration_(declaration),
      dead_letters_(declaration.rules.size()),
      own_(declaration.insights.size()) {
  accumulators_.reserve(declaration.insights.size());
  for (const Insight& insight : declaration.insights) {
    MILLRACE_CHECK(insight.part < declaration.parts.size());
    const Part& part = declaration.parts[insight.part];
    accumulators_.push_back(Accumulator::make(insight, part));
    windows_.push_back(part.window ? static_cast<WindowAccumulator*>(accumulators_.back().get())
                                   : nullptr);
  }
}

void State::add(const Shard& shard, base::Offset begin, Time now) {
  MILLRACE_CHECK(&shard.declaration() == &declaration_);
  emitted_ += shard.emitted();
  filtered_ += shard.filtered();
  outputs_ += shard.outputs();
  add_each(shard.dead_letters(), dead_letters_);
  const Moment moment{epoch_of(begin), now};
  for (size_t i = 0; i < accumulators_.size(); ++i) {
    const size_t part = declaration_.insights[i].part;
    const size_t selection = declaration_.parts[part].selection;
    own_[i].selected += selection == 0 ? shard.emitted() : shard.selected()[selection];
    own_[i].missing += shard.part(part).missing;
    accumulators_[i]->add(shard.part(part), moment);
  }
  take_closed();
}

void State::take_closed() {
  std::vector<ClosedWindow> closed;
  for (size_t i = 0; i < windows_.size(); ++i) {
    if (windows_[i] == nullptr) continue;
    for (ClosedWindow& window : windows_[i]->take_closed()) {
      window.insight = i;
      closed.push_back(std::move(window));
    }
  }
  // Those of one insight are in the order of their ends already.
  std::stable_sort(closed.begin(), closed.end(), [](const ClosedWindow& a, const ClosedWindow& b) {
    return a.closed_by < b.closed_by;
  });
  closed_.insert(closed_.end(), std::make_move_iterator(closed.begin()),
                 std::make_move_iterator(closed.end()));
}

void State::forget_closed(size_t count) {
  MILLRACE_CHECK(count <= closed_.size());
  closed_.erase(closed_.begin(), closed_.begin() + static_cast<ptrdiff_t>(count));
}

bool State::close_idle(std::chrono::milliseconds idle) {
  bool any = false;
  for (size_t i = 0; i < windows_.size(); ++i) {
    const auto& after = declaration_.insights[i].close_idle_after;
    if (windows_[i] == nullptr || !after || idle < *after) continue;
    if (windows_[i]->close_all()) any = true;
  }
  take_closed();
  return any;
}

void State::cover(base::Offset begin, base::Offset end, uint64_t records) {
  MILLRACE_CHECK(begin.valid() && end >= begin);
  const auto offsets = static_cast<uint64_t>(end.value - begin.value);
  MILLRACE_CHECK(records <= offsets);
  if (!coverage_.begin.valid()) {
    coverage_.begin = coverage_.end = begin;
    for (Own& own : own_) own.begin = begin;
  }
  coverage_.jumped += begin.value - coverage_.end.value;
  coverage_.records += records;
  coverage_.gaps += offsets - records;
  coverage_.end = end;
}

void State::save_counts(Encoder& to) const {
  save(coverage_, to);
  to.number(emitted_);
  to.number(filtered_);
  to.number(outputs_.copies);
  to.number(outputs_.exploded);
  to.number(outputs_.pieces);
  to.number(outputs_.letters_discarded);
  // By the rules' ids, so that it does not matter which of them are declared, and in which order.
  std::map<std::string_view, uint64_t> by_rule(former_dead_letters_.begin(),
                                               former_dead_letters_.end());
  for (size_t rule = 0; rule < dead_letters_.size(); ++rule) {
    if (dead_letters_[rule] > 0) by_rule[declaration_.rules[rule]] += dead_letters_[rule];
  }
  to.number(by_rule.size());
  for (const auto& [rule, count] : by_rule) {
    to.text(rule);
    to.number(count);
  }
}

void State::load_counts(Decoder& from) {
  coverage_ = load_coverage(from);
  emitted_ = from.number();
  filtered_ = from.number();
  outputs_.copies = from.number();
  outputs_.exploded = from.number();
  outputs_.pieces = from.number();
  outputs_.letters_discarded = from.number();
  std::map<std::string_view, size_t> declared;
  for (size_t rule = 0; rule < declaration_.rules.size(); ++rule)
    declared.emplace(declaration_.rules[rule], rule);
  const size_t rules = from.count(2);
  for (size_t i = 0; i < rules; ++i) {
    const std::string_view rule = from.text();
    const uint64_t count = from.number();
    if (!from.ok()) return;
    const auto found = declared.find(rule);
    if (found != declared.end()) {
      dead_letters_[found->second] += count;
    } else {
      former_dead_letters_[std::string(rule)] += count;
    }
  }
  for (Own& own : own_) own = {.begin = coverage_.end, .emitted_before = emitted_};
}

void State::save_insight(size_t insight, Encoder& to) const {
  const Own& own = own_[insight];
  to.signed_number(own.begin.value);
  to.number(own.emitted_before);
  to.number(own.selected);
  to.number(own.missing);
}

void State::load_insight(size_t insight, Decoder& from) {
  Own& own = own_[insight];
  own.begin.value = from.signed_number();
  own.emitted_before = from.number();
  own.selected = from.number();
  own.missing = from.number();
  if (own.begin < base::Offset{} || own.emitted_before > emitted_) from.fail();
}

void State::merge(const State& other) {
  MILLRACE_CHECK(&other != this && &other.declaration_ == &declaration_);
  emitted_ += other.emitted_;
  filtered_ += other.filtered_;
  outputs_ += other.outputs_;
  add_each(other.dead_letters_, dead_letters_);
  for (const auto& [rule, count] : other.former_dead_letters_) former_dead_letters_[rule] += count;
  for (size_t i = 0; i < accumulators_.size(); ++i) {
    own_[i].emitted_before += other.own_[i].emitted_before;
    own_[i].selected += other.own_[i].selected;
    own_[i].missing += other.own_[i].missing;
    accumulators_[i]->merge(*other.accumulators_[i]);
  }
}

uint64_t State::dead_lettered() const {
  const uint64_t declared =
      std::accumulate(dead_letters_.begin(), dead_letters_.end(), uint64_t{0});
  return std::accumulate(former_dead_letters_.begin(), former_dead_letters_.end(), declared,
                         [](uint64_t sum, const auto& former) { return sum + former.second; });
}

Result State::result(size_t insight, Time now) const {
  const Insight& declared = declaration_.insights[insight];
  const Accumulator& accumulator = *accumulators_[insight];
  Result result;
  result.insight = &declared;
  result.part = &declaration_.parts[declared.part];
  result.emitted = emitted_ - own_[insight].emitted_before;
  result.selected = own_[insight].selected;
  result.counted = accumulator.counted();
  result.missing = own_[insight].missing;
  result.late = accumulator.late();
  result.ahead = accumulator.ahead();
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
  size_t bytes = dead_letters_.capacity() * sizeof(uint64_t) + own_.capacity() * sizeof(Own);
  for (const auto& accumulator : accumulators_) bytes += accumulator->footprint();
  for (const ClosedWindow& window : closed_) bytes += sizeof(window) + window.footprint;
  return bytes;
}

}  // namespace millrace::insights
