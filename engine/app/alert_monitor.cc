// SPDX-License-Identifier: Apache-2.0
#include "engine/app/alert_monitor.h"

#include <utility>

#include "engine/base/log.h"
#include "engine/base/pause.h"
#include "engine/report/alert_text.h"

namespace millrace::app {

AlertMonitor::AlertMonitor(Seams seams, std::vector<report::AlertRule> rules, Origin origin,
                           std::chrono::milliseconds every)
    : seams_(std::move(seams)),
      origin_(std::move(origin)),
      every_(every),
      sampler_(seams_.sampled, std::move(rules)),
      current_(sampler_.alerts()),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

AlertMonitor::~AlertMonitor() {
  end_thread();
}

void AlertMonitor::stop(const std::vector<insights::Result>* results) {
  const base::MutexLock lock(stopping_);
  if (std::exchange(stopped_, true)) return;
  end_thread();
  look(results);
}

std::vector<report::Alert> AlertMonitor::current() const {
  const base::MutexLock lock(mutex_);
  return current_;
}

void AlertMonitor::end_thread() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

void AlertMonitor::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    const auto begin = std::chrono::steady_clock::now();
    look(nullptr);
    base::pause_until(begin + every_, stop);
  }
}

void AlertMonitor::look(const std::vector<insights::Result>* results) {
  for (const report::Alert& alert : sampler_.look(results)) tell(alert);
  const base::MutexLock lock(mutex_);
  current_ = sampler_.alerts();
}

void AlertMonitor::tell(const report::Alert& alert) const {
  const std::string sentence = report::to_sentence(alert);
  if (alert.state == report::AlertState::kFiring) {
    base::log::warn("Alert {}.", sentence);
  } else {
    base::log::info("Alert {}.", sentence);
  }
  if (alert.rule.topic.empty()) return;
  const auto now = std::chrono::floor<std::chrono::milliseconds>(seams_.time_of_day());
  const report::AlertOrigin origin{origin_.pipeline, origin_.instance,
                                   now.time_since_epoch().count()};
  io::CarriedRecord record;
  record.topic = alert.rule.topic;
  record.key = alert.rule.name;
  record.value = report::alert_record(alert, origin);
  seams_.publish(std::move(record));
}

}  // namespace millrace::app
