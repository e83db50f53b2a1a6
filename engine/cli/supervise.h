// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>

#include "engine/app/engine.h"
#include "engine/app/pipeline.h"
#include "engine/base/startup_error.h"

namespace millrace::cli {

struct SuperviseOptions {
  app::Engine::Options engine;
  std::string report_json;  // file; empty: none
  // Stop by itself so long after the first record.
  std::optional<std::chrono::milliseconds> run_for;
  // On a terminal a status line is redrawn, else a log line comes now and then; false: neither.
  bool status = false;
  // Called once the engine has started, and once before it is asked to stop or has ended by itself:
  // in between it may be used from other threads.
  std::function<void(app::Engine&)> on_started;
  std::function<void()> on_stopping;
};

// Runs a pipeline until it ends, from start to final report: takes the signals (the first drains,
// the second ends the process at once), logs the periodic reports, prints the final one to stdout.
[[nodiscard]] base::ExitCode supervise(const app::Pipeline& pipeline, SuperviseOptions options);

}  // namespace millrace::cli
