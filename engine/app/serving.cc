// SPDX-License-Identifier: Apache-2.0
#include "engine/app/serving.h"

#include <utility>

#include <fmt/format.h>

#include "engine/base/startup_error.h"
#include "engine/report/report.h"

namespace millrace::app {

std::unique_ptr<Serving> Serving::begin(const config::ServeConfig& config) {
  serve::Server::Options options;
  options.address = config.address;
  options.port = config.port;
  options.loopback = config.is_loopback();
  options.token = config.token;
  if (config.tls) {
    auto tls = serve::TlsContext::load(config.tls->certificate.value, config.tls->key.value);
    if (!tls.ok()) throw base::StartupError(base::ExitCode::kUsage, tls.message());
    options.tls = std::move(tls.value());
  }
  std::unique_ptr<Serving> serving(new Serving());
  auto server = serve::Server::listen(std::move(options), serving->seams());
  if (!server.ok()) {
    const config::Place& place = config.listen.place;
    const std::string& why = server.message();
    throw base::StartupError(
        base::ExitCode::kFailed,
        place.line == 0 ? why
                        : config::to_string(config::Problem{place, "'serve.listen': " + why}));
  }
  serving->server_ = std::move(server.value());
  serving->server_->start();
  return serving;
}

Serving::~Serving() {
  if (server_) server_->stop();
}

void Serving::set_waits_for(const std::string& what) {
  const base::MutexLock lock(waiting_mutex_);
  waits_for_ = what;
}

void Serving::attach(const Engine& engine) {
  engine_ = &engine;
  set_waits_for("");
}

serve::Seams Serving::seams() {
  serve::Seams seams;
  seams.waits_for = [this] {
    const base::MutexLock lock(waiting_mutex_);
    return waits_for_;
  };
  seams.vitals = [this]() -> std::optional<report::Vitals> {
    const Engine* const engine = engine_;
    if (engine == nullptr) return std::nullopt;
    return engine->vitals();
  };
  seams.insights = [this]() -> std::optional<serve::InsightsView> {
    const Engine* const engine = engine_;
    if (engine == nullptr) return std::nullopt;
    InsightsNow now = engine->insights();
    return serve::InsightsView{now.snapshot->counted.insights, now.durable, now.time_ms};
  };
  seams.report_text = [this]() -> std::optional<std::string> {
    const Engine* const engine = engine_;
    if (engine == nullptr) return std::nullopt;
    return report::to_text(engine->whole_report().report);
  };
  seams.report_json = [this]() -> std::optional<std::string> {
    const Engine* const engine = engine_;
    if (engine == nullptr) return std::nullopt;
    return report::to_json(engine->whole_report().report);
  };
  return seams;
}

std::vector<config::Problem> check_serve(const config::PipelineConfig& config) {
  if (!config.serve || !config.serve->tls) return {};
  const config::TlsFiles& files = *config.serve->tls;
  const auto tls = serve::TlsContext::load(files.certificate.value, files.key.value);
  if (tls.ok()) return {};
  return {config::Problem{files.certificate.place, "'serve.tls': " + tls.message()}};
}

std::string describe_serve(const std::optional<config::ServeConfig>& config) {
  if (!config) return "nothing";
  return fmt::format("{}, {}, {}", config->listen.value,
                     config->token.empty() ? "without a token" : "with a token",
                     config->tls ? "over TLS" : "without TLS");
}

}  // namespace millrace::app
