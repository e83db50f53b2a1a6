// SPDX-License-Identifier: Apache-2.0
#include "engine/app/lag.h"

#include <algorithm>

namespace millrace::app {

std::optional<uint64_t> lag_of(const flow::Progress& progress,
                               const kafka::PartitionWatch::View& reading) {
  uint64_t lag = 0;
  bool any = false;
  for (const flow::PartitionProgress& partition : progress.partitions) {
    const auto read =
        std::find_if(reading.partitions.begin(), reading.partitions.end(),
                     [&partition](const auto& one) { return one.id == partition.id; });
    if (read == reading.partitions.end()) continue;  // another member's, and stopped here before
    if (!read->log_end.valid() || !partition.position.valid()) return std::nullopt;
    base::Offset end = read->log_end;
    if (partition.until) end = std::min(end, *partition.until);
    if (end > partition.position)
      lag += static_cast<uint64_t>(end.value - partition.position.value);
    any = true;
  }
  return any ? std::optional(lag) : std::nullopt;
}

}  // namespace millrace::app
