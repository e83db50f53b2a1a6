// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "engine/app/pipeline.h"
#include "engine/cli/commands.h"

namespace millrace::cli {
namespace {

base::ExitCode check(const std::vector<std::string>& files) {
  bool good = true;
  for (const std::string& file : files) {
    const app::Pipeline pipeline = app::compile_file(file);
    for (const config::Problem& problem : pipeline.problems)
      fmt::print(stderr, "{}\n", config::to_string(problem));
    if (pipeline.plan == nullptr) {
      good = false;
      continue;
    }
    fmt::print("{}: good\n\nWhat happens to a record of pipeline {}:\n{}\nLimits in force:\n{}",
               file, pipeline.config.pipeline.value, pipeline.plan->describe(),
               app::describe_limits(pipeline.config));
  }
  return good ? base::ExitCode::kClean : base::ExitCode::kUsage;
}

}  // namespace

void add_check(CLI::App& app, Command& chosen) {
  auto files = std::make_shared<std::vector<std::string>>();
  CLI::App* command = app.add_subcommand(
      "check", "Compiles pipeline files exactly as run does; says every error and the limits.");
  command->add_option("FILE", *files, "Pipeline files (YAML)")->required();
  command->footer("Example: millrace check config/user-login.yaml");
  command->callback([files, &chosen] { chosen = [files] { return check(*files); }; });
}

}  // namespace millrace::cli
