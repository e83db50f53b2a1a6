// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "engine/cli/broker_option.h"
#include "engine/cli/commands.h"
#include "engine/cli/duration_option.h"
#include "engine/cli/stop_on_signal.h"
#include "engine/insights/utc_text.h"
#include "engine/kafka/client_conf.h"
#include "engine/kafka/topic_reader.h"
#include "engine/record/printable.h"

namespace millrace::cli {
namespace {

struct TopicReadOptions {
  std::string brokers;
  std::string from = "earliest";
  std::optional<std::chrono::milliseconds> wait;
  kafka::ReadOptions read;
};

void append_shown(record::Bytes bytes, std::string& to) {
  if (bytes.null()) {
    to += "(null)";
  } else {
    record::append_printable(bytes.view(), to);
  }
}

void print(const std::string& topic, int32_t partition, const record::InputRecord& record) {
  std::string text = fmt::format("{}[{}]@{}", topic, partition, record.offset.value);
  if (record.timestamp_ms >= 0)
    text += "  " + insights::utc_text(record.timestamp_ms, insights::Precision::kMilliseconds);
  text += "  key=";
  append_shown(record.key, text);
  text += '\n';
  for (const record::Header& header : record.headers) {
    text += "    ";
    record::append_printable(header.name, text);
    text += ": ";
    append_shown(header.value, text);
    text += '\n';
  }
  text += "  ";
  append_shown(record.value, text);
  text += '\n';
  std::fwrite(text.data(), 1, text.size(), stdout);
}

void parse_from(TopicReadOptions& options) {
  if (options.from == "earliest") {
    options.read.from = kafka::ReadOptions::From::kEarliest;
  } else if (options.from == "latest") {
    options.read.from = kafka::ReadOptions::From::kLatest;
  } else {
    options.read.from = kafka::ReadOptions::From::kOffset;
    size_t used = 0;
    try {
      options.read.offset = std::stoll(options.from, &used);
    } catch (const std::logic_error&) {
      used = 0;
    }
    if (used != options.from.size() || options.read.offset < 0) {
      throw base::StartupError(
          base::ExitCode::kUsage,
          "--from is earliest, latest or an offset, not '" + options.from + "'");
    }
  }
}

base::ExitCode read(TopicReadOptions options) {
  parse_from(options);
  const StopOnSignal signals;
  const auto reader =
      kafka::TopicReader::create(kafka::plain_config(options.brokers), options.read);
  if (!reader.ok()) throw base::StartupError(base::ExitCode::kFailed, reader.message());
  kafka::Patience patience;
  if (options.wait) patience.until = std::chrono::steady_clock::now() + *options.wait;
  patience.stop = signals.token();
  const auto count = reader.value()->read(
      [&options](int32_t partition, const record::InputRecord& record) {
        print(options.read.topic, partition, record);
        if (options.read.follow) std::fflush(stdout);
        return std::ferror(stdout) == 0;
      },
      patience);
  std::fflush(stdout);
  if (!count.ok()) throw base::StartupError(base::ExitCode::kFailed, count.message());
  return base::ExitCode::kClean;
}

}  // namespace

void add_read(CLI::App& app, Command& chosen) {
  auto options = std::make_shared<TopicReadOptions>();
  CLI::App* command =
      app.add_subcommand("read", "Prints a topic's records: key, headers, value. Joins no group.");
  command->add_option("TOPIC", options->read.topic, "The topic")->required();
  add_brokers(*command, options->brokers);
  command->add_option("--from", options->from, "earliest, latest, or an offset")
      ->capture_default_str();
  command->add_option("--count", options->read.count, "Stop after so many records")
      ->check(CLI::PositiveNumber);
  command->add_flag("--follow", options->read.follow, "Go on as new records come");
  command->add_flag("--committed", options->read.committed_only,
                    "Leave out records of aborted and open transactions");
  add_duration(*command, "--wait", options->wait, "How long to wait for broker and topic");
  command->footer("Example: millrace read user-login.dead-letters --count 3");
  command->callback([options, &chosen] { chosen = [options] { return read(*options); }; });
}

}  // namespace millrace::cli
