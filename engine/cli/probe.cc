// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "engine/cli/commands.h"
#include "engine/cli/duration_option.h"
#include "engine/cli/http_get.h"
#include "engine/cli/signals.h"
#include "engine/insights/text_table.h"

namespace millrace::cli {
namespace {

constexpr int kOk = 200;
constexpr size_t kReasonBytesMax = 64 * 1024;
constexpr size_t kReasonColumnsMax = 500;

struct ProbeOptions {
  std::string url = "http://127.0.0.1:9464/readyz";
  std::optional<std::chrono::milliseconds> timeout;
  std::string token;
  std::string ca_file;
};

// A line on stderr, as container engines keep it.
base::ExitCode fail(const std::string& url, const std::string& reason) {
  fmt::print(stderr, "{}: {}\n", insights::printable(url, kReasonColumnsMax), reason);
  return base::ExitCode::kFailed;
}

base::ExitCode probe(const ProbeOptions& options) {
  let_signals_end();
  HttpRequest request;
  auto url = parse_url(options.url, {.path = "/readyz"});
  if (!url.ok()) {
    fmt::print(stderr, "millrace probe: {}: {}\n",
               insights::printable(options.url, kReasonColumnsMax), url.message());
    return base::ExitCode::kUsage;
  }
  request.url = std::move(url.value());
  request.token = options.token;
  request.ca_file = options.ca_file;
  request.timeout = options.timeout.value_or(request.timeout);
  request.bytes_max = kReasonBytesMax;
  const auto answer = http_get(request);
  if (!answer.ok()) return fail(options.url, answer.message());
  if (answer.value().status == kOk) return base::ExitCode::kClean;
  std::string reason = answer.value().body;
  while (!reason.empty() && (reason.back() == '\n' || reason.back() == '\r')) reason.pop_back();
  return fail(options.url, reason.empty()
                               ? fmt::format("HTTP {}", answer.value().status)
                               : fmt::format("HTTP {}: {}", answer.value().status,
                                             insights::printable(reason, kReasonColumnsMax)));
}

}  // namespace

void add_probe(CLI::App& app, Command& chosen) {
  auto options = std::make_shared<ProbeOptions>();
  CLI::App* command = app.add_subcommand(
      "probe", "Asks a running instance whether it is ready: exit code 0, or 1 and the reason.");
  command->add_option("URL", options->url, "Of /readyz or /healthz")->capture_default_str();
  add_duration(*command, "--timeout", options->timeout, "How long to wait for the answer (3s)");
  command->add_option("--token", options->token, "The instance's bearer token, where it has one")
      ->envname("MILLRACE_TOKEN");
  command->add_option("--ca", options->ca_file,
                      "Certificates to trust (PEM), instead of the system's");
  command->footer(
      "Example: millrace probe http://127.0.0.1:9464/healthz --timeout 2s\n"
      "For health checks of containers: nothing but this program has to be in the image.");
  command->callback([options, &chosen] { chosen = [options] { return probe(*options); }; });
}

}  // namespace millrace::cli
