// SPDX-License-Identifier: Apache-2.0
#include "engine/app/engine.h"

#include <algorithm>
#include <future>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "engine/app/alert_monitor.h"
#include "engine/app/alert_rules.h"
#include "engine/app/clients.h"
#include "engine/app/fleet.h"
#include "engine/app/lag.h"
#include "engine/app/latency_settings.h"
#include "engine/app/memory_shares.h"
#include "engine/app/preparation.h"
#include "engine/app/resource_usage.h"
#include "engine/app/vitals_sampler.h"
#include "engine/app/watchdog.h"
#include "engine/base/log.h"
#include "engine/flow/flow.h"
#include "engine/kafka/admin.h"
#include "engine/kafka/state_topic.h"

namespace millrace::app {
namespace {

using SteadyClock = std::chrono::steady_clock;
using std::chrono::milliseconds;

// How long the report waits for the state of the other members.
constexpr milliseconds kFleetWait{5000};
// How long the watchdog waits for the brokers' answer.
constexpr milliseconds kLogEndsWait{1000};

int64_t unix_ms() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<milliseconds>(now).count();
}

}  // namespace

class Engine::Impl {
 public:
  Impl(const Pipeline& pipeline, Options options)
      : pipeline_(pipeline), options_(std::move(options)) {
    if (options_.fixed_time) {
      clock_ = std::make_unique<base::FixedClock>(*options_.fixed_time);
    } else {
      clock_ = std::make_unique<base::SystemClock>();
    }
  }

  ~Impl() {
    alerts_.reset();
    watchdog_.reset();
    cancel_waits();
    // Joined first, destroyed last: what was given up still lies in batches of the flow while the
    // producer has it.
    if (flow_) {
      flow_->stop("the engine is being taken down");
      if (!finished_) static_cast<void>(flow_->finish());
    }
    if (clients_) clients_->destroy();
  }

  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  void start(const std::stop_token& stop) {
    const config::PipelineConfig& config = pipeline_.config;
    Preparation prepared = prepare(pipeline_, options_, stop);
    input_ = std::move(prepared.input);
    state_topic_ = std::move(prepared.state_topic);
    clients_ = std::make_unique<Clients>(config, prepared.clients, stop);
    flow::Flow::Options flow_options = flow_settings();
    flow_options.until = std::move(prepared.until);
    flow_options.durable = std::move(prepared.durable);
    flow_ = std::make_unique<flow::Flow>(
        flow::Flow::Outside{clients_->consumer(), sink(), committer()}, *pipeline_.plan,
        prepared.limits, std::move(flow_options), *clock_);
    started_ = SteadyClock::now();
    // Before the start: the flow's threads make reports, which say what the watchdog saw.
    show();
    watch_alerts();
    watch();
    flow_->start(options_.on_finished);
    base::log::info("Started pipeline={} group={} workers={}.", config.pipeline.value,
                    config.input.group.value, workers());
  }

  void stop(const std::string& why) {
    if (alerts_) alerts_->stop();
    if (watchdog_) watchdog_->stop();
    cancel_waits();
    flow_->stop(why);
  }

  RunReport finish() {
    flow::Flow::Result result = flow_->finish();
    const report::Counted& counted = result.snapshot.counted;
    // Before anything that takes time: whoever asks from now on gets these.
    insights_->finish(result.snapshot);
    if (alerts_) alerts_->stop(counted.partitions.empty() ? nullptr : &counted.insights);
    if (watchdog_) watchdog_->stop();
    finished_ = true;
    RunReport run = make_report(std::move(result.snapshot));
    run.report.final = true;
    run.report.ended_by = result.ended_by;
    run.code = result.code;
    // Where the run failed, the brokers are hardly there to answer this.
    if (state_topic_ && run.code != base::ExitCode::kFailed) run.report.fleet = fleet();
    // A failure explains a broken identity better than the identity does; an orderly end must not.
    if (run.code == base::ExitCode::kClean && !report::check_identity(run.report).holds())
      run.code = base::ExitCode::kDataProtected;
    return run;
  }

