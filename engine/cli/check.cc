// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "engine/app/connect_check.h"
#include "engine/app/pipeline.h"
#include "engine/cli/commands.h"
#include "engine/cli/duration_option.h"
#include "engine/cli/signals.h"
#include "engine/config/pipeline_schema.h"

namespace millrace::cli {
namespace {

struct CheckOptions {
  std::vector<std::string> files;
  bool connect = false;
  bool schema = false;
  std::optional<std::chrono::milliseconds> wait;
};

constexpr std::chrono::milliseconds kConnectWait{10'000};

// What does not fit (2) outweighs what could not be asked (1).
base::ExitCode worse(base::ExitCode a, base::ExitCode b) {
  return std::max(a, b);
}

// What the brokers say about the pipeline's topics.
base::ExitCode check_connected(const app::Pipeline& pipeline, const CheckOptions& options) {
  fmt::print("\nWhat the brokers say:\n");
  std::fflush(stdout);
  base::ExitCode code = base::ExitCode::kClean;
  for (const app::Finding& finding :
       app::check_connected(pipeline, options.wait.value_or(kConnectWait))) {
    fmt::print("  {}  {}\n", app::name_of(finding.weight), finding.text);
    if (finding.weight == app::Finding::Weight::kError) code = base::ExitCode::kUsage;
    if (finding.weight == app::Finding::Weight::kUnanswered)
      code = worse(code, base::ExitCode::kFailed);
  }
  return code;
}

base::ExitCode check_file(const std::string& file, const CheckOptions& options) {
  const app::Pipeline pipeline = app::compile_file(file);
  for (const config::Problem& problem : pipeline.problems)
    fmt::print(stderr, "{}\n", config::to_string(problem));
  if (pipeline.plan == nullptr) return base::ExitCode::kUsage;
  fmt::print("{}: good\n\nWhat happens to a record of pipeline {}:\n{}\nLimits in force:\n{}", file,
             pipeline.config.pipeline.value, pipeline.plan->describe(),
             app::describe_limits(pipeline.config));
  return options.connect ? check_connected(pipeline, options) : base::ExitCode::kClean;
}

base::ExitCode check(const CheckOptions& options) {
  let_signals_end();
  if (options.schema) {
    fmt::print("{}", config::pipeline_schema());
    return base::ExitCode::kClean;
  }
  base::ExitCode code = base::ExitCode::kClean;
  for (const std::string& file : options.files) code = worse(code, check_file(file, options));
  return code;
}

}  // namespace

void add_check(CLI::App& app, Command& chosen) {
  auto options = std::make_shared<CheckOptions>();
  CLI::App* command = app.add_subcommand(
      "check", "Compiles pipeline files exactly as run does; says every error and the limits.");
  CLI::Option* files = command->add_option("FILE", options->files, "Pipeline files (YAML)");
  CLI::Option* connect = command->add_flag(
      "--connect", options->connect,
      "Ask the brokers too whether topics, partitions, retention and permissions fit");
  add_duration(*command, "--wait", options->wait,
               "With --connect: how long to wait for each answer (default: 10s)");
  command->get_option("--wait")->needs(connect);
  command
      ->add_flag("--schema", options->schema,
                 "Print the JSON Schema of pipeline files, for editors, and nothing else")
      ->excludes(files)
      ->excludes(connect);
  command->footer(
      "Example: millrace check config/user-login.yaml --connect\n"
      "         millrace check --schema > pipeline.schema.json");
  command->callback([command, options, &chosen] {
    if (options->files.empty() && !options->schema)
      throw CLI::RequiredError(command->get_name() + ": FILE (or --schema)");
    chosen = [options] { return check(*options); };
  });
}

}  // namespace millrace::cli
