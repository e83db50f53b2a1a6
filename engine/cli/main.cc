// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <exception>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "engine/base/startup_error.h"
#include "engine/cli/commands.h"
#include "engine/cli/help_text.h"
#include "engine/cli/signals.h"

namespace {

using millrace::base::ExitCode;

int run(int argc, char** argv) {
  // Before any thread exists, so that all of them inherit it.
  millrace::cli::block_signals();

  CLI::App app(
      "Millrace: reads Kafka topics of JSON records in batches, checks and cleans them on "
      "all cores,\nwrites them on in order, and knows what it saw.",
      "millrace");
  app.set_version_flag("--version", "millrace " MILLRACE_VERSION);
  app.require_subcommand(1);
  app.footer(
      "Exit codes: 0 clean, 1 the run failed, 2 bad usage or configuration, 3 stopped to "
      "protect data.\n`millrace COMMAND --help` says more.");
  millrace::cli::use_help_text(app);
  millrace::cli::Command chosen;
  millrace::cli::add_report(app, chosen);
  millrace::cli::add_run(app, chosen);
  millrace::cli::add_check(app, chosen);
  millrace::cli::add_test(app, chosen);
  millrace::cli::add_try(app, chosen);
  millrace::cli::add_demo(app, chosen);
  millrace::cli::add_generate(app, chosen);
  millrace::cli::add_read(app, chosen);
  millrace::cli::add_dead_letters(app, chosen);
  millrace::cli::add_topics(app, chosen);
  millrace::cli::add_offsets(app, chosen);
  millrace::cli::add_doctor(app, chosen);
  millrace::cli::add_top(app, chosen);
  millrace::cli::add_probe(app, chosen);
  millrace::cli::add_completion(app, chosen);
  millrace::cli::add_man(app, chosen);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    // Help and version are "errors" of code 0 that print to stdout.
    return app.exit(error) == 0 ? 0 : static_cast<int>(ExitCode::kUsage);
  }
  return static_cast<int>(chosen());
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const millrace::base::StartupError& error) {
    fmt::print(stderr, "millrace: {}\n", error.what());
    return static_cast<int>(error.code());
  } catch (const std::exception& error) {
    fmt::print(stderr, "millrace: {}\n", error.what());
    return static_cast<int>(ExitCode::kFailed);
  }
}
