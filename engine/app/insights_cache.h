// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "engine/base/mutex.h"
#include "engine/flow/snapshot.h"

namespace millrace::app {

// What the insights came to at one moment. Lifetime: the plan, whose insights they name, outlives
// it.
struct InsightsNow {
  std::shared_ptr<const flow::Snapshot> snapshot = std::make_shared<flow::Snapshot>();
  bool durable = false;  // since the beginning of the state, else of the run
  int64_t time_ms = 0;   // Unix: when they were taken
};

// The insights for whoever looks, however many and however often: merging them over all partitions
// may take long where they are large, so it is done once a second at most, and so seldom that it
// takes at most 1 / kPart of the time. Who asks in between gets the last ones.
//
// Threading: any thread; `take` is called by one at a time. Only who asks first of all waits.
class InsightsCache {
 public:
  using Clock = std::chrono::steady_clock;

  static constexpr std::chrono::seconds kEvery{1};
  static constexpr int kPart = 20;

  InsightsCache(std::function<flow::Snapshot()> take, bool durable,
                std::function<Clock::time_point()> now);

  [[nodiscard]] InsightsNow get();

  // The last ones of the run: nothing is taken any more.
  void finish(flow::Snapshot snapshot);

 private:
  void keep(flow::Snapshot snapshot) REQUIRES(mutex_);

  const std::function<flow::Snapshot()> take_;
  const std::function<Clock::time_point()> now_;

  base::Mutex mutex_;
  base::CondVar taken_;
  InsightsNow last_ GUARDED_BY(mutex_);
  std::optional<Clock::time_point> due_ GUARDED_BY(mutex_);  // nothing: none were taken
  bool taking_ GUARDED_BY(mutex_) = false;
  bool finished_ GUARDED_BY(mutex_) = false;
};

}  // namespace millrace::app
