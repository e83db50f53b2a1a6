// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "engine/app/fleet.h"
#include "engine/app/pipeline.h"
#include "engine/base/pause.h"
#include "engine/cli/commands.h"
#include "engine/cli/duration_option.h"
#include "engine/cli/stop_on_signal.h"

namespace millrace::cli {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kWait{30};
constexpr std::chrono::seconds kWatchEvery{2};
// Clears the screen and goes to its first line.
constexpr const char* kNewScreen = "\x1b[2J\x1b[H";

struct ReportOptions {
  std::string file;
  bool json = false;
  bool watch = false;
  std::optional<std::chrono::milliseconds> every;
  std::optional<std::chrono::milliseconds> wait;
};

base::ExitCode print(const app::Pipeline& pipeline, const ReportOptions& options,
                     const std::stop_token& stop) {
  const auto patience = kafka::Patience::at_most(options.wait.value_or(kWait), stop);
  const auto fleet = app::read_fleet(pipeline, patience);
  if (!fleet.ok()) {
    fmt::print(stderr, "millrace report: {}\n", fleet.message());
    return base::ExitCode::kFailed;
  }
  if (options.watch && !options.json && isatty(STDOUT_FILENO) != 0) fmt::print("{}", kNewScreen);
  fmt::print("{}", options.json ? report::to_json(fleet.value()) : report::to_text(fleet.value()));
  std::fflush(stdout);
  return report::check_identity(fleet.value()).holds() ? base::ExitCode::kClean
                                                       : base::ExitCode::kDataProtected;
}

base::ExitCode report(const ReportOptions& options) {
  const app::Pipeline pipeline = app::compile_file(options.file);
  for (const config::Problem& problem : pipeline.problems)
    fmt::print(stderr, "{}\n", config::to_string(problem));
  if (pipeline.plan == nullptr) return base::ExitCode::kUsage;
  if (!pipeline.config.state.durable) {
    fmt::print(stderr,
               "millrace report: the pipeline writes no state down ('state: {{durable: false}}'): "
               "its insights are in the report of each run only\n");
    return base::ExitCode::kUsage;
  }
  const StopOnSignal stop;
  base::ExitCode code = base::ExitCode::kClean;
  do {
    const Clock::time_point began = Clock::now();
    code = print(pipeline, options, stop.token());
    if (!options.watch || code == base::ExitCode::kFailed) break;
    base::pause_until(began + options.every.value_or(kWatchEvery), stop.token());
  } while (!stop.token().stop_requested());
  return code;
}

}  // namespace

void add_report(CLI::App& app, Command& chosen) {
  auto options = std::make_shared<ReportOptions>();
  CLI::App* command = app.add_subcommand(
      "report", "Prints the insights of all copies of a pipeline, since the beginning.");
  command->add_option("FILE", options->file, "The pipeline file (YAML)")->required();
  command->add_flag("--json", options->json, "Print JSON, with the members of run --report-json");
  command->add_flag("--watch", options->watch, "Print it again and again, until Ctrl+C");
  add_duration(*command, "--every", options->every, "With --watch: how often (2s)");
  add_duration(*command, "--wait", options->wait, "How long to wait for the brokers (30s)");
  command->footer("Example: millrace report config/user-login.yaml --json");
  command->callback([options, &chosen] { chosen = [options] { return report(*options); }; });
}

}  // namespace millrace::cli
