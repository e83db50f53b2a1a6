// SPDX-License-Identifier: Apache-2.0
#include "engine/app/watchdog.h"

#include <utility>

#include "engine/base/log.h"
#include "engine/base/pause.h"

namespace millrace::app {

Watchdog::Watchdog(HealthSampler::Seams seams, std::chrono::milliseconds stalled_after,
                   std::chrono::milliseconds every)
    : sampler_(std::move(seams), stalled_after),
      every_(every),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

Watchdog::~Watchdog() {
  stop();
}

void Watchdog::stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

report::Health Watchdog::current() const {
  const base::MutexLock lock(mutex_);
  return current_;
}

void Watchdog::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    const auto now = std::chrono::steady_clock::now();
    for (const report::HealthWatch::Transition& transition : sampler_.look(now)) {
      if (transition.to == report::Status::kUnhealthy) {
        base::log::warn("Health: {}.", transition.sentence);
      } else {
        base::log::info("Health: {}.", transition.sentence);
      }
    }
    {
      const base::MutexLock lock(mutex_);
      current_ = sampler_.health();
    }
    base::pause_until(now + every_, stop);
  }
}

}  // namespace millrace::app
