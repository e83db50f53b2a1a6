// SPDX-License-Identifier: Apache-2.0
#include "engine/report/sliding_counts.h"

#include "engine/base/check.h"

namespace millrace::report {

// Two more: the one that the period begins at, and the one that is rounded away.
SlidingCounts::SlidingCounts(std::chrono::milliseconds over)
    : over_(over), step_(over_ / (kPointsMax - 2)) {
  MILLRACE_CHECK(over_ > Time::duration::zero());
}

SlidingCounts::Growth SlidingCounts::add(const Counts& counts, Time now) {
  while (points_.size() > 1 && now - points_[1].at >= over_) points_.pop_front();
  if (points_.empty() || now - points_.back().at >= step_) points_.push_back({now, counts});
  const Point& begin = points_.front();
  Growth growth;
  growth.counts = {counts.all - begin.counts.all, counts.some - begin.counts.some};
  growth.over = now - begin.at;
  growth.whole = now - begin.at >= over_;
  return growth;
}

}  // namespace millrace::report
