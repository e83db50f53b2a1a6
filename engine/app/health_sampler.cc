// SPDX-License-Identifier: Apache-2.0
#include "engine/app/health_sampler.h"

#include <algorithm>
#include <set>
#include <utility>

namespace millrace::app {
namespace {

using std::chrono::milliseconds;
using Time = HealthSampler::Time;

milliseconds since(Time then, Time now) {
  return std::max(milliseconds{0}, std::chrono::duration_cast<milliseconds>(now - then));
}

std::optional<milliseconds> since(const std::optional<Time>& then, Time now) {
  return then ? std::optional(since(*then, now)) : std::nullopt;
}

void take_reading(const kafka::PartitionWatch::View& view, Time now,
                  report::PartitionSample& sample) {
  const auto reading =
      std::find_if(view.partitions.begin(), view.partitions.end(),
                   [&sample](const auto& partition) { return partition.id == sample.id; });
  if (reading != view.partitions.end()) {
    sample.log_end = reading->log_end;
    sample.stable_end = reading->stable_end;
    sample.error = reading->error;
    sample.error_age = since(reading->error_at, now);
  }
  if (sample.error.empty()) {
    sample.error = view.away;
    sample.error_age = milliseconds{0};
  }
}

}  // namespace

HealthSampler::HealthSampler(Seams seams, milliseconds stalled_after)
    : seams_(std::move(seams)), ask_every_(stalled_after / 3), watch_(stalled_after) {}

std::vector<report::HealthWatch::Transition> HealthSampler::look(Time now) {
  // A rebalance that begins or ends between the looks counts: else its partitions would seem gone.
  const kafka::PartitionWatch::View before = seams_.reading();
  const flow::Progress progress = seams_.progress();
  const kafka::PartitionWatch::View view = seams_.reading();
  ask(progress, now);

  report::InstanceSample sample;
  for (const flow::PartitionProgress& partition : progress.partitions)
    sample.partitions.push_back(sample_of(partition, view, now));
  sample.budget_spent = progress.budget_spent;
  sample.commit = since(progress.commit_since, now);
  sample.reset = since(progress.reset_since, now);
  for (const kafka::PartitionWatch::View* one : {&before, &view})
    if (one->rebalancing) sample.rebalance = since(one->rebalancing_since, now);
  if (view.away.empty()) {
    away_since_.reset();
  } else {
    if (!away_since_) away_since_ = now;
    sample.away = since(*away_since_, now);
    sample.away_reason = view.away;
  }
  return watch_.observe(sample, now);
}

void HealthSampler::ask(const flow::Progress& progress, Time now) {
  const std::vector<base::TopicPartition> still = watch_.still();
  const std::set<base::TopicPartition> standing(still.begin(), still.end());
  std::erase_if(answers_, [&](const auto& answer) { return !standing.contains(answer.first); });
  std::vector<base::TopicPartition> due;
  for (const flow::PartitionProgress& partition : progress.partitions) {
    const auto known = answers_.find(partition.id);
    const bool fresh = known != answers_.end() && now - known->second.at < ask_every_;
    if (standing.contains(partition.id) && !fresh) due.push_back(partition.id);
  }
  if (due.empty()) return;
  std::vector<kafka::LogEnds> ends = seams_.log_ends(due);
  for (size_t i = 0; i < std::min(ends.size(), due.size()); ++i)
    answers_[due[i]] = {std::move(ends[i]), now};
}

report::PartitionSample HealthSampler::sample_of(const flow::PartitionProgress& partition,
                                                 const kafka::PartitionWatch::View& view,
                                                 Time now) const {
  report::PartitionSample sample;
  sample.id = partition.id;
  sample.position = partition.position;
  sample.until = partition.until;
  sample.unsettled = partition.unsettled;
  sample.oldest_unsettled = partition.oldest_unsettled;
  sample.stopped = partition.stopped;
  take_reading(view, now, sample);

  const auto answer = answers_.find(partition.id);
  if (answer == answers_.end()) return sample;
  const kafka::LogEnds& ends = answer->second.ends;
  if (!ends.error.empty()) {
    sample.error = ends.error;
    sample.error_age = since(answer->second.at, now);
    return sample;
  }
  // Where its end lies the consumer may have heard since.
  sample.log_end = std::max(sample.log_end, ends.end);
  sample.stable_end = ends.stable;
  return sample;
}

}  // namespace millrace::app
