// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "engine/app/pipeline.h"
#include "engine/base/log.h"
#include "engine/cli/commands.h"
#include "engine/cli/demo_pipeline.h"
#include "engine/cli/serve_option.h"
#include "engine/cli/supervise.h"
#include "engine/config/load.h"
#include "engine/embedded/embedded_broker.h"
#include "engine/embedded/generator.h"

namespace millrace::cli {
namespace {

struct DemoOptions {
  std::optional<uint64_t> seconds;
  double rate = 20'000;
  uint64_t users = 1000;
  std::string defects = "5%";
  std::string report_json;
  std::string serve;
  bool serves = true;
  bool panel = true;
};

// Where nobody names another one, and it is not taken.
constexpr const char* kDemoAddress = "127.0.0.1:9464";
constexpr int32_t kPartitions = 4;
// The embedded broker keeps 5 MiB of a partition: at about 220 bytes a record this stays far below.
constexpr uint64_t kRecordsAheadMax = 20'000;

std::unique_ptr<embedded::EmbeddedBroker> start_broker() {
  auto broker = embedded::EmbeddedBroker::start();
  if (!broker.ok()) throw base::StartupError(base::ExitCode::kFailed, broker.message());
  for (const char* topic : {"user-login", "processed-user-login", "user-login.dead-letters"}) {
    const base::Status made = broker.value()->create_topic(topic, kPartitions);
    if (!made.ok()) throw base::StartupError(base::ExitCode::kFailed, made.message());
  }
  return std::move(broker.value());
}

// The pipeline that ships as config/user-login.yaml, pointed at the embedded broker.
app::Pipeline demo_pipeline(const embedded::EmbeddedBroker& broker) {
  const config::Environment environment =
      [&broker](const std::string& name) -> std::optional<std::string> {
    if (name == "BOOTSTRAP_SERVERS") return broker.bootstrap_servers();
    return std::nullopt;
  };
  return app::compile(config::load_text(kDemoPipeline, "user-login.yaml", environment));
}

embedded::GeneratorOptions generator_options(const DemoOptions& options,
                                             const std::atomic<app::Engine*>& engine) {
  embedded::GeneratorOptions generator;
  generator.records_per_second = options.rate;
  generator.partitions = kPartitions;
  generator.records.users = options.users;
  auto shares = embedded::DefectShares::parse(options.defects);
  if (!shares.ok()) throw base::StartupError(base::ExitCode::kUsage, shares.message());
  generator.records.defects = shares.value();
  generator.may_send = [&engine, sent = uint64_t{0}](uint64_t wanted) mutable -> uint64_t {
    const app::Engine* running = engine.load(std::memory_order_acquire);
    const uint64_t consumed = running == nullptr ? 0 : running->totals().consumed;
    const uint64_t ahead = sent - std::min(sent, consumed);
    const uint64_t granted = std::min(wanted, kRecordsAheadMax - std::min(kRecordsAheadMax, ahead));
    sent += granted;
    return granted;
  };
  return generator;
}

base::ExitCode demo(const DemoOptions& options) {
  const auto broker = start_broker();
  const app::Pipeline pipeline = demo_pipeline(*broker);
  for (const config::Problem& problem : pipeline.problems)
    fmt::print(stderr, "{}\n", config::to_string(problem));
  if (pipeline.plan == nullptr) return base::ExitCode::kUsage;
  fmt::print(
      stderr,
      "An embedded broker, a generator of user logins ({:.0f} records/s, {} unusual) and the "
      "pipeline of\nconfig/user-login.yaml, in this one process. Ctrl+C ends it with the "
      "report.\n\n",
      options.rate, options.defects);

  // Set while the engine runs; the generator paces itself by it.
  std::atomic<app::Engine*> engine{nullptr};
  auto generator =
      embedded::Generator::create(broker->config(), generator_options(options, engine));
  if (!generator.ok()) throw base::StartupError(base::ExitCode::kFailed, generator.message());
  std::jthread generating([&generator](const std::stop_token& stop) {
    const auto report = generator.value()->run(stop);
    if (!report.ok() && !stop.stop_requested())
      base::log::error("The generator stopped: {}", report.message());
  });

  SuperviseOptions supervised;
  supervised.engine.embedded = true;
  supervised.report_json = options.report_json;
  if (options.serves) {
    supervised.serve =
        with_address({}, options.serve.empty() ? kDemoAddress : options.serve.c_str());
    supervised.serve_elsewhere = options.serve.empty();
  }
  supervised.status =
      options.panel && is_screen() ? LiveStatus::Kind::kPanel : LiveStatus::Kind::kLogLines;
  if (options.seconds) supervised.run_for = std::chrono::seconds(*options.seconds);
  supervised.on_started = [&engine](app::Engine& started) { engine.store(&started); };
  supervised.on_stopping = [&] {
    // Joined, so that no call of may_send can still be looking at the engine.
    generating.request_stop();
    if (generating.joinable()) generating.join();
  };
  return supervise(pipeline, std::move(supervised));
}

}  // namespace

void add_demo(CLI::App& app, Command& chosen) {
  auto options = std::make_shared<DemoOptions>();
  CLI::App* command = app.add_subcommand(
      "demo", "Embedded broker, generator and pipeline in one process; nothing to install.");
  command->add_option("--seconds", options->seconds, "End by itself after so many seconds")
      ->check(CLI::Range(uint64_t{1}, uint64_t{86'400}));
  command->add_option("--rate", options->rate, "Records per second; 0: as fast as it goes")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command->add_option("--users", options->users, "Draw user ids from so many")
      ->capture_default_str();
  command->add_option("--defects", options->defects, "Share of unusual records")
      ->capture_default_str();
  CLI::Option* serve = add_serve(*command, options->serve);
  command->add_flag("!--no-serve", options->serves, "No dashboard, and nothing else over HTTP")
      ->excludes(serve);
  command->add_option("--report-json", options->report_json,
                      "Write the final report to this file as JSON too");
  command->add_flag("!--no-panel", options->panel,
                    "Log lines now and then, on a terminal too, instead of the panel");
  command->footer("Example: millrace demo --seconds 10");
  command->callback([options, &chosen] { chosen = [options] { return demo(*options); }; });
}

}  // namespace millrace::cli
