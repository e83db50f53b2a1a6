// SPDX-License-Identifier: Apache-2.0
#include "engine/app/insights_cache.h"

#include <algorithm>
#include <memory>
#include <utility>

namespace millrace::app {

InsightsCache::InsightsCache(std::function<flow::Snapshot()> take, bool durable,
                             std::function<Clock::time_point()> now)
    : take_(std::move(take)), now_(std::move(now)) {
  last_.durable = durable;
}

InsightsNow InsightsCache::get() {
  const Clock::time_point asked = now_();
  {
    const base::MutexLock lock(mutex_);
    while (taking_ && !due_ && !finished_) taken_.wait(mutex_);
    if (taking_ || finished_ || (due_ && asked < *due_)) return last_;
    taking_ = true;
  }
  flow::Snapshot snapshot = take_();
  const Clock::time_point now = now_();
  const base::MutexLock lock(mutex_);
  taking_ = false;
  due_ = now + std::max<Clock::duration>(kEvery, kPart * (now - asked));
  // The run may have ended meanwhile, and what was taken of it be only a part.
  if (!finished_) keep(std::move(snapshot));
  taken_.notify_all();
  return last_;
}

void InsightsCache::finish(flow::Snapshot snapshot) {
  const base::MutexLock lock(mutex_);
  finished_ = true;
  keep(std::move(snapshot));
  taken_.notify_all();
}

void InsightsCache::keep(flow::Snapshot snapshot) {
  last_.snapshot = std::make_shared<const flow::Snapshot>(std::move(snapshot));
  last_.time_ms = std::chrono::duration_cast<std::chrono::milliseconds>(
                      std::chrono::system_clock::now().time_since_epoch())
                      .count();
}

}  // namespace millrace::app
