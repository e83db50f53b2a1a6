// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "engine/insights/results.h"
#include "engine/record/json_writer.h"
#include "engine/report/report.h"
#include "engine/report/totals.h"

namespace millrace::report {
namespace {

using record::JsonWriter;

// Moves when a member changes its meaning or goes away, not when one is added.
constexpr int kVersion = 1;

void member(const char* name, uint64_t value, JsonWriter& writer) {
  writer.name(name);
  writer.number(value);
}

void member(const char* name, base::Offset value, JsonWriter& writer) {
  writer.name(name);
  if (value.valid()) {
    writer.number(value.value);
  } else {
    writer.null();
  }
}

void text_or_null(const char* name, const std::string& text, JsonWriter& writer) {
  writer.name(name);
  if (text.empty()) {
    writer.null();
  } else {
    writer.string(text);
  }
}

// Rounded, so that the text does not carry digits that mean nothing.
void rounded_member(const char* name, double value, double digits, JsonWriter& writer) {
  writer.name(name);
  writer.number(std::round(value * digits) / digits);
}

// What the outcomes do not count.
void write_outputs(const insights::OutputCounts& outputs, JsonWriter& writer) {
  member("copies", outputs.copies, writer);
  member("exploded", outputs.exploded, writer);
  member("pieces", outputs.pieces, writer);
  member("dead_letters_discarded", outputs.letters_discarded, writer);
}

void write_totals(const Totals& totals, JsonWriter& writer) {
  writer.name("totals");
  writer.begin_object();
  member("consumed", totals.consumed, writer);
  member("emitted", totals.emitted, writer);
  member("filtered", totals.filtered, writer);
  member("dead_lettered", totals.dead_lettered, writer);
  write_outputs(totals.outputs, writer);
  writer.end_object();
}

void write_dead_letters(const Report& report, JsonWriter& writer) {
  writer.name("dead_letters");
  writer.begin_object();
  for (const auto& [rule, count] : report.given.dead_letters) {
    member(rule.c_str(), count, writer);
  }
  writer.end_object();
}

void write_partition(const PartitionAccount& account, bool final, JsonWriter& writer) {
  writer.begin_object();
  writer.name("topic");
  writer.string(account.id.topic);
  writer.name("partition");
  writer.number(account.id.partition);
  member("first_offset", account.first, writer);
  member("next_offset", account.next, writer);
  member("committed_offset", final ? account.committed : base::Offset{}, writer);
  member("consumed", account.consumed, writer);
  member("gaps", account.gaps, writer);
  member("emitted", account.emitted, writer);
  member("filtered", account.filtered, writer);
  member("dead_lettered", account.dead_lettered, writer);
  write_outputs(account.outputs, writer);
  member("sent", account.sent, writer);
  member("acknowledged", account.acknowledged, writer);
  text_or_null("stopped", account.stopped, writer);
  writer.end_object();
}

void write_health(const Health& health, JsonWriter& writer) {
  writer.name("health");
  writer.begin_object();
  writer.name("status");
  writer.string(name_of(health.status));
  text_or_null("instance", health.instance, writer);
  writer.name("partitions");
  writer.begin_array();
  for (const PartitionHealth& partition : health.partitions) {
    writer.begin_object();
    writer.name("topic");
    writer.string(partition.id.topic);
    writer.name("partition");
    writer.number(partition.id.partition);
    writer.name("status");
    writer.string(name_of(partition.status));
    writer.name("reason");
    writer.string(partition.reason);
    member("position", partition.position, writer);
    writer.name("lag");
    if (partition.lag) {
      writer.number(*partition.lag);
    } else {
      writer.null();
    }
    rounded_member("still_seconds", std::chrono::duration<double>(partition.still_for).count(), 10,
                   writer);
    writer.end_object();
  }
  writer.end_array();
  writer.end_object();
}

void write_identity(const Identity& identity, JsonWriter& writer) {
  writer.name("identity");
  writer.begin_object();
  writer.name("holds");
  writer.boolean(identity.holds());
  writer.name("broken");
  writer.begin_array();
  for (const std::string& sentence : identity.broken) writer.string(sentence);
  writer.end_array();
  writer.end_object();
}

// For each insight where it is not 0.
void write_numbers(const char* name, const std::vector<insights::Result>& results,
                   uint64_t insights::Result::*number, JsonWriter& writer) {
  writer.name(name);
  writer.begin_object();
  for (const insights::Result& result : results) {
    if (result.*number > 0) member(result.insight->name.c_str(), result.*number, writer);
  }
  writer.end_object();
}

// The results, and beside them what is missing from them; the shape of a result is fixed.
void write_insights(const std::vector<insights::Result>& results, JsonWriter& writer) {
  writer.name("insights");
  writer.begin_object();
  for (const insights::Result& result : results) {
    writer.name(result.insight->name);
    insights::write_json(result, writer);
  }
  writer.end_object();
  write_numbers("not_counted", results, &insights::Result::missing, writer);
  write_numbers("not_kept", results, &insights::Result::not_kept, writer);
}

// Everything that may differ between two runs over the same input stands here, but for the insights
// that say that they are live.
void write_run(const Report& report, const Totals& totals, JsonWriter& writer) {
  writer.name("run");
  writer.begin_object();
  writer.name("ended_by");
  writer.string(report.ended_by);
  rounded_member("seconds", report.elapsed.count(), 1e6, writer);
  rounded_member("cpu_seconds", report.cpu.count(), 1e6, writer);
  rounded_member("records_per_second", records_per_second(report), 10, writer);
  member("peak_rss_bytes", report.peak_rss_bytes, writer);
  member("polled", totals.polled, writer);
  member("discarded", totals.discarded, writer);
  write_health(report.health, writer);
  writer.end_object();
}

}  // namespace

std::string to_json(const Report& report) {
  const Totals totals = totals_of(report);
  JsonWriter writer(2);
  writer.begin_object();
  writer.name("version");
  writer.number(kVersion);
  writer.name("pipeline");
  writer.string(report.pipeline);
  writer.name("final");
  writer.boolean(report.final);
  write_totals(totals, writer);
  write_dead_letters(report, writer);
  writer.name("partitions");
  writer.begin_array();
  for (const PartitionAccount& account : report.partitions) {
    write_partition(account, report.final, writer);
  }
  writer.end_array();
  write_identity(check_identity(report), writer);
  write_insights(report.insights, writer);
  write_run(report, totals, writer);
  writer.end_object();
  return writer.take() + '\n';
}

}  // namespace millrace::report
