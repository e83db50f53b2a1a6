// SPDX-License-Identifier: Apache-2.0
#include "engine/report/counted.h"

#include <fmt/format.h>

#include "engine/insights/text_table.h"

namespace millrace::report {
namespace {

using insights::grouped;

// Those that were looked at: what was jumped is nobody's.
int64_t offsets_of(const insights::Coverage& coverage) {
  return coverage.end.value - coverage.begin.value - coverage.jumped;
}

void check_partition(const StateAccount& account, const std::string& whose, Identity& identity) {
  const std::string name = fmt::format("{}/{}", account.id.topic, account.id.partition);
  const insights::Coverage& coverage = account.coverage;
  const uint64_t outcomes = account.emitted + account.filtered + account.dead_lettered;
  if (coverage.records != outcomes) {
    identity.broken.push_back(
        fmt::format("{}{}: the insights cover {} records, but emitted {} + filtered {} + "
                    "dead-lettered {} = {}.",
                    whose, name, grouped(coverage.records), grouped(account.emitted),
                    grouped(account.filtered), grouped(account.dead_lettered), grouped(outcomes)));
  }
  const uint64_t covered = coverage.records + coverage.gaps;
  const int64_t offsets = offsets_of(coverage);
  if (offsets < 0 || static_cast<uint64_t>(offsets) != covered) {
    identity.broken.push_back(fmt::format(
        "{}{}: the insights cover {} offsets, but records {} + gaps {} = {}.", whose, name, offsets,
        grouped(coverage.records), grouped(coverage.gaps), grouped(covered)));
  }
}

void check_same(const std::string& whose, const char* what, uint64_t of_partitions,
                uint64_t in_total, Identity& identity) {
  if (of_partitions == in_total) return;
  identity.broken.push_back(
      fmt::format("{}in total: {} {} in the partitions' states, but {} all "
                  "together.",
                  whose, what, grouped(of_partitions), grouped(in_total)));
}

// An insight that began later than the state is about what came since then.
void check_since(const insights::Result& result, const std::string& whose, Identity& identity) {
  if (result.part->selection != 0 || result.selected == result.emitted) return;
  identity.broken.push_back(
      fmt::format("{}insight {}: given {} records, but {} were emitted since it began.", whose,
                  result.insight->name, grouped(result.selected), grouped(result.emitted)));
}

void check_insight(const insights::Result& result, const std::string& whose, Identity& identity) {
  check_since(result, whose, identity);
  const uint64_t sum = result.counted + result.missing + result.late + result.ahead;
  if (sum == result.selected) return;
  // The first selection is that of the emitted records.
  const char* selected = result.part->selection == 0 ? "emitted" : "selected";
  std::string terms =
      fmt::format("counted {} + not counted {}", grouped(result.counted), grouped(result.missing));
  if (result.late > 0) terms += fmt::format(" + late {}", grouped(result.late));
  if (result.ahead > 0) terms += fmt::format(" + ahead {}", grouped(result.ahead));
  identity.broken.push_back(fmt::format("{}insight {}: {} = {}, but {} {}.", whose,
                                        result.insight->name, terms, grouped(sum), selected,
                                        grouped(result.selected)));
}

}  // namespace

CountedTotals totals_of(const Counted& counted) {
  CountedTotals totals;
  for (const StateAccount& account : counted.partitions) {
    totals.offsets += static_cast<uint64_t>(offsets_of(account.coverage));
    totals.records += account.coverage.records;
    totals.gaps += account.coverage.gaps;
    totals.emitted += account.emitted;
    totals.filtered += account.filtered;
    totals.dead_lettered += account.dead_lettered;
    totals.outputs += account.outputs;
  }
  return totals;
}

void check_counted(const Counted& counted, const std::string& whose, Identity& identity) {
  for (const StateAccount& account : counted.partitions) check_partition(account, whose, identity);
  const CountedTotals totals = totals_of(counted);
  check_same(whose, "emitted", totals.emitted, counted.given.emitted, identity);
  check_same(whose, "filtered", totals.filtered, counted.given.filtered, identity);
  check_same(whose, "dead-lettered", totals.dead_lettered, counted.given.dead_lettered, identity);
  for (const insights::Result& result : counted.insights) check_insight(result, whose, identity);
}

}  // namespace millrace::report
