// SPDX-License-Identifier: Apache-2.0
#include "engine/serve/metrics.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <initializer_list>
#include <limits>
#include <optional>
#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>
#include <sstream>
#include <utility>

#include "engine/base/check.h"
#include "engine/report/insight_number.h"

namespace millrace::serve {
namespace {

using report::Durations;
using report::Vitals;

constexpr auto kCounter = MetricType::kCounter;
constexpr auto kGauge = MetricType::kGauge;
constexpr auto kHistogram = MetricType::kHistogram;

constexpr std::array kMetrics{
    Metric{"millrace_info", kGauge, "pipeline,copy,version,guarantee",
           "1; what runs here, in the labels."},
    Metric{"millrace_ready", kGauge, "", "1 where /readyz says that it is ready, else 0."},
    Metric{"millrace_phase", kGauge, "phase",
           "1 for the phase that the run is in, 0 for the others."},
    Metric{"millrace_run_start_time_seconds", kGauge, "",
           "When the run began, in seconds since 1970."},
    Metric{"millrace_records_polled_total", kCounter, "",
           "Records read, also those that were given up and read again."},
    Metric{"millrace_records_consumed_total", kCounter, "",
           "Records that have settled, each with one outcome."},
    Metric{"millrace_records_total", kCounter, "outcome", "Settled records by their outcome."},
    Metric{"millrace_dead_letters_total", kCounter, "rule",
           "Dead-lettered records by the rule that rejected them."},
    Metric{"millrace_dead_letters_discarded_total", kCounter, "",
           "Dead-lettered records that were counted and not sent."},
    Metric{"millrace_copies_total", kCounter, "",
           "Records that emit steps sent to other topics; not the number of processes."},
    Metric{"millrace_records_exploded_total", kCounter, "",
           "Emitted records that went out in pieces."},
    Metric{"millrace_pieces_total", kCounter, "", "The pieces that those became."},
    Metric{"millrace_input_bytes_total", kCounter, "",
           "Keys, values and headers of the consumed records."},
    Metric{"millrace_output_bytes_total", kCounter, "",
           "Keys and values of the acknowledged output records."},
    Metric{"millrace_lag_offsets", kGauge, "",
           "Offsets still to settle in the partitions that this process has; absent while one of "
           "them is not known."},
    Metric{"millrace_uncommitted_offsets", kGauge, "",
           "Offsets that have settled and are not known to be committed."},
    Metric{"millrace_partition_assigned", kGauge, "topic,partition",
           "1 for a partition that this process has, 0 for one that it had."},
    Metric{"millrace_partition_records_total", kCounter, "topic,partition,outcome",
           "Settled records of a partition by their outcome."},
    Metric{"millrace_partition_position_offset", kGauge, "topic,partition",
           "The next offset to settle."},
    Metric{"millrace_partition_end_offset", kGauge, "topic,partition",
           "The end of the log, as far as it is known."},
    Metric{"millrace_partition_lag_offsets", kGauge, "topic,partition",
           "Offsets from the position to the end."},
    Metric{"millrace_partition_health", kGauge, "topic,partition",
           "0 healthy, 1 waiting, 2 unhealthy."},
    Metric{"millrace_partition_recounting", kGauge, "topic,partition",
           "1 while its insights are counted up to the committed offset, else 0."},
    Metric{"millrace_health", kGauge, "",
           "0 healthy, 1 waiting, 2 unhealthy: the worst of the partitions and the instance."},
    Metric{"millrace_identity_broken", kGauge, "",
           "Sentences of the report that do not add up; not 0 is a defect."},
    Metric{"millrace_alert_state", kGauge, "alert", "0 ok, 1 pending, 2 firing."},
    Metric{"millrace_alert_value", kGauge, "alert",
           "What the alert's measure was last, shares as parts of 1."},
    Metric{"millrace_insight_value", kGauge, "insight",
           "The number that an insight is, where it is one; at most 10 s old."},
    Metric{"millrace_batch_stage_seconds", kHistogram, "stage",
           "How long batches were in each stage of their life."},
    Metric{"millrace_batches_settled_total", kCounter, "", "Batches that have settled."},
    Metric{"millrace_batches", kGauge, "place", "Batches by where they are now."},
    Metric{"millrace_memory_limit_bytes", kGauge, "", "The budget of the configuration."},
    Metric{"millrace_batch_memory_limit_bytes", kGauge, "", "Its share for batches."},
    Metric{"millrace_batch_memory_bytes", kGauge, "", "What batches take of that share."},
    Metric{"millrace_memory_budget_spent", kGauge, "",
           "1 while nothing is read because that share is spent, else 0."},
    Metric{"millrace_state_bytes", kGauge, "", "What the insights take in memory, about."},
    Metric{"millrace_commit_seconds", kHistogram, "",
           "How long commits took, with exactly once the transactions' ends among them."},
    Metric{"millrace_commits_failed_total", kCounter, "", "Commits that did not succeed."},
    Metric{"millrace_commit_age_seconds", kGauge, "",
           "How long ago the last commit succeeded; absent before the first."},
    Metric{"millrace_commit_interval_seconds", kGauge, "", "delivery.commit_every."},
    Metric{"millrace_rebalances_total", kCounter, "", "Assignments of partitions by the group."},
    Metric{"millrace_rewinds_total", kCounter, "",
           "Partitions taken back to their committed offset."},
    Metric{"millrace_client_brokers", kGauge, "client", "Brokers that the client knows."},
    Metric{"millrace_client_brokers_up", kGauge, "client", "Of these, those it is connected to."},
    Metric{"millrace_client_queued_messages", kGauge, "client",
           "Produced and not acknowledged, or fetched and not read."},
    Metric{"millrace_client_queued_bytes", kGauge, "client", "The bytes of those."},
    Metric{"millrace_client_sent_bytes_total", kCounter, "client", "Bytes sent to brokers."},
    Metric{"millrace_client_received_bytes_total", kCounter, "client",
           "Bytes received from brokers."},
    Metric{"millrace_client_requests_total", kCounter, "client", "Requests sent to brokers."},
    Metric{"millrace_client_request_timeouts_total", kCounter, "client",
           "Requests that were not answered in time."},
    Metric{"millrace_client_request_errors_total", kCounter, "client",
           "Requests that could not be sent or whose answer was none."},
    Metric{"millrace_client_round_trip_seconds", kGauge, "client",
           "The slowest broker's mean round trip of late."},
    Metric{"millrace_client_throttle_seconds", kGauge, "client",
           "The slowest broker's mean throttling of late."},
    Metric{"process_start_time_seconds", kGauge, "",
           "The same as millrace_run_start_time_seconds."},
    Metric{"process_cpu_seconds_total", kCounter, "", "Processor time of the process."},
    Metric{"process_resident_memory_bytes", kGauge, "", "Memory of the process."},
    Metric{"millrace_peak_resident_memory_bytes", kGauge, "", "The most that it held."},
};

using Labels = std::initializer_list<std::string>;

// Puts the samples of a metric under its name. All metrics of a run are there from the beginning,
// so that rates are right from the first record on; what has labels, once their values are known.
class Exposition {
 public:
  Exposition() {
    families_.reserve(kMetrics.size());
    for (const Metric& metric : kMetrics) {
      prometheus::MetricFamily family;
      family.name = metric.name;
      family.help = metric.help;
      switch (metric.type) {
        case MetricType::kCounter:
          family.type = prometheus::MetricType::Counter;
          break;
        case MetricType::kGauge:
          family.type = prometheus::MetricType::Gauge;
          break;
        case MetricType::kHistogram:
          family.type = prometheus::MetricType::Histogram;
          break;
      }
      families_.push_back(std::move(family));
    }
  }

