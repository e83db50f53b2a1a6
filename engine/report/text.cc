// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <string>

#include <fmt/format.h>

#include "engine/insights/results.h"
#include "engine/insights/text_table.h"
#include "engine/report/alert_text.h"
#include "engine/report/report.h"
#include "engine/report/text_blocks.h"
#include "engine/report/totals.h"

namespace millrace::report {
namespace {

using insights::grouped;
using insights::printable;
using insights::share;
using insights::TextTable;
using Align = TextTable::Align;

std::string title(const Report& report) {
  const std::string name = printable(report.pipeline, kNameColumnsMax);
  if (!report.final) return name + ": report of a run that goes on\n";
  const std::string end = printable(report.ended_by, 2000);
  const std::string line = fmt::format("{}: final report, ended by {}", name, end);
  if (insights::display_width(line) <= kColumns) return line + '\n';
  return fmt::format("{}: final report\n", name) + wrapped("ended by " + end);
}

std::string records_block(const Totals& totals) {
  TextTable table({Align::kLeft, Align::kRight, Align::kRight});
  table.add_row({"consumed", grouped(totals.consumed)});
  const auto outcome = [&](const char* name, uint64_t count) {
    table.add_row({name, grouped(count), share(count, totals.consumed)});
  };
  outcome("emitted", totals.emitted);
  outcome("filtered", totals.filtered);
  outcome("dead-lettered", totals.dead_lettered);
  std::string text = "\nrecords\n" + table.to_text(kIndent);
  if (totals.outputs.exploded > 0) {
    text += wrapped(fmt::format("({} of the emitted went out in {} pieces)",
                                grouped(totals.outputs.exploded), grouped(totals.outputs.pieces)));
  }
  if (totals.outputs.copies > 0) {
    text += wrapped(fmt::format("({} copies went out on the way)", grouped(totals.outputs.copies)));
  }
  if (totals.discarded > 0) {
    text += wrapped(fmt::format(
        "({} more were read and given up before they settled: their partition went to another "
        "member or was read again)",
        grouped(totals.discarded)));
  }
  return text;
}

// Where not all dead letters went to a topic.
std::string discarded_words(const Totals& totals) {
  const uint64_t discarded = totals.outputs.letters_discarded;
  if (discarded == 0) return {};
  if (discarded == totals.dead_lettered) return " (discarded, not sent)";
  return fmt::format(" ({} of them discarded, not sent)", grouped(discarded));
}

// Offsets stand without separators, as Kafka's own tools take and print them.
std::string offset_text(base::Offset offset) {
  return offset.valid() ? fmt::to_string(offset.value) : "-";
}

std::string stopped_lines(const std::vector<PartitionAccount>& partitions) {
  std::string text;
  for (const PartitionAccount& account : partitions) {
    if (account.stopped.empty()) continue;
    text += safe_sentence(fmt::format("{}/{} was stopped: {}", account.id.topic,
                                      account.id.partition, account.stopped));
  }
  return text;
}

std::string partitions_block(const Report& report) {
  if (report.partitions.empty()) return "\npartitions\n  none was assigned\n";
  const bool gaps = totals_of(report).gaps > 0;
  TextTable table({Align::kLeft, Align::kRight, Align::kRight, Align::kRight, Align::kRight,
                   Align::kRight, Align::kRight});
  const auto add_row = [&](std::vector<std::string> cells, std::string gaps_cell,
                           std::string committed_cell) {
    if (gaps) cells.push_back(std::move(gaps_cell));
    if (report.final) cells.push_back(std::move(committed_cell));
    table.add_row(std::move(cells));
  };
  add_row({"topic", "partition", "first", "next", "consumed"}, "gaps", "committed");
  for (const PartitionAccount& account : report.partitions) {
    add_row({printable(account.id.topic, kNameColumnsMax), fmt::to_string(account.id.partition),
             offset_text(account.first), offset_text(account.next), grouped(account.consumed)},
            grouped(account.gaps), offset_text(account.committed));
  }
  return "\npartitions\n" + table.to_text(kIndent) + stopped_lines(report.partitions);
}

// Nothing where all is well.
std::string health_block(const Health& health) {
  if (health.status == Status::kHealthy) return {};
  std::string text = fmt::format("\nhealth: {}\n", name_of(health.status));
  if (!health.instance.empty()) text += safe_sentence(health.instance + '.');
  for (const PartitionHealth& partition : health.partitions)
    text += safe_sentence(to_sentence(partition) + '.');
  return text;
}

// What the insights are about, where that is more than this run, and then the whole group's.
std::string beginning_block(const Report& report) {
  const std::vector<insights::Result>& own = report.counted.insights;
  if (!report.durable) return insights_block("insights", own);
  std::string text = "\nsince the beginning, in these partitions\n" +
                     counted_lines(report.counted) +
                     insights_block("insights since the beginning, in these partitions", own);
  if (!report.fleet) return text;
  const size_t all = report.fleet->partitions.size();
  if (all == report.counted.partitions.size())
    return text + "\nfleet\n" + wrapped("no other member has partitions of this group");
  text += fmt::format("\nfleet: all {} partitions, since the beginning\n", all);
  return text + counted_lines(*report.fleet) +
         insights_block("insights of the fleet", report.fleet->insights);
}

std::string run_block(const Report& report, const Totals& totals) {
  const auto whole = [](double number) {
    return grouped(static_cast<uint64_t>(std::llround(number)));
  };
  const double seconds = report.elapsed.count();
  const double cpu = report.cpu.count();
  const double consumed = static_cast<double>(totals.consumed);
  TextTable table({Align::kLeft, Align::kLeft});
  table.add_row({"elapsed", fmt::format("{:.2f} s", seconds)});
  table.add_row({"rate", whole(records_per_second(report)) + " records/s"});
  table.add_row({"CPU", cpu > 0 ? fmt::format("{:.2f} s, {} records per CPU second", cpu,
                                              whole(consumed / cpu))
                                : fmt::format("{:.2f} s", cpu)});
  table.add_row({"peak memory",
                 fmt::format("{:.1f} MiB", static_cast<double>(report.peak_rss_bytes) / 1048576)});
  return "\nrun\n" + table.to_text(kIndent);
}

// In how many partitions the commit was read back where the run ended; the identity allows it to be
// further, if another member went on there.
std::string committed_terms(const Report& report) {
  size_t read = 0;
  size_t ahead = 0;
  size_t behind = 0;
  size_t unknown = 0;
  for (const PartitionAccount& account : report.partitions) {
    if (offsets_of(account) == 0) continue;
    ++read;
    if (account.committed > account.next) ++ahead;
    if (!account.committed.valid()) {
      ++unknown;
    } else if (account.committed < account.next) {
      ++behind;
    }
  }
  if (read == 0) return "nothing was read, so nothing had to be committed\n";
  std::string text = fmt::format("committed = next in {} of {} partitions",
                                 grouped(read - ahead - behind - unknown), grouped(read));
  if (ahead > 0) text += fmt::format(", further in {} (another member went on)", grouped(ahead));
  if (behind > 0) text += fmt::format(", behind in {} (lost before the commit)", grouped(behind));
  if (unknown > 0) text += fmt::format(", not known in {} (another member's)", grouped(unknown));
  return text + '\n';
}

std::string identity_block(const Report& report, const Totals& totals) {
  const Identity identity = check_identity(report);
  if (!identity.holds()) {
    std::string text = "\nidentity: DOES NOT HOLD\n";
    for (const std::string& sentence : identity.broken) text += safe_sentence(sentence);
    return text;
  }
  uint64_t offsets = 0;
  for (const PartitionAccount& account : report.partitions) offsets += offsets_of(account);
  std::string text = "\nidentity: holds\n";
  text += wrapped(fmt::format("consumed {} = emitted {} + filtered {} + dead-lettered {}",
                              grouped(totals.consumed), grouped(totals.emitted),
                              grouped(totals.filtered), grouped(totals.dead_lettered)));
  text += wrapped(fmt::format("offsets {} = consumed {} + gaps {}", grouped(offsets),
                              grouped(totals.consumed), grouped(totals.gaps)));
  if (report.final) text += std::string(kIndent, ' ') + committed_terms(report);
  return text;
}

}  // namespace

std::string to_text(const Report& report) {
  const Totals totals = totals_of(report);
  return title(report) + records_block(totals) +
         dead_letters_block(report.given, discarded_words(totals)) + partitions_block(report) +
         health_block(report.health) + alerts_block(report.alerts) + beginning_block(report) +
         run_block(report, totals) + identity_block(report, totals);
}

std::string to_line(const Report& report) {
  const Totals totals = totals_of(report);
  std::string line = fmt::format(
      "Report. consumed={} emitted={} filtered={} dead_lettered={} gaps={} seconds={:.1f} "
      "records_per_second={:.0f} identity={}",
      totals.consumed, totals.emitted, totals.filtered, totals.dead_lettered, totals.gaps,
      report.elapsed.count(), records_per_second(report),
      check_identity(report).holds() ? "holds" : "broken");
  if (report.health.status == Status::kUnhealthy)
    line += fmt::format(" health=unhealthy unhealthy_partitions={}",
                        report.health.unhealthy_partitions());
  return line;
}

}  // namespace millrace::report
