// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <stop_token>
#include <string>

#include "engine/app/insights_cache.h"
#include "engine/app/pipeline.h"
#include "engine/base/clock.h"
#include "engine/base/startup_error.h"
#include "engine/flow/books.h"
#include "engine/report/report.h"
#include "engine/report/vitals.h"

namespace millrace::app {

// A report and how the run ended. Lifetime: the pipeline outlives it.
struct RunReport {
  report::Report report;
  base::ExitCode code = base::ExitCode::kClean;
};

// A running pipeline: the one place where everything meets. Made by start(), which brings it up in
// the order: brokers, topics and limits, producer, consumer, flow.
//
// Threading: start() and finish() from one thread; the others from any, also while
// finish() waits for the drain, and after it.
// Lifetime: the pipeline (its plan) outlives it.
class Engine {
 public:
  struct Options {
    // Finish at the end of the topics as they are now.
    bool until_end = false;
    // How long to wait for brokers and topics at the start; nothing: as long as it takes.
    std::optional<std::chrono::milliseconds> wait;
    // What `now` means; nothing: the time of day.
    std::optional<base::WallTime> fixed_time;
    // Insights that begin anew, by name, whatever the state topic has of them.
    std::set<std::string> reset_insights;
    // The broker is librdkafka's embedded one: ask it for nothing that it cannot answer.
    bool embedded = false;
    // Somebody looks at vitals(): librdkafka is asked for its statistics too.
    bool client_statistics = false;
    // Called during the start with what it waits for now, as part of a sentence ("the topics").
    std::function<void(const std::string&)> on_waiting;
    // Called at each multiple of `report: {every: N records}`, on a thread of the engine.
    std::function<void(const RunReport&)> on_multiple;
    // Called once, on a thread of the engine, when nothing is left to do but finish().
    std::function<void()> on_finished;
  };

  // Throws base::StartupError. `stop` ends the waiting (the error then says so).
  [[nodiscard]] static std::unique_ptr<Engine> start(const Pipeline& pipeline, Options options,
                                                     const std::stop_token& stop);

  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  // Ends the intake and drains. Idempotent.
  void stop(const std::string& why);

  // Waits for the drain and gives the final report; its code is the program's exit code.
  [[nodiscard]] RunReport finish();

  [[nodiscard]] flow::Totals totals() const;

  // The report as of now, without insights.
  [[nodiscard]] RunReport report() const;

  // The same with the insights, all of it as of the moment of insights().
  [[nodiscard]] RunReport whole_report() const;

  // What is shown of the run while it goes on, also while it drains. Cheap enough for once a second
  // and several who ask.
  [[nodiscard]] report::Vitals vitals() const;

  // The insights as they were at most a second ago: merging them may take long where they are
  // large, so that is done at most once a second, and less often where it takes long.
  [[nodiscard]] InsightsNow insights() const;

 private:
  class Impl;
  explicit Engine(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace millrace::app
