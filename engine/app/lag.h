// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "engine/flow/progress.h"
#include "engine/kafka/partition_watch.h"

namespace millrace::app {

// The offsets that this process has still to settle in its partitions, up to the ends of their logs
// as the last fetches told them, or to where the run ends. Nothing where it has no partition, or
// one whose end is not known yet.
[[nodiscard]] std::optional<uint64_t> lag_of(const flow::Progress& progress,
                                             const kafka::PartitionWatch::View& reading);

}  // namespace millrace::app