  [[nodiscard]] flow::Totals totals() const { return flow_->totals(); }

  [[nodiscard]] RunReport report() const { return make_report(flow_->accounts()); }

  [[nodiscard]] RunReport whole_report() const { return make_report(*insights_->get().snapshot); }

  [[nodiscard]] report::Vitals vitals() const { return vitals_->look(); }

  [[nodiscard]] InsightsNow insights() const { return insights_->get(); }

 private:
  [[nodiscard]] size_t workers() const {
    if (pipeline_.config.workers != 0) return pipeline_.config.workers;
    return std::max(1U, std::thread::hardware_concurrency());
  }

  [[nodiscard]] flow::Flow::Options flow_settings() const {
    const config::PipelineConfig& config = pipeline_.config;
    flow::Flow::Options options;
    options.workers = workers();
    options.batch_memory = MemoryShares::of(config.memory_bytes).batches;
    options.batch_records_max = config.input.batch_records_max;
    options.batch_wait = latency_settings(config).batch_wait;
    options.commit_every = config.delivery.commit_every;
    options.stop_deadline = config.stop_deadline;
    options.cut_deadline = config.session_timeout / 2;
    if (config.delivery.guarantee == config::Guarantee::kExactlyOnce)
      options.settle_at = flow::SettleAt::kCommit;
    options.transaction_timeout = config.delivery.transaction_timeout;
    options.refused_become_dead_letters =
        config.delivery.on_failure == config::OnFailure::kDeadLetter;
    options.stop_above = config.dead_letters.stop_above;
    options.report_every = config.report.every_records.value_or(0);
    options.on_multiple = [this](flow::Snapshot snapshot) {
      if (options_.on_multiple) options_.on_multiple(make_report(std::move(snapshot)));
    };
    return options;
  }

  [[nodiscard]] io::Sink& sink() { return clients_->sink(); }

  [[nodiscard]] io::Committer& committer() { return clients_->committer(); }

  // Nothing waits for brokers any more, so that a stop is not held up by one that is silent.
  void cancel_waits() {
    if (state_topic_) state_topic_->cancel();
    if (clients_) clients_->consumer().cancel_waits();
  }

  // What all members have written down. Not waited for for long: the report is more urgent.
  [[nodiscard]] std::optional<report::Counted> fleet() const {
    std::stop_source stop;
    const kafka::Patience patience = kafka::Patience::at_most(kFleetWait, stop.get_token());
    auto reading = std::async(std::launch::async, [&] { return read_fleet(pipeline_, patience); });
    if (reading.wait_for(kFleetWait) == std::future_status::timeout) stop.request_stop();
    auto fleet = reading.get();
    if (fleet.ok()) return std::move(fleet.value().counted);
    base::log::warn("The fleet's insights could not be read: {}.", fleet.message());
    return std::nullopt;
  }

  // The embedded broker cannot answer what the watchdog asks, nor does it stall.
  void watch() {
    if (options_.embedded) return;
    HealthSampler::Seams seams;
    seams.progress = [this] { return flow_->progress(); };
    seams.reading = [this] { return clients_->consumer().watch().look(); };
    seams.log_ends = [this](std::span<const base::TopicPartition> partitions) {
      return input_->log_ends(partitions, kLogEndsWait);
    };
    watchdog_ = std::make_unique<Watchdog>(std::move(seams), pipeline_.config.stalled_after);
  }

  // What vitals() and insights() are made of.
  void show() {
    VitalsSampler::Seams seams;
    seams.report = [this] { return make_report(flow_->accounts()).report; };
    seams.flow = [this] { return flow_->vitals(); };
    seams.totals = [this] { return flow_->totals(); };
    seams.progress = [this] { return flow_->progress(); };
    seams.state_bytes = [this] { return flow_->state_bytes(); };
    seams.reading = [this] { return clients_->consumer().watch().look(); };
    seams.clients = [this] { return clients_->statistics(); };
    seams.now = [] { return SteadyClock::now(); };
    seams.unix_ms = unix_ms;
    vitals_ = std::make_unique<VitalsSampler>(std::move(seams), pipeline_.config);
    insights_ =
        std::make_unique<InsightsCache>([this] { return flow_->snapshot(); },
                                        state_topic_ != nullptr, [] { return SteadyClock::now(); });
  }

