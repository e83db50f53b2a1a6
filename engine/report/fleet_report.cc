// SPDX-License-Identifier: Apache-2.0
#include "engine/report/fleet_report.h"

#include <fmt/format.h>

#include "engine/insights/text_table.h"
#include "engine/record/json_writer.h"
#include "engine/report/counted_json.h"
#include "engine/report/text_blocks.h"

namespace millrace::report {
namespace {

using insights::grouped;
using insights::printable;
using insights::TextTable;
using Align = TextTable::Align;

// As in the report of a run (json.cc).
constexpr int kVersion = 1;

std::string partitions_block(const Counted& counted) {
  if (counted.partitions.empty()) return "\npartitions\n  no state was written yet\n";
  TextTable table(
      {Align::kLeft, Align::kRight, Align::kRight, Align::kRight, Align::kRight, Align::kRight});
  table.add_row({"topic", "partition", "first", "next", "consumed", "gaps"});
  for (const StateAccount& account : counted.partitions) {
    table.add_row(
        {printable(account.id.topic, kNameColumnsMax), fmt::to_string(account.id.partition),
         fmt::to_string(account.coverage.begin.value), fmt::to_string(account.coverage.end.value),
         grouped(account.coverage.records), grouped(account.coverage.gaps)});
  }
  return "\npartitions\n" + table.to_text(kIndent);
}

std::string identity_block(const FleetReport& report) {
  const Identity identity = check_identity(report);
  if (identity.holds()) return "\nidentity: holds\n" + counted_lines(report.counted);
  std::string text = "\nidentity: DOES NOT HOLD\n";
  for (const std::string& sentence : identity.broken) text += safe_sentence(sentence);
  return text + counted_lines(report.counted);
}

}  // namespace

Identity check_identity(const FleetReport& report) {
  Identity identity;
  check_counted(report.counted, "", identity);
  return identity;
}

std::string to_text(const FleetReport& report) {
  std::string text = fmt::format("{}: the fleet of group {}, since the beginning\n",
                                 printable(report.pipeline, kNameColumnsMax),
                                 printable(report.group, kNameColumnsMax));
  if (!report.as_of.empty())
    text += wrapped(fmt::format("as written down; the oldest state is of {}", report.as_of));
  return text + dead_letters_block(report.counted.given, "") + partitions_block(report.counted) +
         insights_block("insights", report.counted.insights) + identity_block(report);
}

std::string to_json(const FleetReport& report) {
  record::JsonWriter writer(2);
  writer.begin_object();
  writer.member("version", kVersion);
  writer.member("pipeline", report.pipeline);
  writer.member("group", report.group);
  writer.member("final", false);
  writer.text_or_null("as_of", report.as_of);
  write_counted(report.counted, writer);
  write_identity(check_identity(report), writer);
  write_insights(report.counted.insights, writer);
  writer.member("durable", true);
  writer.end_object();
  return writer.take() + '\n';
}

}  // namespace millrace::report
