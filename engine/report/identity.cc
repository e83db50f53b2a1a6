// SPDX-License-Identifier: Apache-2.0
#include <string>

#include <fmt/format.h>

#include "engine/insights/text_table.h"
#include "engine/report/report.h"
#include "engine/report/totals.h"

namespace millrace::report {
namespace {

using insights::grouped;

std::string name_of(const PartitionAccount& account) {
  return fmt::format("{}/{}", account.id.topic, account.id.partition);
}

void check_outcomes(const PartitionAccount& account, Identity& identity) {
  const uint64_t outcomes = account.emitted + account.filtered + account.dead_lettered;
  if (account.consumed == outcomes) return;
  identity.broken.push_back(
      fmt::format("{}: consumed {}, but emitted {} + filtered {} + dead-lettered {} = {}.",
                  name_of(account), grouped(account.consumed), grouped(account.emitted),
                  grouped(account.filtered), grouped(account.dead_lettered), grouped(outcomes)));
}

void check_offsets(const PartitionAccount& account, Identity& identity) {
  if (account.first.valid() && account.next.value - account.first.value < account.elsewhere) {
    identity.broken.push_back(fmt::format("{}: the next offset {} lies before the first, {}.",
                                          name_of(account), account.next.value,
                                          account.first.value));
    return;
  }
  const uint64_t offsets = offsets_of(account);
  if (offsets == account.consumed + account.gaps) return;
  identity.broken.push_back(
      fmt::format("{}: moved over {} offsets, but consumed {} + gaps {} = {}.", name_of(account),
                  grouped(offsets), grouped(account.consumed), grouped(account.gaps),
                  grouped(account.consumed + account.gaps)));
}

void check_polled(const PartitionAccount& account, bool final, Identity& identity) {
  const uint64_t accounted = account.consumed + account.discarded;
  // Before the end, records are in flight between the poll and the settlement.
  if (account.polled == accounted || (!final && account.polled > accounted)) return;
  identity.broken.push_back(fmt::format("{}: polled {}, but consumed {} + discarded {} = {}.",
                                        name_of(account), grouped(account.polled),
                                        grouped(account.consumed), grouped(account.discarded),
                                        grouped(accounted)));
}

// What must have been sent, in numbers that were counted where records are made; the text names
// only the terms that this pipeline has.
void check_sent(const PartitionAccount& account, Identity& identity) {
  const insights::OutputCounts& outputs = account.outputs;
  const uint64_t due = account.emitted - outputs.exploded + outputs.pieces + outputs.copies +
                       account.dead_lettered - outputs.letters_discarded;
  if (account.sent != due) {
    std::string terms = "emitted " + grouped(account.emitted);
    const auto term = [&terms](const char* sign, const char* name, uint64_t count) {
      if (count > 0) terms += fmt::format(" {} {} {}", sign, name, grouped(count));
    };
    term("-", "exploded", outputs.exploded);
    term("+", "pieces", outputs.pieces);
    term("+", "copies", outputs.copies);
    term("+", "dead-lettered", account.dead_lettered);
    term("-", "discarded letters", outputs.letters_discarded);
    identity.broken.push_back(fmt::format("{}: sent {} records, but {} = {}.", name_of(account),
                                          grouped(account.sent), terms, grouped(due)));
  }
  if (account.acknowledged != account.sent) {
    identity.broken.push_back(fmt::format("{}: sent {} records, but {} were acknowledged.",
                                          name_of(account), grouped(account.sent),
                                          grouped(account.acknowledged)));
  }
}

void check_committed(const PartitionAccount& account, Identity& identity) {
  // (Where all that was read was lost again, reading stands at its start and nothing is committed.)
  const bool nothing_stands = account.next == account.first && !account.committed.valid();
  if (offsets_of(account) == 0 || nothing_stands) return;
  // Its offsets may be pending in the transaction of the member that has it now.
  if (!account.ours && !account.committed.valid()) return;
  if (account.committed >= (account.due.valid() ? account.due : account.next)) return;
  identity.broken.push_back(
      account.committed.valid()
          ? fmt::format("{}: committed offset {}, but settled up to {}.", name_of(account),
                        account.committed.value, account.next.value)
          : fmt::format("{}: settled up to {}, but the committed offset could not be read back.",
                        name_of(account), account.next.value));
}

void check_same(const char* what, uint64_t settled, uint64_t counted, Identity& identity) {
  if (settled == counted) return;
  identity.broken.push_back(fmt::format("in total: {} {}, but {} when they were processed.", what,
                                        grouped(settled), grouped(counted)));
}

// Settlement and the shards count the same outcomes at different places, and only at the end are
// both at the same record.
void check_given(const Report& report, Identity& identity) {
  const Totals totals = totals_of(report);
  check_same("emitted", totals.emitted, report.given.emitted, identity);
  check_same("filtered", totals.filtered, report.given.filtered, identity);
  check_same("dead-lettered", totals.dead_lettered, report.given.dead_lettered, identity);
}

// What is known of a partition at the end must be all that settled of it.
void check_reached(const PartitionAccount& account, const Counted& counted, Identity& identity) {
  for (const StateAccount& state : counted.partitions) {
    if (state.id != account.id || !account.ours || account.recounting) continue;
    if (state.coverage.end == account.next) continue;
    identity.broken.push_back(fmt::format("{}: settled up to {}, but the insights cover up to {}.",
                                          name_of(account), account.next.value,
                                          state.coverage.end.value));
  }
}

}  // namespace

Identity check_identity(const Report& report) {
  Identity identity;
  for (const PartitionAccount& account : report.partitions) {
    check_outcomes(account, identity);
    check_offsets(account, identity);
    check_polled(account, report.final, identity);
    check_sent(account, identity);
    if (report.final) check_committed(account, identity);
  }
  if (report.final) {
    check_given(report, identity);
    for (const PartitionAccount& account : report.partitions)
      check_reached(account, report.counted, identity);
    check_counted(report.counted, "", identity);
    if (report.fleet) check_counted(*report.fleet, "in the fleet, ", identity);
  }
  return identity;
}

}  // namespace millrace::report
