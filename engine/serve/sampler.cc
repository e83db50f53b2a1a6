// SPDX-License-Identifier: Apache-2.0
#include "engine/serve/sampler.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "engine/report/insights_json.h"
#include "engine/serve/metrics.h"

namespace millrace::serve {
namespace {

size_t index_of(Page page) {
  return static_cast<size_t>(page);
}

std::shared_ptr<const std::string> shared(std::optional<std::string> text) {
  if (!text) return nullptr;
  return std::make_shared<const std::string>(std::move(*text));
}

double seconds(Sampler::Clock::duration duration) {
  return std::chrono::duration<double>(duration).count();
}

}  // namespace

std::string why_not_ready(const report::Vitals& vitals) {
  if (vitals.phase == report::Phase::kDraining)
    return "Not ready: draining, it finishes what was read and reads no more.";
  if (vitals.phase == report::Phase::kFinished) return "Not ready: the run is over.";
  if (vitals.health.status != report::Status::kUnhealthy) return {};
  std::string why = "Not ready: ";
  if (!vitals.health.instance.empty()) return why + vitals.health.instance + ".";
  size_t more = 0;
  bool first = true;
  for (const report::PartitionHealth& partition : vitals.health.partitions) {
    if (partition.status != report::Status::kUnhealthy) continue;
    if (std::exchange(first, false)) {
      why += to_sentence(partition);
    } else {
      ++more;
    }
  }
  if (more > 0) why += fmt::format("; and {} more partitions are unhealthy", more);
  return why + ".";
}

Sampler::Sampler(Seams seams, Options options, std::function<void()> on_news)
    : seams_(std::move(seams)), options_(options), on_news_(std::move(on_news)) {
  const base::MutexLock lock(mutex_);
  answered_ = worked_ = Clock::now();
}

Sampler::~Sampler() {
  stop();
}

void Sampler::start() {
  thread_ = std::thread([this] { run(); });
}

void Sampler::stop() {
  {
    const base::MutexLock lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (!thread_.joinable()) return;
  thread_.join();
  take_vitals();
}

std::optional<Sampler::Sampled> Sampler::want(Page page, Clock::time_point asked) {
  const base::MutexLock lock(mutex_);
  Slot& slot = slots_[index_of(page)];
  if (slot.at && *slot.at + options_.every > asked) return slot.sampled;
  if (page != Page::kVitals) {  // those come by themselves, however long one takes
    slot.wanted = true;
    changed_.notify_all();
  }
  return std::nullopt;
}

Sampler::Sampled Sampler::vitals() const {
  const base::MutexLock lock(mutex_);
  return slots_[index_of(Page::kVitals)].sampled;
}

std::string Sampler::not_ready() const {
  if (const std::string waits_for = seams_.waits_for(); !waits_for.empty())
    return fmt::format("Not ready: starting, waiting for {}.", waits_for);
  const base::MutexLock lock(mutex_);
  if (!vitals_) return "Not ready: there is no pipeline.";
  const auto silent = Clock::now() - answered_;
  if (silent >= options_.dead_after)
    return fmt::format("Not ready: the pipeline has not answered for {:.0f} s.", seconds(silent));
  return why_not_ready(*vitals_);
}

std::string Sampler::not_alive() const {
  const base::MutexLock lock(mutex_);
  const Clock::time_point now = Clock::now();
  if (now - answered_ >= options_.dead_after) {
    return fmt::format("Not alive: the pipeline has not answered for {:.0f} s.",
                       seconds(now - answered_));
  }
  if (now - worked_ >= options_.dead_after) {
    return fmt::format(
        "Not alive: batches wait for the workers, which have finished none for {:.0f} s.",
        seconds(now - worked_));
  }
  return {};
}

void Sampler::run() {
  Clock::time_point next = Clock::now();
  while (true) {
    std::optional<Page> page;
    bool due = false;
    {
      const base::MutexLock lock(mutex_);
      while (!stopping_) {
        due = Clock::now() >= next;
        for (size_t i = 0; i < kPages && !page; ++i) {
          if (slots_[i].wanted) page = static_cast<Page>(i);
        }
        if (due || page) break;
        changed_.wait_until(mutex_, next);
      }
      if (stopping_) return;
    }
    if (due) {
      take_vitals();
      on_news_();
      // Evenly, but without a burst after a pause.
      next = std::max(next + options_.every, Clock::now());
    }
    if (page) {
      make(*page);
      on_news_();
    }
  }
}

void Sampler::take_vitals() {
  auto vitals = seams_.vitals();
  std::shared_ptr<const report::Vitals> sample;
  std::shared_ptr<const std::string> text;
  if (vitals) {
    sample = std::make_shared<const report::Vitals>(std::move(*vitals));
    text = std::make_shared<const std::string>(to_json(*sample));
  }
  const base::MutexLock lock(mutex_);
  answered_ = Clock::now();
  if (sample) {
    watch_workers(*sample, answered_);
  } else {
    worked_ = answered_;
  }
  vitals_ = std::move(sample);
  put(Page::kVitals, std::move(text));
}

// Workers that have batches and finish none hang; what comes after them may wait for the brokers.
void Sampler::watch_workers(const report::Vitals& vitals, Clock::time_point now) {
  if (vitals.batches_processed != processed_ || vitals.batches_processing == 0) worked_ = now;
  processed_ = vitals.batches_processed;
}

void Sampler::make(Page page) {
  std::shared_ptr<const std::string> text = text_of(page);
  const base::MutexLock lock(mutex_);
  put(page, std::move(text));
}

void Sampler::put(Page page, std::shared_ptr<const std::string> text) {
  Slot& slot = slots_[index_of(page)];
  slot.sampled = {std::move(text), slot.sampled.number + 1};
  slot.at = Clock::now();
  slot.wanted = false;
}

std::shared_ptr<const std::string> Sampler::text_of(Page page) {
  switch (page) {
    case Page::kVitals:
      return nullptr;
    case Page::kReportText:
      return shared(seams_.report_text());
    case Page::kReportJson:
      return shared(seams_.report_json());
    case Page::kInsights: {
      const auto view = seams_.insights();
      if (!view) return nullptr;
      const auto vitals = seams_.vitals();
      return shared(report::insights_to_json(vitals ? vitals->pipeline : "", view->time_ms,
                                             view->durable, view->results));
    }
    case Page::kMetrics: {
      const Clock::time_point now = Clock::now();
      if (!metrics_insights_at_ || now - *metrics_insights_at_ >= options_.insight_metrics_every) {
        metrics_insights_ = seams_.insights();
        metrics_insights_at_ = metrics_insights_ ? std::optional(now) : std::nullopt;
      }
      const auto vitals = seams_.vitals();
      return shared(to_metrics(vitals ? &*vitals : nullptr,
                               metrics_insights_ ? &metrics_insights_->results : nullptr,
                               not_ready().empty()));
    }
  }
  return nullptr;
}

}  // namespace millrace::serve
