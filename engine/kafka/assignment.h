// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <vector>

#include "engine/base/result.h"
#include "engine/config/pipeline_config.h"
#include "engine/kafka/client_events.h"
#include "engine/kafka/rd.h"

namespace millrace::kafka {

// Where an assigned partition begins.
struct StartPoint {
  int64_t offset = 0;
  bool committed = false;
};

// For each of `partitions` the committed offset, or where there is none the end of the partition
// that `start` names. Waits as long as it takes, saying once what for: a dead member's transaction
// can hold committed offsets back for its whole timeout. An error only where waiting is no use, or
// when `cancelled` says so.
[[nodiscard]] base::Result<std::vector<StartPoint>> find_start_points(
    rd_kafka_t* consumer, const rd_kafka_topic_partition_list_t& partitions, config::Start start,
    ClientEvents& events, const std::function<bool()>& cancelled);

}  // namespace millrace::kafka
