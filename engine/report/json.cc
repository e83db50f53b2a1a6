// SPDX-License-Identifier: Apache-2.0
#include "engine/record/json_writer.h"
#include "engine/report/alert_text.h"
#include "engine/report/counted_json.h"
#include "engine/report/health_json.h"
#include "engine/report/report.h"
#include "engine/report/totals.h"

namespace millrace::report {
namespace {

using record::JsonWriter;

// Moves when a member changes its meaning or goes away, not when one is added.
constexpr int kVersion = 1;

void write_totals(const Totals& totals, JsonWriter& writer) {
  writer.name("totals");
  writer.begin_object();
  writer.member("consumed", totals.consumed);
  writer.member("emitted", totals.emitted);
  writer.member("filtered", totals.filtered);
  writer.member("dead_lettered", totals.dead_lettered);
  write_outputs(totals.outputs, writer);
  writer.end_object();
}

void write_partition(const PartitionAccount& account, bool final, JsonWriter& writer) {
  writer.begin_object();
  writer.member("topic", account.id.topic);
  writer.member("partition", account.id.partition);
  writer.member("first_offset", account.first);
  writer.member("next_offset", account.next);
  writer.member("committed_offset", final ? account.committed : base::Offset{});
  writer.member("consumed", account.consumed);
  writer.member("gaps", account.gaps);
  writer.member("emitted", account.emitted);
  writer.member("filtered", account.filtered);
  writer.member("dead_lettered", account.dead_lettered);
  write_outputs(account.outputs, writer);
  writer.member("sent", account.sent);
  writer.member("acknowledged", account.acknowledged);
  writer.text_or_null("stopped", account.stopped);
  writer.end_object();
}

// Where insights outlive the run: what they are about, and those of all partitions of the group.
void write_beginning(const Report& report, JsonWriter& writer) {
  writer.member("durable", report.durable);
  if (!report.durable) return;
  writer.name("since_beginning");
  writer.begin_object();
  write_counted(report.counted, writer);
  writer.end_object();
  writer.name("fleet");
  if (!report.fleet) {
    writer.null();
    return;
  }
  writer.begin_object();
  write_counted(*report.fleet, writer);
  write_insights(report.fleet->insights, writer);
  writer.end_object();
}

// Everything that may differ between two runs over the same input stands here, but for the insights
// that say that they are live.
void write_run(const Report& report, const Totals& totals, JsonWriter& writer) {
  writer.name("run");
  writer.begin_object();
  writer.member("ended_by", report.ended_by);
  writer.rounded("seconds", report.elapsed.count(), 1e6);
  writer.rounded("cpu_seconds", report.cpu.count(), 1e6);
  writer.rounded("records_per_second", records_per_second(report), 10);
  writer.member("peak_rss_bytes", report.peak_rss_bytes);
  writer.member("polled", totals.polled);
  writer.member("discarded", totals.discarded);
  write_health(report.health, writer);
  write_alerts(report.alerts, writer);
  writer.end_object();
}

}  // namespace

std::string to_json(const Report& report) {
  const Totals totals = totals_of(report);
  JsonWriter writer(2);
  writer.begin_object();
  writer.member("version", kVersion);
  writer.member("pipeline", report.pipeline);
  writer.member("final", report.final);
  write_totals(totals, writer);
  write_dead_letters(report.given.dead_letters, writer);
  writer.name("partitions");
  writer.begin_array();
  for (const PartitionAccount& account : report.partitions) {
    write_partition(account, report.final, writer);
  }
  writer.end_array();
  write_identity(check_identity(report), writer);
  write_insights(report.counted.insights, writer);
  write_beginning(report, writer);
  write_run(report, totals, writer);
  writer.end_object();
  return writer.take() + '\n';
}

}  // namespace millrace::report
