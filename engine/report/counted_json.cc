// SPDX-License-Identifier: Apache-2.0
#include "engine/report/counted_json.h"

#include <string>

namespace millrace::report {
namespace {

using record::JsonWriter;

// For each insight where it is not 0.
void write_numbers(const char* name, const std::vector<insights::Result>& results,
                   uint64_t insights::Result::*number, JsonWriter& writer) {
  writer.name(name);
  writer.begin_object();
  for (const insights::Result& result : results) {
    if (result.*number > 0) writer.member(result.insight->name, result.*number);
  }
  writer.end_object();
}

void write_partition(const StateAccount& account, JsonWriter& writer) {
  writer.begin_object();
  writer.member("topic", account.id.topic);
  writer.member("partition", account.id.partition);
  writer.member("first_offset", account.coverage.begin.value);
  writer.member("next_offset", account.coverage.end.value);
  writer.member("consumed", account.coverage.records);
  writer.member("gaps", account.coverage.gaps);
  writer.member("jumped", account.coverage.jumped);
  writer.member("emitted", account.emitted);
  writer.member("filtered", account.filtered);
  writer.member("dead_lettered", account.dead_lettered);
  write_outputs(account.outputs, writer);
  writer.text_or_null("error", account.error);
  writer.end_object();
}

}  // namespace

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

void write_dead_letters(const std::map<std::string, uint64_t>& by_rule, JsonWriter& writer) {
  writer.name("dead_letters");
  writer.begin_object();
  for (const auto& [rule, count] : by_rule) writer.member(rule, count);
  writer.end_object();
}

void write_outputs(const insights::OutputCounts& outputs, JsonWriter& writer) {
  writer.member("copies", outputs.copies);
  writer.member("exploded", outputs.exploded);
  writer.member("pieces", outputs.pieces);
  writer.member("dead_letters_discarded", outputs.letters_discarded);
}

void write_identity(const Identity& identity, JsonWriter& writer) {
  writer.name("identity");
  writer.begin_object();
  writer.member("holds", identity.holds());
  writer.name("broken");
  writer.begin_array();
  for (const std::string& sentence : identity.broken) writer.string(sentence);
  writer.end_array();
  writer.end_object();
}

void write_counted(const Counted& counted, JsonWriter& writer) {
  const CountedTotals totals = totals_of(counted);
  writer.name("totals");
  writer.begin_object();
  writer.member("consumed", totals.records);
  writer.member("emitted", totals.emitted);
  writer.member("filtered", totals.filtered);
  writer.member("dead_lettered", totals.dead_lettered);
  write_outputs(totals.outputs, writer);
  writer.end_object();
  write_dead_letters(counted.given.dead_letters, writer);
  writer.name("partitions");
  writer.begin_array();
  for (const StateAccount& account : counted.partitions) write_partition(account, writer);
  writer.end_array();
}

}  // namespace millrace::report
