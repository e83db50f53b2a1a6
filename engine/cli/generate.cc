// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "engine/base/log.h"
#include "engine/base/pause.h"
#include "engine/cli/broker_option.h"
#include "engine/cli/commands.h"
#include "engine/cli/duration_option.h"
#include "engine/cli/stop_on_signal.h"
#include "engine/embedded/generator.h"
#include "engine/kafka/client_conf.h"

namespace millrace::cli {
namespace {

struct GenerateOptions {
  std::string brokers;
  std::string defects;
  std::optional<int64_t> start_time;
  std::optional<std::chrono::milliseconds> wait;
  embedded::GeneratorOptions generator;
};

void print(const embedded::GeneratorReport& report, const std::string& topic) {
  const double seconds = std::chrono::duration<double>(report.elapsed).count();
  fmt::print("{} records sent to {} in {:.1f} s\n", report.sent, topic, seconds);
  for (size_t i = 1; i < report.by_defect.size(); ++i) {
    if (report.by_defect[i] != 0)
      fmt::print("  {:<20} {}\n", embedded::name(static_cast<embedded::Defect>(i)),
                 report.by_defect[i]);
  }
}

base::ExitCode generate(GenerateOptions options) {
  auto shares = embedded::DefectShares::parse(options.defects);
  if (!shares.ok()) throw base::StartupError(base::ExitCode::kUsage, shares.message());
  options.generator.records.defects = shares.value();
  options.generator.start_time = options.start_time;
  if (options.wait) options.generator.wait = *options.wait;
  const StopOnSignal signals;
  auto generator =
      embedded::Generator::create(kafka::plain_config(options.brokers), options.generator);
  if (!generator.ok()) throw base::StartupError(base::ExitCode::kFailed, generator.message());

  // Progress, for as long as run() takes.
  std::jthread progress([&](const std::stop_token& stop) {
    constexpr std::chrono::seconds kEvery{2};
    for (;;) {
      base::pause_until(std::chrono::steady_clock::now() + kEvery, stop);
      if (stop.stop_requested()) return;
      base::log::info("Sent {} records.", generator.value()->sent());
    }
  });
  const auto report = generator.value()->run(signals.token());
  progress.request_stop();
  progress.join();
  if (!report.ok()) throw base::StartupError(base::ExitCode::kFailed, report.message());
  print(report.value(), options.generator.topic);
  return base::ExitCode::kClean;
}

}  // namespace

void add_generate(CLI::App& app, Command& chosen) {
  auto options = std::make_shared<GenerateOptions>();
  embedded::GeneratorOptions& generator = options->generator;
  CLI::App* command = app.add_subcommand(
      "generate", "Sends user-login records at a set rate with set shares of defects.");
  add_brokers(*command, options->brokers);
  command->add_option("--topic", generator.topic, "Where to send; created if absent")
      ->envname("KAFKA_TOPIC")
      ->capture_default_str();
  command->add_option("--records", generator.count, "How many; without it until Ctrl+C")
      ->check(CLI::PositiveNumber);
  command->add_option("--rate", generator.records_per_second, "Records per second; 0: all at once")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command->add_option(
      "--defects", options->defects,
      "Share of unusual records: 5% of a mix, or by kind: missing_device_type=5%,tombstone=0.1%");
  command->add_option("--seed", generator.records.seed, "The same seed makes the same records")
      ->capture_default_str();
  command
      ->add_option("--users", generator.records.users,
                   "Draw user ids from so many; 0: every record is a new user")
      ->capture_default_str();
  command->add_option("--partitions", generator.partitions, "Of the topic, where it is created")
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str();
  command->add_option("--start-time", options->start_time,
                      "Unix seconds of the first record, so that a seed repeats every byte");
  add_duration(*command, "--wait", options->wait, "How long to wait for the broker (default 60s)");
  command->footer("Example: millrace generate --records 300000 --defects 5% --seed 7");
  command->callback([options, &chosen] { chosen = [options] { return generate(*options); }; });
}

}  // namespace millrace::cli
