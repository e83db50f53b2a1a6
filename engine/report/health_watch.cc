// SPDX-License-Identifier: Apache-2.0
#include "engine/report/health_watch.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "engine/insights/text_table.h"

namespace millrace::report {
namespace {

using insights::grouped;
using std::chrono::milliseconds;
using std::chrono::seconds;

// Commits and rebalances are under way all the time; only one that takes so long holds anything up.
constexpr milliseconds kNamedFrom{1000};

int64_t whole_seconds(milliseconds time) {
  return time / seconds{1};
}

bool takes_long(const std::optional<milliseconds>& time) {
  return time && *time >= kNamedFrom;
}

// Where reading ends, as far as is known.
base::Offset end_of(const PartitionSample& sample) {
  if (!sample.until) return sample.log_end;
  return sample.log_end.valid() ? std::min(sample.log_end, *sample.until) : *sample.until;
}

// Where not even the end of the log is known, a failing reader is taken to have something to read.
bool has_lag(const PartitionSample& sample) {
  if (sample.unsettled > 0) return true;
  if (sample.until && sample.position >= *sample.until) return false;
  const base::Offset end = end_of(sample);
  if (end.valid() && sample.position.valid() && sample.position < end) return true;
  return !sample.log_end.valid() && !sample.error.empty();
}

std::optional<uint64_t> lag_of(const PartitionSample& sample) {
  const base::Offset end = end_of(sample);
  if (!end.valid() || !sample.position.valid()) return std::nullopt;
  return static_cast<uint64_t>(std::max<int64_t>(0, end.value - sample.position.value));
}

// Not an error that was over when the partition last moved. Some are told once and not again while
// they last, so an error from shortly before counts too.
bool reading_fails(const PartitionSample& sample, milliseconds still, milliseconds stalled_after) {
  return !sample.error.empty() && sample.error_age <= still + stalled_after;
}

// Of a partition that has lag: what lies behind the stable end cannot be read.
bool transaction_is_open(const PartitionSample& sample) {
  return sample.unsettled == 0 && sample.stable_end.valid() && sample.position >= sample.stable_end;
}

struct Verdict {
  Status status = Status::kUnhealthy;
  std::string reason;
};

Verdict why_it_stands_still(const PartitionSample& partition, const InstanceSample& instance,
                            milliseconds still, milliseconds stalled_after) {
  const bool fails = reading_fails(partition, still, stalled_after);
  if (transaction_is_open(partition) && !fails) {
    return {Status::kWaiting,
            fmt::format("the transaction of another producer is open from offset {} on, and what "
                        "lies behind cannot be read before it ends",
                        partition.stable_end.value)};
  }
  if (takes_long(instance.rebalance)) {
    return {Status::kUnhealthy, fmt::format("a rebalance of the group has been under way for {} s",
                                            whole_seconds(*instance.rebalance))};
  }
  if (takes_long(instance.reset)) {
    return {Status::kUnhealthy,
            fmt::format("the producer has been made anew for {} s: the brokers of the output do "
                        "not answer",
                        whole_seconds(*instance.reset))};
  }
  if (takes_long(instance.commit)) {
    return {Status::kUnhealthy,
            fmt::format("a commit has been under way for {} s", whole_seconds(*instance.commit))};
  }
  if (partition.unsettled > 0) {
    return {Status::kUnhealthy,
            fmt::format("waiting for the output: {} {} not acknowledged and committed, the oldest "
                        "was handed over {} s ago",
                        grouped(partition.unsettled),
                        partition.unsettled == 1 ? "batch is" : "batches are",
                        whole_seconds(partition.oldest_unsettled))};
  }
  if (fails) return {Status::kUnhealthy, "it cannot be read: " + partition.error};
  if (instance.budget_spent) {
    return {Status::kUnhealthy,
            "the memory budget is spent by batches of other partitions, which wait for the output"};
  }
  return {Status::kUnhealthy, "no reason is known; neither reading nor sending reports an error"};
}

}  // namespace

HealthWatch::HealthWatch(milliseconds stalled_after) : stalled_after_(stalled_after) {}

std::vector<HealthWatch::Transition> HealthWatch::observe(const InstanceSample& sample, Time now) {
  now_ = now;
  for (auto& [id, watched] : watched_) watched.present = false;
  for (const PartitionSample& partition : sample.partitions) take(partition, now);

  std::vector<Transition> transitions;
  health_ = {};
  judge_instance(sample, transitions);
  for (auto it = watched_.begin(); it != watched_.end();) {
    Watched& watched = it->second;
    if (!watched.present && !sample.rebalance) {
      if (watched.status != Status::kHealthy)
        transitions.push_back(
            {Status::kHealthy, fmt::format("{}/{} is not assigned to this instance any more",
                                           it->first.topic, it->first.partition)});
      it = watched_.erase(it);
      continue;
    }
    judge(watched, sample, now, transitions);
    ++it;
  }
  return transitions;
}

void HealthWatch::take(const PartitionSample& sample, Time now) {
  const auto [it, is_new] = watched_.try_emplace(sample.id);
  Watched& watched = it->second;
  const bool moved = is_new || sample.position != watched.last.position;
  const base::Offset log_end = watched.last.log_end;
  watched.last = sample;
  watched.present = true;
  if (!sample.log_end.valid()) watched.last.log_end = log_end;
  if (moved) watched.moved = now;
  if (moved || !has_lag(watched.last)) watched.stands_from = now;
}

void HealthWatch::judge(Watched& watched, const InstanceSample& sample, Time now,
                        std::vector<Transition>& transitions) {
  const auto still = std::chrono::duration_cast<milliseconds>(now - watched.stands_from);
  Verdict verdict{Status::kHealthy, {}};
  if (!watched.last.stopped.empty()) {
    verdict = {Status::kUnhealthy, "it was stopped: " + watched.last.stopped};
  } else if (has_lag(watched.last) && still >= stalled_after_) {
    verdict = why_it_stands_still(watched.last, sample, still, stalled_after_);
  }

  PartitionHealth partition{watched.last.id,       verdict.status,       std::move(verdict.reason),
                            watched.last.position, lag_of(watched.last), still};
  if (verdict.status != watched.status) {
    transitions.push_back(
        {verdict.status,
         verdict.status == Status::kHealthy
             ? fmt::format("{}/{} is healthy again, at offset {}", partition.id.topic,
                           partition.id.partition, partition.position.value)
             : to_sentence(partition)});
  }
  watched.status = verdict.status;
  if (verdict.status == Status::kHealthy) return;
  health_.status = std::max(health_.status, verdict.status);
  health_.partitions.push_back(std::move(partition));
}

// What is ill though no partition can be known to stand still: a member without any has nothing
// that could, and without a broker nobody knows whether there is anything to read.
void HealthWatch::judge_instance(const InstanceSample& sample,
                                 std::vector<Transition>& transitions) {
  if (sample.away.value_or(milliseconds{0}) >= stalled_after_) {
    health_.instance = fmt::format("no broker of the input can be reached for {} s: {}",
                                   whole_seconds(*sample.away), sample.away_reason);
  } else if (watched_.empty() && sample.rebalance.value_or(milliseconds{0}) >= stalled_after_) {
    health_.instance = fmt::format(
        "no partition was assigned yet: a rebalance of the group has been under way "
        "for {} s",
        whole_seconds(*sample.rebalance));
  }
  const bool ill = !health_.instance.empty();
  if (ill) health_.status = Status::kUnhealthy;
  if (ill == instance_ill_) return;
  instance_ill_ = ill;
  transitions.push_back(
      ill ? Transition{Status::kUnhealthy, "this instance is unhealthy: " + health_.instance}
          : Transition{Status::kHealthy, "this instance is healthy again"});
}

std::vector<base::TopicPartition> HealthWatch::still() const {
  std::vector<base::TopicPartition> ids;
  for (const auto& [id, watched] : watched_)
    if (watched.last.stopped.empty() && now_ - watched.moved >= stalled_after_ / 3)
      ids.push_back(id);
  return ids;
}

}  // namespace millrace::report
