// SPDX-License-Identifier: Apache-2.0
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <fcntl.h>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "engine/app/pipeline.h"
#include "engine/cli/commands.h"
#include "engine/cli/duration_option.h"
#include "engine/cli/line_reader.h"
#include "engine/cli/pipeline_file.h"
#include "engine/cli/stop_on_signal.h"
#include "engine/cli/trial_output.h"
#include "engine/config/read_file.h"
#include "engine/kafka/topic_reader.h"
#include "engine/trial/wall_time.h"

namespace millrace::cli {
namespace {

struct TryOptions {
  std::string pipeline;
  std::string input;
  std::vector<std::string> files;
  std::string topic;
  std::string offsets;
  std::optional<int32_t> partition;
  std::optional<std::chrono::milliseconds> wait;
  std::string now;
  std::string against;
  bool json = false;
  bool times = false;
};

constexpr size_t kFileBytesMax = LineReader::kLineBytesMax;
constexpr std::chrono::seconds kWaitDefault{30};

[[noreturn]] void refuse(const std::string& message) {
  throw base::StartupError(base::ExitCode::kUsage, message);
}

struct Offsets {
  int64_t begin = 0;
  int64_t end = std::numeric_limits<int64_t>::max();
};

// "100..200", the end exclusive; "100.." goes to the end of the partition.
Offsets parse_offsets(const std::string& text) {
  Offsets offsets;
  const char* const end = text.data() + text.size();
  const auto begin = std::from_chars(text.data(), end, offsets.begin);
  const std::string_view rest(begin.ptr, static_cast<size_t>(end - begin.ptr));
  bool good = begin.ec == std::errc{} && offsets.begin >= 0 && rest.starts_with("..");
  if (good && rest.size() > 2) {
    const auto last = std::from_chars(rest.data() + 2, end, offsets.end);
    good = last.ec == std::errc{} && last.ptr == end && offsets.end >= offsets.begin;
  }
  if (!good) refuse("--offsets is FROM..TO, such as 100..200 (TO exclusive), not '" + text + "'");
  return offsets;
}

void check(const TryOptions& options) {
  const int sources = (options.input.empty() ? 0 : 1) + (options.files.empty() ? 0 : 1) +
                      (options.topic.empty() ? 0 : 1);
  if (sources > 1) refuse("--input, --file and --topic exclude each other");
  if (options.topic.empty() != options.offsets.empty())
    refuse("--topic and --offsets belong together");
  if (options.partition && options.topic.empty()) refuse("--partition needs --topic");
}

TrialOutput::Options output_options(const TryOptions& options) {
  TrialOutput::Options output;
  output.json = options.json;
  output.times = options.times;
  if (options.now.empty()) return output;
  output.now = trial::parse_wall_time(options.now);
  if (!output.now)
    refuse("--now is a time such as 2024-07-10T23:47:48Z, not '" + options.now + "'");
  return output;
}

// A record that came from no topic.
record::InputRecord loose_record(std::string_view value, int64_t number) {
  record::InputRecord record;
  record.offset = base::Offset{number};
  record.value = record::Bytes::of(value);
  return record;
}

void try_lines(LineReader& reader, TrialOutput& output) {
  int64_t number = 0;
  const auto add = [&](std::string_view line) {
    if (!line.empty() && line != "\r") output.add(loose_record(line, number++), 0);
  };
  do {
    while (const auto line = reader.take()) add(*line);
    output.flush();  // before it waits for more
  } while (reader.fill());
  if (const auto line = reader.take_rest()) add(*line);
}

void try_input_file(const std::string& path, std::stop_token stop, TrialOutput& output) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0)
    refuse(fmt::format("cannot read {}: {}", path, std::generic_category().message(errno)));
  LineReader reader(descriptor, path, std::move(stop));
  try_lines(reader, output);
  ::close(descriptor);
}

void try_stdin(std::stop_token stop, TrialOutput& output) {
  if (::isatty(STDIN_FILENO) == 1) fmt::print(stderr, "One JSON record per line; Ctrl+D ends.\n");
  LineReader reader(STDIN_FILENO, "the input", std::move(stop));
  try_lines(reader, output);
}

