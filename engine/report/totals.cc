// SPDX-License-Identifier: Apache-2.0
#include "engine/report/totals.h"

namespace millrace::report {

Totals totals_of(const Report& report) {
  Totals totals;
  for (const PartitionAccount& account : report.partitions) {
    totals.polled += account.polled;
    totals.discarded += account.discarded;
    totals.consumed += account.consumed;
    totals.gaps += account.gaps;
    totals.emitted += account.emitted;
    totals.filtered += account.filtered;
    totals.dead_lettered += account.dead_lettered;
    totals.outputs += account.outputs;
  }
  return totals;
}

uint64_t offsets_of(const PartitionAccount& account) {
  if (!account.first.valid()) return 0;
  const int64_t moved = account.next.value - account.first.value - account.elsewhere;
  return moved <= 0 ? 0 : static_cast<uint64_t>(moved);
}

double records_per_second(const Report& report) {
  const double seconds = report.elapsed.count();
  return seconds > 0 ? static_cast<double>(totals_of(report).consumed) / seconds : 0;
}

}  // namespace millrace::report
