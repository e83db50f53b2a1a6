// SPDX-License-Identifier: Apache-2.0
#include "engine/cli/dead_letters.h"

#include <algorithm>
#include <cstdio>
#include <utility>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "engine/cli/duration_option.h"
#include "engine/cli/moment_option.h"

namespace millrace::cli {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kWaitDefault{30'000};
constexpr std::chrono::seconds kSayEvery{2};

std::optional<int64_t> moment_of(const char* option, const std::string& text) {
  if (text.empty()) return std::nullopt;
  const auto moment = parse_moment(option, text);
  if (moment) return moment;
  throw base::StartupError(
      base::ExitCode::kUsage,
      fmt::format("{} is a time such as 2024-07-10T23:47:48Z, or how long ago: 30m, 2h, 7d; not "
                  "'{}'",
                  option, text));
}

}  // namespace

void add_letter_source(CLI::App& command, LetterOptions& options) {
  command.add_option("FILE", options.file, "The pipeline file (YAML)")->required();
  command.add_option("--topic", options.topic,
                     "This dead-letter topic of the pipeline only (default: all of them)");
  add_duration(command, "--wait", options.wait,
               "How long to wait for brokers and topics before it begins to read (default 30s)");
}

void add_letter_options(CLI::App& command, LetterOptions& options) {
  add_letter_source(command, options);
  command
      .add_option("--reason", options.reasons,
                  "Those of this rule: its id (step:4:format_time), the beginning of it (step:4)"
                  " or one with a star (step:4:form*); repeatable")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  command.add_option("--since", options.since,
                     "Rejected at or after this time: 2024-07-10T23:47:48Z, or how long ago: 2h");
  command.add_option("--until", options.until, "Rejected before this time; as --since");
  command.add_option("--partition", options.partition, "Of this partition of the input only")
      ->check(CLI::NonNegativeNumber);
  command.add_option("--input-topic", options.input_topic, "Of this topic of the input only");
  command.add_option("--limit", options.limit, "So many dead letters at most")
      ->check(CLI::PositiveNumber);
}

operate::LetterFilter filter_of(const LetterOptions& options) {
  operate::LetterFilter filter;
  filter.reasons = options.reasons;
  filter.since_ms = moment_of("--since", options.since);
  filter.until_ms = moment_of("--until", options.until);
  filter.partition = options.partition;
  if (!options.input_topic.empty()) filter.topic = options.input_topic;
  return filter;
}

std::vector<std::string> letter_topics(const app::Pipeline& pipeline,
                                       const LetterOptions& options) {
  std::vector<std::string> topics;
  for (const plan::OutputTopicUse& use : pipeline.plan->output_topics())
    if (use.dead_letters && !use.name.empty()) topics.push_back(use.name);
  if (topics.empty()) {
    throw base::StartupError(base::ExitCode::kUsage,
                             "the pipeline keeps no dead letters ('dead_letters: discard')");
  }
  if (options.topic.empty()) return topics;
  if (std::find(topics.begin(), topics.end(), options.topic) == topics.end()) {
    throw base::StartupError(
        base::ExitCode::kUsage,
        fmt::format("--topic {} is no dead-letter topic of the pipeline, which has {}",
                    options.topic, fmt::join(topics, ", ")));
  }
  return {options.topic};
}

milliseconds letter_wait(const LetterOptions& options) {
  return options.wait.value_or(kWaitDefault);
}

void ReadProgress::read(uint64_t records) {
  const auto now = std::chrono::steady_clock::now();
  if (now - said_ < kSayEvery) return;
  said_ = now;
  fmt::print(stderr, "{}: {} records read\n", what_, records);
}

void add_dead_letters(CLI::App& app, Command& chosen) {
  CLI::App* group = app.add_subcommand(
      "dead-letters", "Lists and shows rejected records, and sends them round again.");
  group->require_subcommand(1);
  group->footer("Example: millrace dead-letters list config/user-login.yaml --since 2h");
  add_dead_letters_list(*group, chosen);
  add_dead_letters_show(*group, chosen);
  add_dead_letters_replay(*group, chosen);
}

}  // namespace millrace::cli
