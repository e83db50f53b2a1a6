// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "engine/app/alert_sampler.h"
#include "engine/base/clock.h"
#include "engine/base/mutex.h"
#include "engine/io/committer.h"
#include "engine/report/alert.h"

namespace millrace::app {

// Looks once a second which alerts fire and which clear, logs both, and sends a record of each to
// the alert's topic.
//
// Threading: a thread of its own, from the making to the end; the functions may be called from any.
// Lifetime: ends before what the seams refer to; ending waits for a look that is under way.
class AlertMonitor {
 public:
  struct Seams {
    AlertSampler::Seams sampled;
    std::function<void(io::CarriedRecord)> publish;
    std::function<base::WallTime()> time_of_day;  // for the records
  };

  // Who says it, in the records.
  struct Origin {
    std::string pipeline;
    std::string instance;  // empty: it has no name
  };

  AlertMonitor(Seams seams, std::vector<report::AlertRule> rules, Origin origin,
               std::chrono::milliseconds every = std::chrono::seconds{1});
  // Looks no more.
  ~AlertMonitor();
  AlertMonitor(const AlertMonitor&) = delete;
  AlertMonitor& operator=(const AlertMonitor&) = delete;

  // Looks a last time, before the drain: what changes then still goes out with its commits. What
  // was seen last stays. `results`, where it is not null, are those of the insights at the end.
  // Idempotent.
  void stop(const std::vector<insights::Result>* results = nullptr) EXCLUDES(mutex_, stopping_);

  // As of the last look; all is well before the first.
  [[nodiscard]] std::vector<report::Alert> current() const EXCLUDES(mutex_);

 private:
  void run(const std::stop_token& stop);
  void look(const std::vector<insights::Result>* results);
  void tell(const report::Alert& alert) const;
  void end_thread();

  const Seams seams_;
  const Origin origin_;
  const std::chrono::milliseconds every_;
  AlertSampler sampler_;  // the thread's, then that of who stops it
  mutable base::Mutex mutex_;
  std::vector<report::Alert> current_ GUARDED_BY(mutex_);
  base::Mutex stopping_;
  bool stopped_ GUARDED_BY(stopping_) = false;
  std::jthread thread_;  // last: it uses the others
};

}  // namespace millrace::app
