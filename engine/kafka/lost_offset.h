// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine/base/ids.h"
#include "engine/config/pipeline_config.h"

// An offset to read next that the log does not have: a silent reset would be a silent loss or a
// silent repeat, so that it is told apart and said. Sentences have no full stop at their end.
//
// Threading: free functions over values; any thread.
namespace millrace::kafka {

// The offsets that a partition's log has: [low, high), as a reader of committed records sees it.
struct LogRange {
  int64_t low = 0;
  int64_t high = 0;
};

// Whether the log has the offset after all, as after a change of the leader: the new one may have
// lagged for a moment.
[[nodiscard]] inline bool holds(const LogRange& range, base::Offset asked) {
  return asked.value >= range.low && asked.value <= range.high;
}

// Why the partition stops. Without a range where the brokers did not tell it.
[[nodiscard]] std::string lost_offset(const base::TopicPartition& id, base::Offset asked,
                                      const std::optional<LogRange>& range);

// Where `policy`, which is not kStop, goes on.
[[nodiscard]] base::Offset go_on_from(const LogRange& range, config::OnLostOffsets policy);

// What going on there costs.
[[nodiscard]] std::string moved_offset(const base::TopicPartition& id, base::Offset asked,
                                       const LogRange& range, config::OnLostOffsets policy);

}  // namespace millrace::kafka
