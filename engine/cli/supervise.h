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
#include "engine/cli/live_status.h"

namespace millrace::cli {

struct SuperviseOptions {
  app::Engine::Options engine;
  std::string report_json;  // file; empty: none
  // Where it answers over HTTP while it runs; nothing: it does not.
  std::optional<config::ServeConfig> serve;
  bool serve_elsewhere = false;  // on a free port where that one is taken
  // Stop by itself so long after the first record.
  std::optional<std::chrono::milliseconds> run_for;
  LiveStatus::Kind status = LiveStatus::Kind::kNone;
  // Called once the engine has started, and once before it is asked to stop or has ended by itself:
  // in between it may be used from other threads.
  std::function<void(app::Engine&)> on_started;
  std::function<void()> on_stopping;
};

// Runs a pipeline until it ends, from start to final report: takes the signals (the first drains,
// the second ends the process at once), logs the periodic reports, prints the final one to stdout.
[[nodiscard]] base::ExitCode supervise(const app::Pipeline& pipeline, SuperviseOptions options);

}  // namespace millrace::cli
