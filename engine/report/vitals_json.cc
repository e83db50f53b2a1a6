// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <string>
#include <string_view>

#include "engine/record/json_writer.h"
#include "engine/report/alert_text.h"
#include "engine/report/counted_json.h"
#include "engine/report/health_json.h"
#include "engine/report/vitals.h"

namespace millrace::report {
namespace {

using record::JsonWriter;

// Moves when a member changes its meaning or goes away, not when one is added.
constexpr int kVersion = 1;
constexpr double kMicroseconds = 1e6;

void write_totals(const Vitals& vitals, JsonWriter& writer) {
  writer.name("totals");
  writer.begin_object();
  writer.member("polled", vitals.polled);
  writer.member("consumed", vitals.consumed);
  writer.member("emitted", vitals.emitted);
  writer.member("filtered", vitals.filtered);
  writer.member("dead_lettered", vitals.dead_lettered);
  write_outputs(vitals.outputs, writer);
  writer.member("input_bytes", vitals.input_bytes);
  writer.member("output_bytes", vitals.output_bytes);
  writer.member("uncommitted", vitals.uncommitted);
  writer.end_object();
  write_dead_letters(vitals.dead_letters, writer);
}

void write_partition(const PartitionVitals& partition, JsonWriter& writer) {
  writer.begin_object();
  writer.member("topic", partition.id.topic);
  writer.member("partition", partition.id.partition);
  writer.member("ours", partition.ours);
  writer.member("position", partition.position);
  writer.member("end", partition.end);
  writer.member("lag", partition.lag);
  writer.member("consumed", partition.consumed);
  writer.member("emitted", partition.emitted);
  writer.member("filtered", partition.filtered);
  writer.member("dead_lettered", partition.dead_lettered);
  writer.member("status", name_of(partition.status));
  writer.text_or_null("reason", partition.reason);
  writer.member("recounting", partition.recounting);
  writer.end_object();
}

void write_sample(const DeadLetterSample& sample, JsonWriter& writer) {
  writer.begin_object();
  writer.member("topic", sample.from.topic);
  writer.member("partition", sample.from.partition);
  writer.member("offset", sample.offset);
  writer.member("time_ms", sample.time_ms);
  writer.member("rule", sample.rule);
  writer.member("masked", sample.masked);
  writer.end_object();
}

// Into an object that was begun.
void write_durations(const Durations& durations, JsonWriter& writer) {
  writer.member("count", durations.count());
  writer.rounded("sum_seconds", durations.sum_seconds, kMicroseconds);
  writer.rounded("p50", durations.quantile(0.5), kMicroseconds);
  writer.rounded("p99", durations.quantile(0.99), kMicroseconds);
  writer.name("counts");
  writer.begin_array();
  for (const uint64_t count : durations.counts) writer.number(count);
  writer.end_array();
}

void write_batches(const Vitals& vitals, JsonWriter& writer) {
  writer.name("bounds");
  writer.begin_array();
  for (const double bound : Durations::kBounds) writer.number(bound);
  writer.end_array();
  writer.name("stages");
  writer.begin_object();
  for (size_t stage = 0; stage < kStages; ++stage) {
    writer.name(name_of(static_cast<Stage>(stage)));
    writer.begin_object();
    write_durations(vitals.stages[stage], writer);
    writer.end_object();
  }
  writer.end_object();
  writer.name("batches");
  writer.begin_object();
  writer.member("settled", vitals.batches);
  writer.member("processing", vitals.batches_processing);
  writer.member("queued", vitals.batches_queued);
  writer.member("unsettled", vitals.batches_unsettled);
  writer.end_object();
}

void write_memory(const Vitals& vitals, JsonWriter& writer) {
  writer.name("memory");
  writer.begin_object();
  writer.member("limit_bytes", vitals.memory_bytes);
  writer.member("batch_bytes", vitals.batch_memory_bytes);
  writer.member("batch_used_bytes", vitals.batch_memory_used);
  writer.member("state_bytes", vitals.state_bytes);
  writer.member("budget_spent", vitals.budget_spent);
  writer.member("rss_bytes", vitals.rss_bytes);
  writer.member("peak_rss_bytes", vitals.peak_rss_bytes);
  writer.end_object();
}

void write_commits(const Vitals& vitals, JsonWriter& writer) {
  writer.name("commits");
  writer.begin_object();
  write_durations(vitals.commits, writer);
  writer.member("failed", vitals.commits_failed);
  if (vitals.since_commit) {
    writer.rounded("since_seconds", vitals.since_commit->count(), kMicroseconds);
  } else {
    writer.name("since_seconds");
    writer.null();
  }
  writer.rounded("every_seconds", vitals.commit_every.count(), kMicroseconds);
  writer.end_object();
}

void write_client(const ClientVitals& client, JsonWriter& writer) {
  writer.begin_object();
  writer.member("name", client.name);
  writer.member("brokers_up", client.brokers_up);
  writer.member("brokers", client.brokers);
  writer.member("queued_messages", client.queued_messages);
  writer.member("queued_bytes", client.queued_bytes);
  writer.member("sent_bytes", client.sent_bytes);
  writer.member("received_bytes", client.received_bytes);
  writer.member("requests", client.requests);
  writer.member("request_timeouts", client.request_timeouts);
  writer.member("request_errors", client.request_errors);
  writer.rounded("round_trip_seconds", client.round_trip_seconds, kMicroseconds);
  writer.rounded("throttle_seconds", client.throttle_seconds, kMicroseconds);
  writer.end_object();
}

void write_condition(const Vitals& vitals, JsonWriter& writer) {
  write_health(vitals.health, writer);
  write_alerts(vitals.alerts, writer);
  writer.name("identity_broken");
  writer.begin_array();
  for (const std::string& sentence : vitals.identity_broken) writer.string(sentence);
  writer.end_array();
}

}  // namespace

std::string to_json(const Vitals& vitals) {
  JsonWriter writer;
  writer.begin_object();
  writer.member("version", kVersion);
  writer.member("pipeline", vitals.pipeline);
  writer.text_or_null("instance", vitals.instance);
  writer.member("program", vitals.version);
  writer.member("guarantee", vitals.guarantee);
  writer.member("phase", name_of(vitals.phase));
  writer.member("time_ms", vitals.time_ms);
  writer.member("started_ms", vitals.started_ms);
  writer.rounded("seconds", vitals.elapsed.count(), kMicroseconds);
  write_totals(vitals, writer);
  writer.member("lag", vitals.lag);
  writer.name("partitions");
  writer.begin_array();
  for (const PartitionVitals& partition : vitals.partitions) write_partition(partition, writer);
  writer.end_array();
  write_condition(vitals, writer);
  writer.name("samples");
  writer.begin_array();
  for (const DeadLetterSample& sample : vitals.samples) write_sample(sample, writer);
  writer.end_array();
  write_batches(vitals, writer);
  write_memory(vitals, writer);
  write_commits(vitals, writer);
  writer.member("rebalances", vitals.rebalances);
  writer.member("rewinds", vitals.rewinds);
  writer.name("clients");
  writer.begin_array();
  for (const ClientVitals& client : vitals.clients) write_client(client, writer);
  writer.end_array();
  writer.rounded("cpu_seconds", vitals.cpu.count(), kMicroseconds);
  writer.end_object();
  return writer.take();
}

}  // namespace millrace::report
