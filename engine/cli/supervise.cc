// SPDX-License-Identifier: Apache-2.0
#include "engine/cli/supervise.h"

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <future>
#include <memory>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>

#include "engine/app/serving.h"
#include "engine/base/log.h"
#include "engine/cli/live_status.h"
#include "engine/cli/signals.h"

namespace millrace::cli {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds kReportEvery{60'000};
constexpr milliseconds kFirstRecordLook{100};
// Beyond the drain's own deadline something hangs that must not.
constexpr milliseconds kStopGrace{5000};
constexpr milliseconds kTakeDownMax{5000};

void log_report(const app::RunReport& run) {
  base::log::info("{}\n{}", report::to_line(run.report), report::to_text(run.report));
}

// Ends the process without any more waiting, saying what that costs.
[[noreturn]] void end_at_once(const app::Engine* engine, const char* why) {
  end_in_any_case();
  if (engine != nullptr) {
    const flow::Totals totals = engine->totals();
    fmt::print(
        stderr,
        "millrace: {}: stopped at once, without the final report. Consumed {} = emitted {} + "
        "filtered {} + dead-lettered {}. Not committed, so that it will be read again: {} "
        "offsets that had settled and {} records that had not.\n",
        why, totals.consumed, totals.emitted, totals.filtered, totals.dead_lettered,
        totals.uncommitted, totals.polled - totals.consumed);
  } else {
    fmt::print(stderr, "millrace: {}: stopped at once.\n", why);
  }
  std::fflush(nullptr);
  std::_Exit(static_cast<int>(base::ExitCode::kFailed));
}

// Supervises one run; the parts of it share what they wait for.
class Supervisor {
 public:
  Supervisor(const app::Pipeline& pipeline, SuperviseOptions options)
      : pipeline_(pipeline), options_(std::move(options)), status_(options_.status) {}

  base::ExitCode run() {
    if (!begin_serving() || !start()) return start_exit_;
    watch();
    note_stopping();
    const app::RunReport run = engine_->finish();
    status_.clear();
    const base::ExitCode code = print(run);
    serving_.reset();
    // Taking clients down whose broker is away waits for it; everything is said, so nothing is
    // gained by that.
    if (code == base::ExitCode::kFailed || !take_down()) {
      std::fflush(nullptr);
      std::_Exit(static_cast<int>(code));
    }
    return code;
  }

 private:
  // Why it did not start; in the form of the log where that is for programs.
  void say_failure(const std::string& why) const {
    if (pipeline_.config.log.format == config::LogFormat::kJson) {
      base::log::error("{}", why);
    } else {
      fmt::print(stderr, "millrace: {}\n", why);
    }
  }

  // From before the start, which may wait for brokers, until after the final report.
  bool begin_serving() {
    if (!options_.serve) return true;
    try {
      serving_ = begin_at(*options_.serve);
    } catch (const base::StartupError& failure) {
      say_failure(failure.what());
      start_exit_ = failure.code();
      return false;
    }
    options_.engine.client_statistics = true;
    options_.engine.on_waiting = [this](const std::string& what) { serving_->set_waits_for(what); };
    base::log::info("Answers at {}", serving_->url());
    return true;
  }

  [[nodiscard]] std::unique_ptr<app::Serving> begin_at(config::ServeConfig where) const {
    try {
      return app::Serving::begin(where);
    } catch (const base::StartupError& failure) {
      if (!options_.serve_elsewhere || failure.code() != base::ExitCode::kFailed) throw;
    }
    where.port = 0;
    return app::Serving::begin(where);
  }

  // Destroys the engine. False if that does not come to an end: librdkafka then waits for a thread
  // of its own (seen where an input topic was deleted while it was read).
  bool take_down() {
    std::promise<void> over;
    std::future<void> done = over.get_future();
    std::thread taker([engine = std::move(engine_), ended = std::move(over)]() mutable {
      engine.reset();
      ended.set_value();
    });
    const bool ended = done.wait_for(kTakeDownMax) == std::future_status::ready;
    if (ended) {
      taker.join();
    } else {
      taker.detach();
    }
    return ended;
  }

