// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "engine/base/mutex.h"
#include "engine/serve/seams.h"

namespace millrace::serve {

// A pipeline whose state is what a test says.
class FakePipeline {
 public:
  FakePipeline() {
    vitals_.emplace();
    vitals_->pipeline = "logins";
    vitals_->consumed = 10;
    vitals_->emitted = 8;
    vitals_->filtered = 1;
    vitals_->dead_lettered = 1;
    vitals_->dead_letters["parse:syntax"] = 1;
  }

  void starting(const std::string& waits_for) {
    const base::MutexLock lock(mutex_);
    waits_for_ = waits_for;
    kept_ = std::exchange(vitals_, std::nullopt);
  }

  void started() {
    const base::MutexLock lock(mutex_);
    waits_for_.clear();
    vitals_ = std::exchange(kept_, std::nullopt);
  }

  void gone() {
    const base::MutexLock lock(mutex_);
    vitals_.reset();
  }

  template <typename Change>
  void change(Change&& change) {
    const base::MutexLock lock(mutex_);
    change(*vitals_);
  }

  Seams seams() {
    Seams seams;
    seams.waits_for = [this] {
      const base::MutexLock lock(mutex_);
      return waits_for_;
    };
    seams.vitals = [this] {
      ++asked_vitals;
      std::this_thread::sleep_for(takes.load());
      const base::MutexLock lock(mutex_);
      return vitals_;
    };
    seams.insights = [this]() -> std::optional<InsightsView> {
      ++asked_insights;
      const base::MutexLock lock(mutex_);
      if (!vitals_) return std::nullopt;
      return InsightsView{{}, true, 5};
    };
    seams.report_text = [this]() -> std::optional<std::string> {
      ++asked_report;
      const base::MutexLock lock(mutex_);
      if (!vitals_) return std::nullopt;
      return report;
    };
    seams.report_json = [this]() -> std::optional<std::string> {
      const base::MutexLock lock(mutex_);
      if (!vitals_) return std::nullopt;
      return "{\"version\": 1}\n";
    };
    return seams;
  }

  std::string report = "the report\n";  // until it is asked for
  std::atomic<std::chrono::milliseconds> takes{std::chrono::milliseconds(0)};  // the vitals
  std::atomic<int> asked_vitals{0};
  std::atomic<int> asked_insights{0};
  std::atomic<int> asked_report{0};

 private:
  base::Mutex mutex_;
  std::string waits_for_ GUARDED_BY(mutex_);
  std::optional<report::Vitals> vitals_ GUARDED_BY(mutex_);
  std::optional<report::Vitals> kept_ GUARDED_BY(mutex_);
};

}  // namespace millrace::serve
