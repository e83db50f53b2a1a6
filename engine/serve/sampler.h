// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "engine/base/mutex.h"
#include "engine/serve/seams.h"

namespace millrace::serve {

// What is answered with a text that the pipeline has to be asked for.
enum class Page : uint8_t { kVitals, kMetrics, kReportText, kReportJson, kInsights };
inline constexpr size_t kPages = 5;

// Asks the pipeline, on a thread of its own: for its vitals once a second, for the rest when
// somebody wants it, and at most once a second however many do. Readers get what is there and
// never wait for the pipeline, nor it for them.
//
// Threading: any thread.
class Sampler {
 public:
  using Clock = std::chrono::steady_clock;

  struct Options {
    std::chrono::milliseconds every{1000};
    // What reads all insights is asked for less often for the metrics, which are fetched for ever.
    std::chrono::milliseconds insight_metrics_every{10'000};
    // The pipeline is not alive where it does not answer, or its workers finish nothing, for so
    // long.
    std::chrono::milliseconds dead_after{60'000};
  };

  struct Sampled {
    std::shared_ptr<const std::string> text;  // null: the pipeline has nothing to say
    uint64_t number = 0;                      // of the sample: grows
  };

  // `on_news` is called, from the sampler's thread, whenever a page is new.
  Sampler(Seams seams, Options options, std::function<void()> on_news);
  ~Sampler();  // stops
  Sampler(const Sampler&) = delete;
  Sampler& operator=(const Sampler&) = delete;

  void start();
  // Takes the vitals a last time. Waits for a call of the pipeline that is under way. Idempotent.
  void stop();

  // The page as it was at most `every` before `asked`, when it was first asked for, or is since;
  // nothing: it is being made, ask again at the next news.
  [[nodiscard]] std::optional<Sampled> want(Page page, Clock::time_point asked);
  // The vitals' page as it is; its number says whether it is a new one.
  [[nodiscard]] Sampled vitals() const;

  // Why the pipeline is not ready for work, as a sentence; empty: it is.
  [[nodiscard]] std::string not_ready() const;
  // Why it is not alive; empty: it is.
  [[nodiscard]] std::string not_alive() const;

 private:
  struct Slot {
    Sampled sampled;
    std::optional<Clock::time_point> at;  // when it was made
    bool wanted = false;
  };

  void run();
  void take_vitals();
  void make(Page page);
  void put(Page page, std::shared_ptr<const std::string> text) REQUIRES(mutex_);
  [[nodiscard]] std::shared_ptr<const std::string> text_of(Page page);
  void watch_workers(const report::Vitals& vitals, Clock::time_point now) REQUIRES(mutex_);

  const Seams seams_;
  const Options options_;
  const std::function<void()> on_news_;

  mutable base::Mutex mutex_;
  base::CondVar changed_;
  bool stopping_ GUARDED_BY(mutex_) = false;
  std::array<Slot, kPages> slots_ GUARDED_BY(mutex_);
  std::shared_ptr<const report::Vitals> vitals_ GUARDED_BY(mutex_);
  Clock::time_point answered_ GUARDED_BY(mutex_);
  uint64_t processed_ GUARDED_BY(mutex_) = 0;
  Clock::time_point worked_ GUARDED_BY(mutex_);

  // Of the sampler's thread.
  std::optional<InsightsView> metrics_insights_;
  std::optional<Clock::time_point> metrics_insights_at_;
  std::thread thread_;
};

// The sentence for a pipeline of which these are the vitals; empty where it is ready.
[[nodiscard]] std::string why_not_ready(const report::Vitals& vitals);

}  // namespace millrace::serve