  void add(std::string_view name, double value, Labels labels = {}) {
    const size_t at = find(name);
    prometheus::ClientMetric& sample = new_sample(at, labels);
    if (kMetrics[at].type == MetricType::kCounter) {
      sample.counter.value = value;
    } else {
      sample.gauge.value = value;
    }
  }

  void add(std::string_view name, uint64_t value, Labels labels = {}) {
    add(name, static_cast<double>(value), labels);
  }

  void add(std::string_view name, bool value, Labels labels = {}) {
    add(name, value ? 1.0 : 0.0, labels);
  }

  void add(std::string_view name, const Durations& durations, Labels labels = {}) {
    prometheus::ClientMetric& sample = new_sample(find(name), labels);
    uint64_t below = 0;
    for (size_t i = 0; i < durations.counts.size(); ++i) {
      below += durations.counts[i];
      prometheus::ClientMetric::Bucket bucket;
      bucket.cumulative_count = static_cast<decltype(bucket.cumulative_count)>(below);
      bucket.upper_bound = i < Durations::kBounds.size() ? Durations::kBounds[i]
                                                         : std::numeric_limits<double>::infinity();
      sample.histogram.bucket.push_back(bucket);
    }
    sample.histogram.sample_count = below;
    sample.histogram.sample_sum = durations.sum_seconds;
  }

