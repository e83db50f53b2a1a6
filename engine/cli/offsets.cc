// SPDX-License-Identifier: Apache-2.0
#include "engine/operate/offsets.h"

#include <charconv>
#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unistd.h>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "engine/app/pipeline.h"
#include "engine/app/transactional_id.h"
#include "engine/cli/commands.h"
#include "engine/cli/duration_option.h"
#include "engine/cli/moment_option.h"
#include "engine/cli/pipeline_file.h"
#include "engine/cli/signals.h"
#include "engine/operate/rewind.h"

namespace millrace::cli {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kWait{10'000};

struct OffsetsOptions {
  std::string file;
  bool json = false;
  std::string to;
  std::vector<std::string> partitions;
  bool keep_insights = false;
  bool dry_run = false;
  bool yes = false;
  std::optional<milliseconds> wait;
};

[[noreturn]] void usage(const std::string& text) {
  throw base::StartupError(base::ExitCode::kUsage, text);
}

operate::Standings read(const app::Pipeline& pipeline, const OffsetsOptions& options) {
  auto standings = operate::read_standings(pipeline.config, pipeline.plan->declaration(),
                                           options.wait.value_or(kWait));
  if (!standings.ok()) throw base::StartupError(base::ExitCode::kFailed, standings.message());
  return std::move(standings.value());
}

base::ExitCode show(const OffsetsOptions& options) {
  let_signals_end();
  const auto pipeline = load_pipeline(options.file);
  if (pipeline == nullptr) return base::ExitCode::kUsage;
  const operate::Standings standings = read(*pipeline, options);
  fmt::print("{}", options.json ? operate::to_json(standings) : operate::to_text(standings));
  return base::ExitCode::kClean;
}

operate::RewindTarget parse_target(const std::string& text) {
  using Kind = operate::RewindTarget::Kind;
  if (text == "earliest") return {Kind::kEarliest, 0};
  if (text == "latest") return {Kind::kLatest, 0};
  int64_t offset = 0;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, offset);
  if (read.ec == std::errc{} && read.ptr == end && offset >= 0) return {Kind::kOffset, offset};
  if (const auto moment = parse_moment("--to", text)) return {Kind::kTime, *moment};
  usage(
      fmt::format("--to is earliest, latest, an offset, a time such as 2024-07-10T23:47:48Z, or "
                  "how long ago: 30m, 2h, 7d; not '{}'",
                  text));
}

std::vector<operate::PartitionName> parse_partitions(const std::vector<std::string>& texts) {
  std::vector<operate::PartitionName> names;
  for (const std::string& text : texts) {
    const auto name = operate::PartitionName::parse(text);
    if (!name) usage(fmt::format("--partition is a number, or TOPIC/NUMBER; not '{}'", text));
    names.push_back(*name);
  }
  return names;
}

bool confirmed(const OffsetsOptions& options) {
  if (options.yes) return true;
  if (isatty(STDIN_FILENO) == 0) return false;
  fmt::print("Move these offsets? [y/N] ");
  std::fflush(stdout);
  const int answer = std::getchar();
  return answer == 'y' || answer == 'Y';
}

base::ExitCode rewind(const OffsetsOptions& options) {
  let_signals_end();
  const operate::RewindTarget target = parse_target(options.to);
  const auto names = parse_partitions(options.partitions);
  const auto pipeline = load_pipeline(options.file);
  if (pipeline == nullptr) return base::ExitCode::kUsage;
  const config::PipelineConfig& config = pipeline->config;
  const milliseconds wait = options.wait.value_or(kWait);
  const operate::Standings standings = read(*pipeline, options);
  if (const base::Status known = operate::check_names(standings, names); !known.ok())
    usage(known.message());
  const auto at_time = operate::offsets_at_time(config, standings, target, wait);
  if (!at_time.ok()) throw base::StartupError(base::ExitCode::kFailed, at_time.message());
  const auto moves = operate::plan_moves(standings, target, names, at_time.value());
  if (!moves.ok()) throw base::StartupError(base::ExitCode::kFailed, moves.message());
  fmt::print("{}", operate::describe(moves.value(), standings, options.keep_insights));
  std::fflush(stdout);
  const std::string in_the_way =
      operate::members_in_the_way(standings.group, config.session_timeout);
  if (!in_the_way.empty()) {
    fmt::print(stderr, "millrace offsets rewind: {}\n", in_the_way);
    return base::ExitCode::kFailed;
  }
  const auto commits = operate::commits_of(moves.value(), config.state.durable,
                                           options.keep_insights, "rewind-" + app::unique_name());
  if (options.dry_run || commits.empty()) return base::ExitCode::kClean;
  if (!confirmed(options)) {
    fmt::print(stderr, "millrace offsets rewind: nothing was moved (--yes moves without asking)\n");
    return base::ExitCode::kUsage;
  }
  const base::Status moved = operate::move_offsets(config, commits, wait);
  if (!moved.ok()) throw base::StartupError(base::ExitCode::kFailed, moved.message());
  fmt::print("Moved {} partition{}.\n", commits.size(), commits.size() == 1 ? "" : "s");
  return base::ExitCode::kClean;
}

void add_show(CLI::App& group, Command& chosen) {
  auto options = std::make_shared<OffsetsOptions>();
  CLI::App* command = group.add_subcommand(
      "show", "How the pipeline's group stands in each partition. Changes nothing.");
  command->add_option("FILE", options->file, "The pipeline file (YAML)")->required();
  command->add_flag("--json", options->json, "Print JSON");
  add_duration(*command, "--wait", options->wait, "How long to wait for each answer (10s)");
  command->footer("Example: millrace offsets show config/user-login.yaml");
  command->callback([options, &chosen] { chosen = [options] { return show(*options); }; });
}

void add_rewind(CLI::App& group, Command& chosen) {
  auto options = std::make_shared<OffsetsOptions>();
  CLI::App* command = group.add_subcommand(
      "rewind", "Moves the pipeline's committed offsets, while no copy of it runs.");
  command->add_option("FILE", options->file, "The pipeline file (YAML)")->required();
  command
      ->add_option("--to", options->to,
                   "earliest, latest, an offset, a time (2024-07-10T23:47:48Z), or how long ago "
                   "(2h)")
      ->required();
  command
      ->add_option("--partition", options->partitions,
                   "This partition only: 3, or TOPIC/3; repeatable (default: all)")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  command->add_flag("--keep-insights", options->keep_insights,
                    "The insights go on there with what they have, rather than anew");
  command->add_flag("--dry-run", options->dry_run, "Say what would move; move nothing");
  command->add_flag("--yes", options->yes, "Do not ask");
  add_duration(*command, "--wait", options->wait, "How long to wait for each answer (10s)");
  command->footer(
      "Exit codes: 0 moved, or nothing to move; 1 refused (the group has members) or failed; 2 bad "
      "usage or\nconfiguration, or not confirmed.\nExample: millrace offsets rewind "
      "config/user-login.yaml --to 2h --dry-run");
  command->callback([options, &chosen] { chosen = [options] { return rewind(*options); }; });
}

}  // namespace

void add_offsets(CLI::App& app, Command& chosen) {
  CLI::App* group = app.add_subcommand(
      "offsets", "Shows the pipeline's committed offsets, and moves them with its insights.");
  group->require_subcommand(1);
  add_show(*group, chosen);
  add_rewind(*group, chosen);
}

}  // namespace millrace::cli
