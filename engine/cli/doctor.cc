// SPDX-License-Identifier: Apache-2.0
#include "engine/operate/doctor.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "engine/app/connect_check.h"
#include "engine/app/pipeline.h"
#include "engine/cli/commands.h"
#include "engine/cli/duration_option.h"
#include "engine/cli/pipeline_file.h"
#include "engine/cli/signals.h"

namespace millrace::cli {
namespace {

constexpr std::chrono::milliseconds kWait{10'000};

struct ExamineOptions {
  std::string file;
  bool json = false;
  std::optional<std::chrono::milliseconds> wait;
};

operate::Finding finding_of(const app::Finding& said) {
  using Weight = operate::Finding::Weight;
  operate::Finding finding{Weight::kGood, "rights", said.text, {}};
  switch (said.weight) {
    case app::Finding::Weight::kGood:
      break;
    case app::Finding::Weight::kUnknown:
      finding.weight = Weight::kUnknown;
      break;
    case app::Finding::Weight::kWarning:
      finding.weight = Weight::kWarning;
      finding.todo = "see 'millrace topics create', and docs/configuration.md";
      break;
    case app::Finding::Weight::kError:
    case app::Finding::Weight::kUnanswered:
      finding.weight = Weight::kError;
      finding.todo =
          "see the rights that a pipeline needs in docs/configuration.md, and "
          "'millrace topics create'";
      break;
  }
  return finding;
}

operate::DoctorOptions doctor_options(const app::Pipeline& pipeline,
                                      std::chrono::milliseconds wait) {
  operate::DoctorOptions options;
  options.wait = wait;
  for (const plan::OutputTopicUse& use : pipeline.plan->output_topics()) {
    options.outputs.push_back(use.name);
    if (use.dead_letters) options.dead_letters.push_back(use.name);
  }
  return options;
}

base::ExitCode doctor(const ExamineOptions& options) {
  let_signals_end();
  const auto loaded = load_pipeline(options.file);
  if (loaded == nullptr) return base::ExitCode::kUsage;
  const app::Pipeline& pipeline = *loaded;
  const std::chrono::milliseconds wait = options.wait.value_or(kWait);
  operate::Examination seen = operate::examine(pipeline.config, pipeline.plan->declaration(),
                                               doctor_options(pipeline, wait));
  const bool reached =
      std::any_of(seen.brokers.begin(), seen.brokers.end(),
                  [](const kafka::BrokerAnswer& one) { return one.error.empty(); });
  if (reached) {
    for (const app::Finding& said : app::check_connected(pipeline, wait))
      seen.permissions.push_back(finding_of(said));
  }
  const auto findings = operate::judge(seen, pipeline.config);
  fmt::print("{}", options.json ? operate::to_json(pipeline.config.pipeline.value, findings)
                                : operate::to_text(findings));
  return operate::any_error(findings) ? base::ExitCode::kFailed : base::ExitCode::kClean;
}

}  // namespace

void add_doctor(CLI::App& app, Command& chosen) {
  auto options = std::make_shared<ExamineOptions>();
  CLI::App* command = app.add_subcommand(
      "doctor", "Looks at everything that a pipeline needs, and says what to do. Changes nothing.");
  command->add_option("FILE", options->file, "The pipeline file (YAML)")->required();
  command->add_flag("--json", options->json, "Print JSON");
  add_duration(*command, "--wait", options->wait, "How long to wait for each answer (10s)");
  command->footer(
      "Brokers, rights, clock, group, lag, open transactions, retention, state, dead letters.\n"
      "Exit codes: 0 no errors, 1 an error was found, 2 bad usage or configuration.\n"
      "Example: millrace doctor config/user-login.yaml");
  command->callback([options, &chosen] { chosen = [options] { return doctor(*options); }; });
}

}  // namespace millrace::cli
