// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "engine/app/pipeline.h"
#include "engine/app/topic_needs.h"
#include "engine/cli/commands.h"
#include "engine/cli/duration_option.h"
#include "engine/cli/pipeline_file.h"
#include "engine/cli/stop_on_signal.h"
#include "engine/operate/topic_setup.h"

namespace millrace::cli {
namespace {

using operate::TopicFinding;

struct TopicsOptions {
  std::string file;
  operate::TopicOptions create;
  std::optional<std::chrono::milliseconds> wait;
};

base::ExitCode create(const TopicsOptions& options) {
  const auto loaded = load_pipeline(options.file);
  if (loaded == nullptr) return base::ExitCode::kUsage;
  const app::Pipeline& pipeline = *loaded;
  operate::TopicOptions how = options.create;
  if (options.wait) how.wait = *options.wait;
  if (how.input && pipeline.config.input.pattern) {
    throw base::StartupError(base::ExitCode::kUsage,
                             "--input cannot make topics for a pattern ('input.topic_pattern')");
  }
  const StopOnSignal signals;
  const auto findings =
      operate::set_up_topics(pipeline.config, app::topic_needs(pipeline), how, signals.token());
  if (!findings.ok()) throw base::StartupError(base::ExitCode::kFailed, findings.message());
  bool fits = true;
  for (const TopicFinding& finding : findings.value()) {
    fmt::print("{:<21} {}: {}{}{}\n", operate::name_of(finding.kind), finding.what, finding.topic,
               finding.text.empty() ? "" : ", ", finding.text);
    for (const std::string& command : finding.commands) fmt::print("{:<22}{}\n", "", command);
    fits = fits && finding.kind != TopicFinding::Kind::kFailed &&
           finding.kind != TopicFinding::Kind::kDifferent;
  }
  return fits ? base::ExitCode::kClean : base::ExitCode::kFailed;
}

void add_topics_create(CLI::App& group, Command& chosen) {
  auto options = std::make_shared<TopicsOptions>();
  CLI::App* command = group.add_subcommand(
      "create", "Makes the topics of a pipeline that are not there yet. Changes none.");
  command->add_option("FILE", options->file, "The pipeline file (YAML)")->required();
  command->add_flag("--input", options->create.input, "Make the input topics, too");
  command
      ->add_option("--partitions", options->create.partitions,
                   "Of topics of records (default: as many as the input has)")
      ->check(CLI::PositiveNumber);
  command
      ->add_option("--replication", options->create.replication,
                   "Replicas of each partition (default: as the brokers have it)")
      ->check(CLI::PositiveNumber);
  add_duration(*command, "--retention", options->create.retention,
               "How long records are kept (default: as the brokers have it)");
  add_duration(*command, "--dead-letters-retention", options->create.dead_letters_retention,
               "How long dead letters and parked ones are kept");
  command->add_flag("--dry-run", options->create.dry_run, "Say what is missing; make nothing");
  add_duration(*command, "--wait", options->wait, "How long to wait for brokers (default 30s)");
  command->footer(
      "Of each topic it says whether it was made, was there, or is there but different, and the "
      "command that\nwould change it. Exit codes: 0 all fit, 1 one could not be made or is "
      "different, 2 bad usage or\nconfiguration.\nExample: millrace topics create "
      "config/user-login.yaml --input --partitions 12 --replication 3");
  command->callback([options, &chosen] { chosen = [options] { return create(*options); }; });
}

}  // namespace

void add_topics(CLI::App& app, Command& chosen) {
  CLI::App* group = app.add_subcommand("topics", "Makes the topics that a pipeline needs.");
  group->require_subcommand(1);
  group->footer("Example: millrace topics create config/user-login.yaml --dry-run");
  add_topics_create(*group, chosen);
}

}  // namespace millrace::cli