  [[nodiscard]] std::string text() {
    std::erase_if(families_, [](const auto& family) { return family.metric.empty(); });
    std::ostringstream out;
    prometheus::TextSerializer().Serialize(out, families_);
    return out.str();
  }

 private:
  static size_t find(std::string_view name) {
    size_t at = 0;
    while (at < kMetrics.size() && kMetrics[at].name != name) ++at;
    MILLRACE_CHECK(at < kMetrics.size());
    return at;
  }

  // The labels get their names from the table.
  prometheus::ClientMetric& new_sample(size_t at, Labels values) {
    prometheus::ClientMetric sample;
    std::string_view names = kMetrics[at].labels;
    for (const std::string& value : values) {
      const size_t comma = std::min(names.find(','), names.size());
      MILLRACE_CHECK(comma > 0);
      prometheus::ClientMetric::Label label;
      label.name = names.substr(0, comma);
      label.value = value;
      sample.label.push_back(std::move(label));
      names.remove_prefix(std::min(comma + 1, names.size()));
    }
    MILLRACE_CHECK(names.empty());
    families_[at].metric.push_back(std::move(sample));
    return families_[at].metric.back();
  }

  std::vector<prometheus::MetricFamily> families_;
};

double unix_seconds(int64_t milliseconds) {
  return static_cast<double>(milliseconds) / 1000;
}

void add_records(const Vitals& vitals, Exposition& to) {
  to.add("millrace_records_polled_total", vitals.polled);
  to.add("millrace_records_consumed_total", vitals.consumed);
  to.add("millrace_records_total", vitals.emitted, {"emitted"});
  to.add("millrace_records_total", vitals.filtered, {"filtered"});
  to.add("millrace_records_total", vitals.dead_lettered, {"dead_lettered"});
  for (const auto& [rule, count] : vitals.dead_letters)
    to.add("millrace_dead_letters_total", count, {rule});
  to.add("millrace_dead_letters_discarded_total", vitals.outputs.letters_discarded);
  to.add("millrace_copies_total", vitals.outputs.copies);
  to.add("millrace_records_exploded_total", vitals.outputs.exploded);
  to.add("millrace_pieces_total", vitals.outputs.pieces);
  to.add("millrace_input_bytes_total", vitals.input_bytes);
  to.add("millrace_output_bytes_total", vitals.output_bytes);
  if (vitals.lag) to.add("millrace_lag_offsets", *vitals.lag);
  to.add("millrace_uncommitted_offsets", vitals.uncommitted);
}

void add_partition(const report::PartitionVitals& partition, Exposition& to) {
  const std::string& topic = partition.id.topic;
  const std::string number = std::to_string(partition.id.partition);
  to.add("millrace_partition_assigned", partition.ours, {topic, number});
  to.add("millrace_partition_records_total", partition.emitted, {topic, number, "emitted"});
  to.add("millrace_partition_records_total", partition.filtered, {topic, number, "filtered"});
  to.add("millrace_partition_records_total", partition.dead_lettered,
         {topic, number, "dead_lettered"});
  to.add("millrace_partition_health", static_cast<double>(partition.status), {topic, number});
  to.add("millrace_partition_recounting", partition.recounting, {topic, number});
  // What another member does there is not ours to say.
  if (!partition.ours) return;
  if (partition.position.valid()) {
    to.add("millrace_partition_position_offset", static_cast<double>(partition.position.value),
           {topic, number});
  }
  if (partition.end) {
    to.add("millrace_partition_end_offset", static_cast<double>(partition.end->value),
           {topic, number});
  }
  if (partition.lag) to.add("millrace_partition_lag_offsets", *partition.lag, {topic, number});
}

void add_state(const Vitals& vitals, Exposition& to) {
  to.add("millrace_health", static_cast<double>(vitals.health.status));
  to.add("millrace_identity_broken", uint64_t{vitals.identity_broken.size()});
  for (const report::Alert& alert : vitals.alerts) {
    to.add("millrace_alert_state", static_cast<double>(alert.state), {alert.rule.name});
    if (alert.value) to.add("millrace_alert_value", *alert.value, {alert.rule.name});
  }
}

void add_batches(const Vitals& vitals, Exposition& to) {
  for (size_t i = 0; i < report::kStages; ++i) {
    to.add("millrace_batch_stage_seconds", vitals.stages[i],
           {std::string(name_of(static_cast<report::Stage>(i)))});
  }
  to.add("millrace_batches_settled_total", vitals.batches);
  to.add("millrace_batches", vitals.batches_processing, {"processing"});
  to.add("millrace_batches", vitals.batches_queued, {"queued"});
  to.add("millrace_batches", vitals.batches_unsettled, {"unsettled"});
  to.add("millrace_memory_limit_bytes", vitals.memory_bytes);
  to.add("millrace_batch_memory_limit_bytes", vitals.batch_memory_bytes);
  to.add("millrace_batch_memory_bytes", vitals.batch_memory_used);
  to.add("millrace_memory_budget_spent", vitals.budget_spent);
  to.add("millrace_state_bytes", vitals.state_bytes);
}

void add_commits(const Vitals& vitals, Exposition& to) {
  to.add("millrace_commit_seconds", vitals.commits);
  to.add("millrace_commits_failed_total", vitals.commits_failed);
  if (vitals.since_commit) to.add("millrace_commit_age_seconds", vitals.since_commit->count());
  to.add("millrace_commit_interval_seconds", vitals.commit_every.count());
  to.add("millrace_rebalances_total", vitals.rebalances);
  to.add("millrace_rewinds_total", vitals.rewinds);
}

void add_client(const report::ClientVitals& client, Exposition& to) {
  to.add("millrace_client_brokers", client.brokers, {client.name});
  to.add("millrace_client_brokers_up", client.brokers_up, {client.name});
  to.add("millrace_client_queued_messages", client.queued_messages, {client.name});
  to.add("millrace_client_queued_bytes", client.queued_bytes, {client.name});
  to.add("millrace_client_sent_bytes_total", client.sent_bytes, {client.name});
  to.add("millrace_client_received_bytes_total", client.received_bytes, {client.name});
  to.add("millrace_client_requests_total", client.requests, {client.name});
  to.add("millrace_client_request_timeouts_total", client.request_timeouts, {client.name});
  to.add("millrace_client_request_errors_total", client.request_errors, {client.name});
  to.add("millrace_client_round_trip_seconds", client.round_trip_seconds, {client.name});
  to.add("millrace_client_throttle_seconds", client.throttle_seconds, {client.name});
}

void add_process(const Vitals& vitals, Exposition& to) {
  to.add("process_start_time_seconds", unix_seconds(vitals.started_ms));
  to.add("process_cpu_seconds_total", vitals.cpu.count());
  to.add("process_resident_memory_bytes", vitals.rss_bytes);
  to.add("millrace_peak_resident_memory_bytes", vitals.peak_rss_bytes);
}

// Of quantiles there are several, and of the rest some are tables: those are in /insights.json.
void add_insights(const std::vector<insights::Result>& results, Exposition& to) {
  for (const insights::Result& result : results) {
    const std::string& name = result.insight->name;
    const auto number = report::number_of(results, name, std::nullopt);
    if (number) to.add("millrace_insight_value", *number, {name});
  }
}

void add_phase(const Vitals* vitals, Exposition& to) {
  to.add("millrace_phase", vitals == nullptr, {"starting"});
  for (const report::Phase phase :
       {report::Phase::kRunning, report::Phase::kDraining, report::Phase::kFinished}) {
    to.add("millrace_phase", vitals != nullptr && vitals->phase == phase,
           {std::string(name_of(phase))});
  }
}

}  // namespace

std::string_view name_of(MetricType type) {
  switch (type) {
    case MetricType::kCounter:
      return "counter";
    case MetricType::kGauge:
      return "gauge";
    case MetricType::kHistogram:
      return "histogram";
  }
  return "gauge";
}

std::span<const Metric> metrics() {
  return kMetrics;
}

std::string to_metrics(const Vitals* vitals, const std::vector<insights::Result>* results,
                       bool ready) {
  Exposition exposition;
  exposition.add("millrace_ready", ready);
  add_phase(vitals, exposition);
  if (vitals != nullptr) {
    exposition.add("millrace_info", 1.0,
                   {vitals->pipeline, vitals->instance, vitals->version, vitals->guarantee});
    exposition.add("millrace_run_start_time_seconds", unix_seconds(vitals->started_ms));
    add_records(*vitals, exposition);
    for (const report::PartitionVitals& partition : vitals->partitions)
      add_partition(partition, exposition);
    add_state(*vitals, exposition);
    add_batches(*vitals, exposition);
    add_commits(*vitals, exposition);
    for (const report::ClientVitals& client : vitals->clients) add_client(client, exposition);
    add_process(*vitals, exposition);
  }
  if (results != nullptr) add_insights(*results, exposition);
  return exposition.text();
}

}  // namespace millrace::serve