void try_files(const std::vector<std::string>& files, TrialOutput& output) {
  int64_t number = 0;
  for (const std::string& file : files) {
    const auto contents = config::read_file(file, kFileBytesMax);
    if (!contents.ok()) refuse(fmt::format("{}: {}", file, contents.message()));
    output.set_label(file);
    output.add(loose_record(contents.value(), number++), 0);
    output.flush();
  }
}

void try_topic(const TryOptions& options, const config::KafkaConfig& kafka, std::stop_token stop,
               TrialOutput& output) {
  const Offsets offsets = parse_offsets(options.offsets);
  kafka::ReadOptions read;
  read.topic = options.topic;
  read.from = kafka::ReadOptions::From::kOffset;
  read.offset = offsets.begin;
  read.offset_end = offsets.end;
  read.partition = options.partition;
  read.committed_only = true;  // as `run` reads
  const auto reader = kafka::TopicReader::create(kafka, read);
  if (!reader.ok()) throw base::StartupError(base::ExitCode::kFailed, reader.message());
  const auto patience =
      kafka::Patience::at_most(options.wait.value_or(kWaitDefault), std::move(stop));
  const auto count = reader.value()->read(
      [&output](int32_t partition, const record::InputRecord& record) {
        output.add(record, partition);
        return true;
      },
      patience);
  if (!count.ok()) throw base::StartupError(base::ExitCode::kFailed, count.message());
  if (count.value() == 0)
    fmt::print(stderr, "{} has no records in {}\n", options.topic, options.offsets);
}

base::ExitCode try_records(const TryOptions& options) {
  check(options);
  TrialOutput::Options output_of = output_options(options);
  const auto pipeline = load_pipeline(options.pipeline);
  const auto other = options.against.empty() ? nullptr : load_pipeline(options.against);
  if (pipeline == nullptr || (other == nullptr && !options.against.empty()))
    return base::ExitCode::kUsage;

  const auto& topics = pipeline->config.input.topics;
  output_of.topic = !options.topic.empty() ? options.topic
                    : topics.empty()       ? "input"
                                           : topics.front().value;
  output_of.from_topic = !options.topic.empty();
  TrialOutput output(*pipeline->plan, other == nullptr ? nullptr : other->plan.get(),
                     std::move(output_of));
  const StopOnSignal signals;
  if (!options.topic.empty()) {
    try_topic(options, pipeline->config.kafka, signals.token(), output);
  } else if (!options.files.empty()) {
    try_files(options.files, output);
  } else if (!options.input.empty()) {
    try_input_file(options.input, signals.token(), output);
  } else {
    try_stdin(signals.token(), output);
  }
  return output.finish();
}

}  // namespace

void add_try(CLI::App& app, Command& chosen) {
  auto options = std::make_shared<TryOptions>();
  CLI::App* command = app.add_subcommand(
      "try", "Shows what a pipeline makes of records. Writes nothing to Kafka, joins no group.");
  command->add_option("FILE", options->pipeline, "The pipeline file (YAML)")->required();
  command->add_option("--input", options->input,
                      "Read one record per line from this file, not from stdin");
  command->add_option("--file", options->files, "Take the whole file as one record; repeatable")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  command->add_option("--topic", options->topic, "Read the records of a topic");
  command->add_option("--offsets", options->offsets, "With --topic: FROM..TO, TO exclusive");
  command->add_option("--partition", options->partition, "With --topic: this one only")
      ->check(CLI::NonNegativeNumber);
  add_duration(*command, "--wait", options->wait,
               "With --topic: how long to wait for broker and topic (default 30s)");
  command->add_option("--now", options->now,
                      "What `now` means in records: 2024-07-10T23:47:48Z (default: now)");
  command->add_option("--against", options->against,
                      "Another pipeline file: show only records that it makes differ");
  command->add_flag("--json", options->json, "One line of JSON per record");
  command->add_flag("--times", options->times,
                    "With --json or --against: the time per step too, to stderr");
  command->footer(
      "Exit codes: 0 done, 1 something differs (--against) or reading failed, 2 bad usage or "
      "configuration.\nExample: millrace try config/user-login.yaml --json < records.jsonl");
  command->callback([options, &chosen] { chosen = [options] { return try_records(*options); }; });
}

}  // namespace millrace::cli
