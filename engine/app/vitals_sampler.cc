// SPDX-License-Identifier: Apache-2.0
#include "engine/app/vitals_sampler.h"

#include <algorithm>
#include <utility>

#include "engine/app/lag.h"
#include "engine/app/resource_usage.h"
#include "engine/report/totals.h"

namespace millrace::app {
namespace {

using report::PartitionVitals;
using report::Vitals;

template <typename List>
auto* find(List& list, const base::TopicPartition& id) {
  const auto found =
      std::find_if(list.begin(), list.end(), [&id](const auto& each) { return each.id == id; });
  return found == list.end() ? nullptr : &*found;
}

// Of a partition that is ours: where it is, and how far that is from the end of its log, or from
// where the run ends.
void take_position(const flow::PartitionProgress& progress,
                   const kafka::PartitionWatch::View& reading, PartitionVitals& to) {
  to.position = progress.position;
  const auto* read = find(reading.partitions, progress.id);
  if (read == nullptr || !read->log_end.valid()) return;
  to.end = progress.until ? std::min(read->log_end, *progress.until) : read->log_end;
  if (!to.position.valid()) return;
  to.lag = static_cast<uint64_t>(std::max(int64_t{0}, to.end->value - to.position.value));
}

void take_partitions(const report::Report& report, const flow::Progress& progress,
                     const kafka::PartitionWatch::View& reading, Vitals& to) {
  for (const report::PartitionAccount& account : report.partitions) {
    PartitionVitals partition;
    partition.id = account.id;
    partition.ours = account.ours;
    partition.position = account.next;
    partition.consumed = account.consumed;
    partition.emitted = account.emitted;
    partition.filtered = account.filtered;
    partition.dead_lettered = account.dead_lettered;
    partition.recounting = account.recounting;
    if (const auto* one = find(progress.partitions, account.id))
      take_position(*one, reading, partition);
    if (const auto* health = find(report.health.partitions, account.id)) {
      partition.status = health->status;
      partition.reason = health->reason;
    }
    to.partitions.push_back(std::move(partition));
  }
}

void take_report(report::Report report, Vitals& to) {
  to.elapsed = report.elapsed;
  const report::Totals totals = report::totals_of(report);
  to.polled = totals.polled;
  to.consumed = totals.consumed;
  to.emitted = totals.emitted;
  to.filtered = totals.filtered;
  to.dead_lettered = totals.dead_lettered;
  to.outputs = totals.outputs;
  to.identity_broken = report::check_identity(report).broken;
  to.dead_letters = std::move(report.given.dead_letters);
  to.health = std::move(report.health);
  to.alerts = std::move(report.alerts);
}

void take_flow(flow::FlowVitals flow, VitalsSampler::Time now, Vitals& to) {
  to.phase = flow.phase;
  to.stages = flow.settled.stages;
  to.batches = flow.settled.batches;
  to.input_bytes = flow.settled.input_bytes;
  to.output_bytes = flow.settled.output_bytes;
  to.batches_processing = flow.batches_processing;
  to.batches_processed = flow.batches_processed;
  to.batches_queued = flow.batches_queued;
  to.batches_unsettled = flow.batches_unsettled;
  to.batch_memory_bytes = flow.memory_limit;
  to.batch_memory_used = flow.memory_charged;
  to.commits = flow.commits.times;
  to.commits_failed = flow.commits.failed;
  if (flow.commits.last) to.since_commit = std::max({}, now - *flow.commits.last);
  to.rebalances = flow.rebalances;
  to.rewinds = flow.rewinds;
  to.samples = std::move(flow.samples);
}

}  // namespace

VitalsSampler::VitalsSampler(Seams seams, const config::PipelineConfig& config)
    : seams_(std::move(seams)) {
  constant_.pipeline = config.pipeline.value;
  if (config.instance) constant_.instance = config.instance->value;
  constant_.version = MILLRACE_VERSION;
  constant_.guarantee = config.delivery.guarantee == config::Guarantee::kExactlyOnce
                            ? "exactly_once"
                            : "at_least_once";
  constant_.started_ms = seams_.unix_ms();
  constant_.memory_bytes = config.memory_bytes;
  constant_.commit_every = config.delivery.commit_every;
}

Vitals VitalsSampler::look() {
  Vitals vitals = constant_;
  const Time now = seams_.now();
  vitals.time_ms = seams_.unix_ms();
  vitals.uncommitted = seams_.totals().uncommitted;
  const flow::Progress progress = seams_.progress();
  const kafka::PartitionWatch::View reading = seams_.reading();
  vitals.budget_spent = progress.budget_spent;
  vitals.lag = lag_of(progress, reading);
  report::Report report = seams_.report();
  take_partitions(report, progress, reading, vitals);
  take_report(std::move(report), vitals);
  take_flow(seams_.flow(), now, vitals);
  vitals.state_bytes = state_bytes(now);
  vitals.clients = seams_.clients();
  const ResourceUsage usage = ResourceUsage::now();
  vitals.cpu = usage.cpu;
  vitals.rss_bytes = usage.rss_bytes;
  vitals.peak_rss_bytes = usage.peak_rss_bytes;
  return vitals;
}

// Asked without the lock: whoever comes meanwhile gets the last answer.
size_t VitalsSampler::state_bytes(Time now) {
  {
    const base::MutexLock lock(mutex_);
    if (state_bytes_due_ && now < *state_bytes_due_) return state_bytes_;
    state_bytes_due_ = now + kStateBytesEvery;
  }
  const size_t bytes = seams_.state_bytes();
  const base::MutexLock lock(mutex_);
  state_bytes_ = bytes;
  return bytes;
}

}  // namespace millrace::app
