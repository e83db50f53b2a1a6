// SPDX-License-Identifier: Apache-2.0
#include "engine/flow/dead_letter_breaker.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "engine/base/check.h"
#include "engine/insights/text_table.h"

namespace millrace::flow {
namespace {

using insights::grouped;

// The window is kept in so many stretches, whatever the size of the batches.
constexpr size_t kStretches = 64;

// How many dead letters are not more than the share. A share such as 0.29 has no exact binary form:
// without the allowance 29 of 100 would be more than 29 %.
uint64_t dead_letters_allowed(const config::StopAbove& limit) {
  constexpr double kAllowance = 1e-6;
  return static_cast<uint64_t>(
      std::floor(limit.share * static_cast<double>(limit.over) + kAllowance));
}

}  // namespace

DeadLetterBreaker::DeadLetterBreaker(const config::StopAbove& limit,
                                     const insights::Declaration& declaration)
    : limit_(limit),
      declaration_(declaration),
      dead_max_(dead_letters_allowed(limit)),
      window_(limit.over) {
  MILLRACE_CHECK(limit.over > 0);
}

bool DeadLetterBreaker::admit(std::span<const record::Outcome> outcomes,
                              const insights::Shard& shard) {
  if (tripped_) return false;
  uint64_t dead = 0;
  for (const record::Outcome outcome : outcomes) {
    const bool is_dead = outcome == record::Outcome::kDeadLettered;
    if (is_dead) ++dead;
    // What is told of a trip is the moment of the trip; of the rest only the rules count.
    if (!tripped_) count(is_dead);
  }
  count_rules(outcomes.size(), dead, shard);
  return !tripped_;
}

void DeadLetterBreaker::count(bool dead) {
  if (window_[next_]) --dead_;  // false where the ring has not come round yet
  window_[next_] = dead;
  if (dead) ++dead_;
  next_ = next_ + 1 == window_.size() ? 0 : next_ + 1;
  ++seen_;
  tripped_ = seen_ >= limit_.over && dead_ > dead_max_;
}

void DeadLetterBreaker::count_rules(size_t records, uint64_t dead, const insights::Shard& shard) {
  if (records == 0) return;
  if (stretches_.empty() || stretches_.back().records >= limit_.over / kStretches)
    stretches_.emplace_back();
  stretches_.back().records += records;
  in_stretches_ += records;
  for (uint32_t rule = 0; dead > 0 && rule < shard.dead_letters().size(); ++rule) {
    if (const uint64_t count = shard.dead_letters()[rule]; count > 0)
      stretches_.back().by_rule[rule] += count;
  }
  // A trip may lie at the start of this batch: then the window reaches as far back as before it.
  while (!tripped_ && in_stretches_ - stretches_.front().records >= limit_.over) {
    in_stretches_ -= stretches_.front().records;
    stretches_.pop_front();
  }
}

std::vector<DeadLetterBreaker::Reason> DeadLetterBreaker::top_reasons() const {
  std::map<uint32_t, uint64_t> by_rule;
  for (const Stretch& stretch : stretches_)
    for (const auto& [rule, count] : stretch.by_rule) by_rule[rule] += count;
  std::vector<std::pair<uint32_t, uint64_t>> sorted(by_rule.begin(), by_rule.end());
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  if (sorted.size() > kReasonsMax) sorted.resize(kReasonsMax);
  std::vector<Reason> reasons;
  for (const auto& [rule, count] : sorted) reasons.push_back({declaration_.rules[rule], count});
  return reasons;
}

std::string DeadLetterBreaker::sentence() const {
  MILLRACE_CHECK(tripped_);
  const double share = static_cast<double>(dead_) / static_cast<double>(limit_.over);
  std::string text =
      fmt::format("{} of the last {} records ({:.1f} %) became dead letters, more than {:.6g} %",
                  grouped(dead_), grouped(limit_.over), share * 100, limit_.share * 100);
  const char* separator = ": ";
  for (const Reason& reason : top_reasons()) {
    text += fmt::format("{}{} {}", separator, reason.rule, grouped(reason.count));
    separator = ", ";
  }
  if (in_stretches_ != limit_.over)
    text += fmt::format(" (counted over the last {})", grouped(in_stretches_));
  return text;
}

}  // namespace millrace::flow
