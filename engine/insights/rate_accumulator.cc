// SPDX-License-Identifier: Apache-2.0
#include "engine/insights/rate_accumulator.h"

#include <algorithm>

namespace millrace::insights {
namespace {

int64_t second_of(Time time) {
  return std::chrono::floor<std::chrono::seconds>(time.time_since_epoch()).count();
}

}  // namespace

void RateAccumulator::count(int64_t second, uint64_t records) {
  const auto seconds = static_cast<int64_t>(seconds_.size());
  Second& kept = seconds_[static_cast<size_t>((second % seconds + seconds) % seconds)];
  // What is older than what stands there is older than all that is asked for.
  if (kept.records > 0 && kept.number > second) return;
  if (kept.number != second) kept = {second, 0};
  kept.records += records;
}

void RateAccumulator::add(const Shard::PartCounts& counts, const Moment& moment) {
  records_ += counts.counted;
  begin_ = begin_ ? std::min(*begin_, moment.now) : moment.now;
  count(second_of(moment.now), counts.counted);
}

void RateAccumulator::merge(const Accumulator& other) {
  const auto& from = static_cast<const RateAccumulator&>(other);
  records_ += from.records_;
  if (from.begin_) begin_ = begin_ ? std::min(*begin_, *from.begin_) : *from.begin_;
  for (const Second& second : from.seconds_) {
    if (second.records > 0) count(second.number, second.records);
  }
}

ResultValue RateAccumulator::result(Time now) const {
  if (!begin_) return RateResult{};
  const double since = std::chrono::duration<double>(now - *begin_).count();
  const bool all = since < static_cast<double>(kSeconds);
  const int64_t current = second_of(now);
  uint64_t records = 0;
  for (const Second& second : seconds_) {
    // As long as all is asked for, none of it is older than what is kept.
    if (all || (second.number >= current - kSeconds && second.number < current))
      records += second.records;
  }
  const double over = std::clamp(since, 1.0, static_cast<double>(kSeconds));
  return RateResult{static_cast<double>(records) / over, over};
}

}  // namespace millrace::insights
