// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "engine/app/pipeline.h"
#include "engine/cli/commands.h"
#include "engine/cli/signals.h"
#include "engine/record/printable.h"
#include "engine/trial/case_check.h"
#include "engine/trial/coverage.h"
#include "engine/trial/junit.h"
#include "engine/trial/load_cases.h"
#include "engine/trial/trial_run.h"

namespace millrace::cli {
namespace {

struct TestOptions {
  std::vector<std::string> files;
  bool coverage = false;
  std::string junit;
  std::string filter;
};

std::string indented(std::string_view lines) {
  std::string text;
  while (!lines.empty()) {
    const size_t end = lines.find('\n') + 1;
    text.append("  ").append(lines.substr(0, end));
    lines.remove_prefix(end);
  }
  return text;
}

// The command over all its files: results to stdout, what is wrong with files to stderr.
class Test {
 public:
  explicit Test(const TestOptions& options) : options_(options) {}

  base::ExitCode run() {
    let_signals_end();
    for (const std::string& file : options_.files) test_pipeline(file);
    if (!options_.filter.empty() && cases_ == 0 && !bad_) {
      bad(options_.filter,
          fmt::format("no case has '{}' in its name", record::printable(options_.filter)));
    }
    if (options_.files.size() > 1) fmt::print("{} of {} cases passed\n", passed_, cases_);
    if (!options_.junit.empty()) write_junit();
    if (bad_) return base::ExitCode::kUsage;
    return passed_ == cases_ && covered_ ? base::ExitCode::kClean : base::ExitCode::kFailed;
  }

 private:
  void test_pipeline(const std::string& file) {
    if (trial::is_case_file(file)) {
      bad(file, fmt::format("{}: this is a file of cases; name the pipeline that they stand beside",
                            file));
      return;
    }
    const app::Pipeline pipeline = app::compile_file(file);
    for (const config::Problem& problem : pipeline.problems)
      fmt::print(stderr, "{}\n", config::to_string(problem));
    if (pipeline.plan == nullptr) {
      bad(file, "");
      return;
    }
    const std::vector<std::string> paths = trial::find_case_files(file);
    if (paths.empty()) {
      bad(file, fmt::format("{}: there are no cases for this pipeline; they stand beside it, in {}",
                            file, trial::case_file_of(file)));
      return;
    }
    test_cases(file, *pipeline.plan, paths);
  }

  void test_cases(const std::string& pipeline, const plan::Plan& plan,
                  const std::vector<std::string>& paths) {
    trial::Coverage coverage(plan);
    trial::TrialRun run(plan, &coverage);
    const size_t cases_before = cases_;
    const size_t passed_before = passed_;
    bool readable = true;
    for (const std::string& path : paths) {
      const trial::CaseFile file = trial::load_cases(path);
      for (const config::Problem& problem : file.problems)
        fmt::print(stderr, "{}\n", config::to_string(problem));
      if (file.problems.empty()) {
        test_file(file, run, plan);
      } else {
        readable = false;
        bad(path, "");
      }
    }
    fmt::print("{}: {} of {} cases passed\n", pipeline, passed_ - passed_before,
               cases_ - cases_before);
    // Over cases that could not be read, coverage would say what is not so.
    if (options_.coverage && readable) judge_coverage(pipeline, coverage);
  }

  void test_file(const trial::CaseFile& file, trial::TrialRun& run, const plan::Plan& plan) {
    trial::JunitSuite suite{file.path, {}};
    for (const trial::Case& one : file.cases) {
      if (one.name.find(options_.filter) == std::string::npos) continue;
      const std::string failure = trial::check_case(one, trial::run_case(one, run, plan));
      ++cases_;
      if (failure.empty()) ++passed_;
      fmt::print("{} {}\n", failure.empty() ? "ok  " : "FAIL", record::printable(one.name));
      if (!failure.empty()) fmt::print("  {}:{}\n{}", file.path, one.place.line, indented(failure));
      suite.cases.push_back({one.name, failure, ""});
    }
    if (!suite.cases.empty()) suites_.push_back(std::move(suite));
  }

  void judge_coverage(const std::string& pipeline, const trial::Coverage& coverage) {
    std::string text;
    for (const std::string& line : coverage.missing())
      text += fmt::format("  {}\n", record::printable(line));
    if (!text.empty()) {
      covered_ = false;
      text.insert(0, "not exercised by any case:\n");
    }
    text += coverage.summary() + "\n";
    fmt::print("{}", text);
    suites_.push_back(
        {pipeline + " coverage", {{"coverage", coverage.complete() ? "" : text, ""}}});
  }

  // A file that cannot be tested. `sentence` is printed where nothing was yet.
  void bad(const std::string& file, const std::string& sentence) {
    bad_ = true;
    if (!sentence.empty()) fmt::print(stderr, "{}\n", sentence);
    suites_.push_back(
        {file, {{"readable", "", sentence.empty() ? "the file has problems" : sentence}}});
  }

  void write_junit() {
    std::ofstream file(options_.junit, std::ios::binary);
    file << trial::junit_xml(suites_);
    file.close();
    if (!file) {
      throw base::StartupError(base::ExitCode::kFailed,
                               "cannot write the results to " + options_.junit);
    }
  }

  const TestOptions& options_;
  std::vector<trial::JunitSuite> suites_;
  size_t cases_ = 0;
  size_t passed_ = 0;
  bool bad_ = false;
  bool covered_ = true;
};

}  // namespace

void add_test(CLI::App& app, Command& chosen) {
  auto options = std::make_shared<TestOptions>();
  CLI::App* command = app.add_subcommand(
      "test", "Runs the cases beside pipeline files (p3.yaml: p3.test.yaml); needs no broker.");
  command->add_option("FILE", options->files, "Pipeline files (YAML)")->required();
  command->add_flag("--coverage", options->coverage,
                    "Say which rules and steps no case exercised, and fail if there are any");
  command->add_option("--filter", options->filter, "Run the cases with this text in their name");
  command->add_option("--junit", options->junit, "Write the results to this file as JUnit XML");
  command->footer(
      "Exit codes: 0 all passed, 1 a case failed or the coverage is not full, 2 a file is bad or "
      "has no cases.\nExample: millrace test config/user-login.yaml --coverage");
  command->callback([options, &chosen] { chosen = [options] { return Test(*options).run(); }; });
}

}  // namespace millrace::cli
