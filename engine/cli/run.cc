// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "engine/app/pipeline.h"
#include "engine/base/log.h"
#include "engine/base/nearest_name.h"
#include "engine/cli/commands.h"
#include "engine/cli/duration_option.h"
#include "engine/cli/serve_option.h"
#include "engine/cli/supervise.h"

namespace millrace::cli {
namespace {

struct RunOptions {
  std::string file;
  bool until_end = false;
  std::string report_json;
  std::string serve;
  std::optional<std::chrono::milliseconds> wait;
  std::optional<int64_t> fixed_time;
  std::vector<std::string> reset_insights;
  bool panel = true;
};

base::log::Level to_level(config::LogLevel level) {
  switch (level) {
    case config::LogLevel::kDebug:
      return base::log::Level::kDebug;
    case config::LogLevel::kInfo:
      return base::log::Level::kInfo;
    case config::LogLevel::kWarn:
      return base::log::Level::kWarn;
    case config::LogLevel::kError:
      return base::log::Level::kError;
  }
  return base::log::Level::kInfo;
}

// A sentence for the first name that no insight has.
std::string unknown_insight(const app::Pipeline& pipeline, const std::vector<std::string>& names) {
  std::vector<std::string_view> known;
  for (const insights::Insight& insight : pipeline.plan->declaration().insights)
    known.push_back(insight.name);
  for (const std::string& name : names) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    const auto nearest = base::nearest_name(name, known);
    return fmt::format("the pipeline has no insight '{}'{}", name,
                       nearest ? fmt::format("; did you mean '{}'?", *nearest) : "");
  }
  return {};
}

// For whoever reads the log: where that is JSON, these lines are too.
void say(const std::vector<config::Problem>& problems, bool json) {
  for (const config::Problem& problem : problems) {
    const std::string line = config::to_string(problem);
    if (!json) {
      fmt::print(stderr, "{}\n", line);
    } else if (problem.warning) {
      base::log::warn("{}", line);
    } else {
      base::log::error("{}", line);
    }
  }
}

base::ExitCode run(const RunOptions& options) {
  const app::Pipeline pipeline = app::compile_file(options.file);
  const bool json = pipeline.config.log.format == config::LogFormat::kJson;
  if (json) base::log::set_format(base::log::Format::kJson);
  say(pipeline.problems, json);
  if (pipeline.plan == nullptr) return base::ExitCode::kUsage;
  if (const std::string unknown = unknown_insight(pipeline, options.reset_insights);
      !unknown.empty()) {
    fmt::print(stderr, "--reset-insight: {}\n", unknown);
    return base::ExitCode::kUsage;
  }
  base::log::set_level(to_level(pipeline.config.log.level));

  SuperviseOptions supervised;
  supervised.engine.until_end = options.until_end;
  supervised.engine.wait = options.wait;
  supervised.engine.reset_insights.insert(options.reset_insights.begin(),
                                          options.reset_insights.end());
  if (options.fixed_time)
    supervised.engine.fixed_time = base::WallTime(std::chrono::seconds(*options.fixed_time));
  supervised.report_json = options.report_json;
  supervised.serve = pipeline.config.serve;
  if (!options.serve.empty()) supervised.serve = with_address(supervised.serve, options.serve);
  if (options.panel && is_screen()) supervised.status = LiveStatus::Kind::kPanel;
  return supervise(pipeline, std::move(supervised));
}

}  // namespace

void add_run(CLI::App& app, Command& chosen) {
  auto options = std::make_shared<RunOptions>();
  CLI::App* command = app.add_subcommand(
      "run", "Runs a pipeline until Ctrl+C or SIGTERM, then drains, commits and reports.");
  command->add_option("FILE", options->file, "The pipeline file (YAML)")->required();
  command->add_flag("--until-end", options->until_end,
                    "Stop at the end of the topics as they are now");
  command->add_option("--report-json", options->report_json,
                      "Write the final report to this file as JSON too");
  add_serve(*command, options->serve);
  add_duration(*command, "--wait", options->wait,
               "How long to wait for brokers and topics at the start (60s, 5m; default: for ever)");
  command
      ->add_option("--clock", options->fixed_time,
                   "Unix seconds that `now` means in records, for repeatable output")
      ->check(CLI::Range(int64_t{0}, int64_t{253'402'300'799}));
  command
      ->add_option("--reset-insight", options->reset_insights,
                   "An insight that begins anew, by its name; may be given several times")
      ->allow_extra_args(false);
  command->add_flag("!--no-panel", options->panel,
                    "No live panel, though stderr is a terminal: the log alone");
  command->footer("Example: millrace run config/user-login.yaml --until-end --report-json r.json");
  command->callback([options, &chosen] { chosen = [options] { return run(*options); }; });
}

}  // namespace millrace::cli
