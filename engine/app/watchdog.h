// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <thread>

#include "engine/app/health_sampler.h"
#include "engine/base/mutex.h"
#include "engine/report/health.h"

namespace millrace::app {

// Looks once a second whether every partition moves, and logs where one ceases to and where it goes
// on: so that no stall is silent (I10).
//
// Threading: a thread of its own, from the making to the end; current() may be called from any.
// Lifetime: ends before what the seams refer to; ending waits for a seam that is being called, so
// for a second at most.
class Watchdog {
 public:
  Watchdog(HealthSampler::Seams seams, std::chrono::milliseconds stalled_after,
           std::chrono::milliseconds every = std::chrono::seconds{1});
  ~Watchdog();
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

  // Ends the looking, before a drain or a stop lets partitions stand still; what was seen last
  // stays. Idempotent.
  void stop();

  // As of the last look; healthy before the first.
  [[nodiscard]] report::Health current() const;

 private:
  void run(const std::stop_token& stop);

  HealthSampler sampler_;  // the thread's
  const std::chrono::milliseconds every_;
  mutable base::Mutex mutex_;
  report::Health current_ GUARDED_BY(mutex_);
  std::jthread thread_;  // last: it uses the others
};

}  // namespace millrace::app
