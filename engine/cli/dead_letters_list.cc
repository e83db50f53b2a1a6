// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "engine/base/startup_error.h"
#include "engine/cli/dead_letters.h"
#include "engine/cli/pipeline_file.h"
#include "engine/cli/stop_on_signal.h"
#include "engine/operate/letter_groups.h"

namespace millrace::cli {
namespace {

struct ListOptions {
  LetterOptions letters;
  bool json = false;
  bool show_values = false;
};

base::ExitCode list(const ListOptions& options) {
  const auto pipeline = load_pipeline(options.letters.file);
  if (pipeline == nullptr) return base::ExitCode::kUsage;
  const config::PipelineConfig& config = pipeline->config;
  const operate::LetterFilter filter = filter_of(options.letters);
  operate::ListTotals totals{.pipeline = config.pipeline.value,
                             .topics = letter_topics(*pipeline, options.letters)};
  const StopOnSignal signals;
  const auto patience = [&] {
    return kafka::Patience::at_most(letter_wait(options.letters), signals.token());
  };
  const operate::ReplayProgress progress = base::value_or_fail(
      operate::read_progress(config.kafka, config.dead_letters.progress_topic.value, patience()));
  operate::LetterGroups groups(pipeline->plan->names(), options.show_values);
  ReadProgress said("millrace dead-letters list");
  base::value_or_fail(operate::scan_letters(
      {.kafka = config.kafka, .topics = totals.topics},
      [&](const operate::Scanned& scanned) {
        said.read(++totals.read);
        if (!scanned.letter) {
          ++totals.foreign;
        } else if (scanned.letter->pipeline != config.pipeline.value) {
          ++totals.other_pipelines;
        } else if (!filter.matches(*scanned.letter, scanned.record.timestamp_ms)) {
          ++totals.not_matching;
        } else {
          groups.add(scanned, progress.done(scanned.at, scanned.record.offset.value));
        }
        totals.complete = !options.letters.limit || groups.count() < *options.letters.limit;
        return totals.complete;
      },
      patience()));
  if (signals.token().stop_requested()) totals.complete = false;
  fmt::print("{}",
             options.json ? operate::to_json(groups, totals) : operate::to_text(groups, totals));
  return signals.token().stop_requested() ? base::ExitCode::kFailed : base::ExitCode::kClean;
}

}  // namespace

void add_dead_letters_list(CLI::App& group, Command& chosen) {
  auto options = std::make_shared<ListOptions>();
  CLI::App* command = group.add_subcommand(
      "list", "Groups the dead letters that are there now by their rule. Joins no group.");
  add_letter_options(*command, options->letters);
  command->add_flag("--json", options->json, "Print JSON");
  command->add_flag("--show-values", options->show_values,
                    "Show the sample's value and what the rule says of it; without this, names and "
                    "values are masked");
  command->footer(
      "Exit codes: 0 done, 1 it failed or was stopped, 2 bad usage or configuration.\n"
      "Example: millrace dead-letters list config/user-login.yaml --since 2h --reason step:4");
  command->callback([options, &chosen] { chosen = [options] { return list(*options); }; });
}

}  // namespace millrace::cli
