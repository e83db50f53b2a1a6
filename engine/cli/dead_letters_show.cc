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
#include "engine/operate/letter_scan.h"
#include "engine/operate/letter_text.h"

namespace millrace::cli {
namespace {

// A record that was rejected again, or repeated at least once, has several letters.
constexpr uint64_t kShownMax = 10;

struct ShowOptions {
  LetterOptions letters;
  int32_t partition = 0;
  int64_t offset = 0;
  bool in_dead_letters = false;
};

base::ExitCode show(const ShowOptions& options) {
  const auto pipeline = load_pipeline(options.letters.file);
  if (pipeline == nullptr) return base::ExitCode::kUsage;
  const config::PipelineConfig& config = pipeline->config;
  const std::vector<std::string> topics = letter_topics(*pipeline, options.letters);
  if (options.in_dead_letters && topics.size() > 1) {
    throw base::StartupError(
        base::ExitCode::kUsage,
        fmt::format("the pipeline has several dead-letter topics ({}): name one with --topic",
                    fmt::join(topics, ", ")));
  }
  const StopOnSignal signals;
  const auto patience = [&] {
    return kafka::Patience::at_most(letter_wait(options.letters), signals.token());
  };
  const operate::ReplayProgress progress = base::value_or_fail(
      operate::read_progress(config.kafka, config.dead_letters.progress_topic.value, patience()));
  const operate::LetterFormat format{
      config.dead_letters.format == config::DeadLetterFormat::kRaw,
      config.dead_letters.format == config::DeadLetterFormat::kFields};
  operate::ScanOptions scan{.kafka = config.kafka, .topics = topics};
  if (options.in_dead_letters) {
    scan.only = base::TopicPartition{topics.front(), options.partition};
    scan.offset = options.offset;
  }
  uint64_t found = 0;
  uint64_t read = 0;
  ReadProgress said("millrace dead-letters show");
  base::value_or_fail(operate::scan_letters(
      scan,
      [&](const operate::Scanned& scanned) {
        said.read(++read);
        const bool this_one = options.in_dead_letters ||
                              (scanned.letter && scanned.letter->partition == options.partition &&
                               scanned.letter->offset == options.offset &&
                               (options.letters.input_topic.empty() ||
                                options.letters.input_topic == scanned.letter->topic));
        if (!this_one) return true;
        if (found++ > 0) fmt::print("\n");
        if (scanned.letter) {
          fmt::print("{}",
                     operate::describe_letter(
                         scanned, format, progress.done(scanned.at, scanned.record.offset.value)));
        } else {
          fmt::print("{}-{} at {} is no dead letter of Millrace: it has none of its headers.\n",
                     scanned.at.topic, scanned.at.partition, options.offset);
        }
        return found < kShownMax;
      },
      patience()));
  if (signals.token().stop_requested()) return base::ExitCode::kFailed;
  if (found > 0) return base::ExitCode::kClean;
  fmt::print(stderr, "millrace dead-letters show: {}\n",
             options.in_dead_letters
                 ? fmt::format("{}-{} has no record at offset {}", topics.front(),
                               options.partition, options.offset)
                 : fmt::format("no dead letter is there of partition {}, offset {} of the input",
                               options.partition, options.offset));
  return base::ExitCode::kFailed;
}

}  // namespace

void add_dead_letters_show(CLI::App& group, Command& chosen) {
  auto options = std::make_shared<ShowOptions>();
  CLI::App* command = group.add_subcommand(
      "show", "Shows one dead letter whole: why it was rejected, its key, headers and value.");
  add_letter_source(*command, options->letters);
  command->add_option("--partition", options->partition, "The partition of the input")
      ->required()
      ->check(CLI::NonNegativeNumber);
  command->add_option("--offset", options->offset, "The offset in that partition")
      ->required()
      ->check(CLI::NonNegativeNumber);
  command->add_option("--input-topic", options->letters.input_topic,
                      "The topic of the input, where it has several");
  command->add_flag("--in-dead-letters", options->in_dead_letters,
                    "--partition and --offset are those of the dead-letter topic");
  command->footer(
      "Example: millrace dead-letters show config/user-login.yaml --partition 3 --offset 4711");
  command->callback([options, &chosen] { chosen = [options] { return show(*options); }; });
}

}  // namespace millrace::cli