  // Before the flow starts, which may ask for a report at once.
  void watch_alerts() {
    const config::PipelineConfig& config = pipeline_.config;
    if (config.alerts.empty()) return;
    AlertMonitor::Seams seams;
    seams.sampled.counts = [this] {
      const flow::Totals totals = flow_->totals();
      return report::OutcomeCounts{totals.consumed, totals.emitted, totals.filtered,
                                   totals.dead_lettered};
    };
    seams.sampled.lag = [this] {
      return lag_of(flow_->progress(), clients_->consumer().watch().look());
    };
    seams.sampled.insights = [this]() -> std::optional<std::vector<insights::Result>> {
      const auto snapshot = insights_->get().snapshot;
      if (snapshot->counted.partitions.empty()) return std::nullopt;
      return snapshot->counted.insights;
    };
    seams.sampled.now = [] { return SteadyClock::now(); };
    seams.publish = [this](io::CarriedRecord record) { flow_->publish(std::move(record)); };
    seams.time_of_day = [this] { return clock_->now(); };
    AlertMonitor::Origin origin{config.pipeline.value, {}};
    if (config.instance) origin.instance = config.instance->value;
    alerts_ =
        std::make_unique<AlertMonitor>(std::move(seams), alert_rules(config), std::move(origin));
  }

  [[nodiscard]] RunReport make_report(flow::Snapshot snapshot) const {
    RunReport run;
    run.report.pipeline = pipeline_.config.pipeline.value;
    run.report.partitions = std::move(snapshot.accounts);
    run.report.given = std::move(snapshot.given);
    run.report.counted = std::move(snapshot.counted);
    run.report.durable = state_topic_ != nullptr;
    if (watchdog_) run.report.health = watchdog_->current();
    if (alerts_) run.report.alerts = alerts_->current();
    run.report.elapsed = SteadyClock::now() - started_;
    const ResourceUsage usage = ResourceUsage::now();
    run.report.cpu = usage.cpu;
    run.report.peak_rss_bytes = usage.peak_rss_bytes;
    return run;
  }

  const Pipeline& pipeline_;
  const Options options_;
  std::unique_ptr<base::Clock> clock_;
  std::unique_ptr<kafka::Admin> input_;
  std::unique_ptr<kafka::StateTopic> state_topic_;
  std::unique_ptr<flow::Flow> flow_;  // destroyed after the clients: see ~Impl
  std::unique_ptr<Clients> clients_;
  std::unique_ptr<Watchdog> watchdog_;
  std::unique_ptr<AlertMonitor> alerts_;
  std::unique_ptr<VitalsSampler> vitals_;
  std::unique_ptr<InsightsCache> insights_;
  SteadyClock::time_point started_;
  bool finished_ = false;
};

Engine::Engine(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Engine::~Engine() = default;

std::unique_ptr<Engine> Engine::start(const Pipeline& pipeline, Options options,
                                      const std::stop_token& stop) {
  auto impl = std::make_unique<Impl>(pipeline, std::move(options));
  impl->start(stop);
  return std::unique_ptr<Engine>(new Engine(std::move(impl)));
}

void Engine::stop(const std::string& why) {
  impl_->stop(why);
}

RunReport Engine::finish() {
  return impl_->finish();
}

flow::Totals Engine::totals() const {
  return impl_->totals();
}

RunReport Engine::report() const {
  return impl_->report();
}

RunReport Engine::whole_report() const {
  return impl_->whole_report();
}

report::Vitals Engine::vitals() const {
  return impl_->vitals();
}

InsightsNow Engine::insights() const {
  return impl_->insights();
}

}  // namespace millrace::app