  // Starts the engine on a thread of its own, so that a signal can end the waiting for brokers.
  bool start() {
    options_.engine.on_finished = [this] {
      finished_.store(true, std::memory_order_release);
      signals_.wake();
    };
    options_.engine.on_multiple = log_report;
    std::stop_source stop;
    std::string error;
    std::thread starter([&] {
      try {
        engine_ = app::Engine::start(pipeline_, options_.engine, stop.get_token());
      } catch (const base::StartupError& failure) {
        error = failure.what();
        start_exit_ = failure.code();
      }
      started_.store(true, std::memory_order_release);
      signals_.wake();
    });
    while (!started_.load(std::memory_order_acquire)) {
      if (signals_.wait(Clock::now() + kReportEvery)) {
        if (stop.stop_requested()) cli::end_at_once(nullptr, "second signal");
        stop.request_stop();
        interrupted_ = true;
      }
    }
    starter.join();
    if (engine_ == nullptr) {
      if (interrupted_) {
        base::log::info("Interrupted before the start was over: nothing was read.");
        start_exit_ = base::ExitCode::kClean;
      } else {
        say_failure(error);
      }
      return false;
    }
    if (serving_) serving_->attach(*engine_);
    if (interrupted_) stop_engine("a signal during the start");
    if (options_.on_started) options_.on_started(*engine_);
    return true;
  }

  void watch() {
    const auto begun = Clock::now();
    const bool timed = !pipeline_.config.report.every_records.has_value();
    const milliseconds every = pipeline_.config.report.every.value_or(kReportEvery);
    auto next_report = begun + every;
    const LiveStatus::Asked asked{.vitals = [this] { return engine_->vitals(); },
                                  .totals = [this] { return engine_->totals(); }};
    while (!finished_.load(std::memory_order_acquire)) {
      auto deadline = std::min(next_report, status_.next());
      if (options_.run_for && !stopping_) deadline = std::min(deadline, run_end());
      if (stopping_) deadline = std::min(deadline, stop_limit_);
      if (const auto signal = signals_.wait(deadline)) {
        if (stopping_) end_at_once("second signal");
        stop_engine(signal_name(*signal));
      }
      const auto now = Clock::now();
      if (stopping_ && now >= stop_limit_) end_at_once("the drain hangs");
      if (options_.run_for && !stopping_ && now >= run_end()) stop_engine("the time is over");
      if (now >= next_report) {
        next_report += every;
        if (timed) log_report(engine_->report());
      }
      status_.draw(asked, now);
    }
  }

  // When `run_for` is over. It counts from the first record, as a group's first assignment takes
  // seconds; until then this is when to look again.
  Clock::time_point run_end() {
    if (!first_record_ && engine_->totals().polled > 0) first_record_ = Clock::now();
    return first_record_ ? *first_record_ + *options_.run_for : Clock::now() + kFirstRecordLook;
  }

  void stop_engine(const char* why) {
    stopping_ = true;
    // The lines below may find nobody who reads them.
    end_if_signals_wait();
    stop_limit_ = Clock::now() + pipeline_.config.stop_deadline + kStopGrace;
    base::log::info("Stopping ({}): finishing what was read. Again to stop at once.", why);
    note_stopping();
    engine_->stop(why);
  }

  [[noreturn]] void end_at_once(const char* why) {
    end_in_any_case();
    status_.clear();
    cli::end_at_once(engine_.get(), why);
  }

  void note_stopping() {
    if (auto told = std::exchange(options_.on_stopping, nullptr)) told();
  }

  base::ExitCode print(const app::RunReport& run) {
    fmt::print("{}", report::to_text(run.report));
    std::fflush(stdout);
    if (options_.report_json.empty()) return run.code;
    const std::string json = report::to_json(run.report);
    std::FILE* file = std::fopen(options_.report_json.c_str(), "we");
    const bool written =
        file != nullptr && std::fwrite(json.data(), 1, json.size(), file) == json.size();
    const bool closed = file != nullptr && std::fclose(file) == 0;
    if (written && closed) return run.code;
    fmt::print(stderr, "millrace: cannot write {}: {}\n", options_.report_json,
               std::generic_category().message(errno));
    return run.code == base::ExitCode::kClean ? base::ExitCode::kFailed : run.code;
  }

  const app::Pipeline& pipeline_;
  SuperviseOptions options_;
  Signals signals_;
  LiveStatus status_;
  std::unique_ptr<app::Engine> engine_;
  std::unique_ptr<app::Serving> serving_;  // asks the engine, so it goes first
  base::ExitCode start_exit_ = base::ExitCode::kFailed;
  std::optional<Clock::time_point> first_record_;
  bool interrupted_ = false;
  bool stopping_ = false;
  Clock::time_point stop_limit_;
  // Written by the engine's and the starter's thread, read here after a wake.
  std::atomic<bool> started_{false};
  std::atomic<bool> finished_{false};
};

}  // namespace

base::ExitCode supervise(const app::Pipeline& pipeline, SuperviseOptions options) {
  return Supervisor(pipeline, std::move(options)).run();
}

}  // namespace millrace::cli
