// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stop_token>
#include <string>
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
  std::string metadata = {};  // that was committed with it
};

// For each of `partitions` the committed offset, or where there is none the end of the partition
// that `start` names. Waits as long as it takes, saying once what for: a dead member's transaction
// can hold committed offsets back for its whole timeout. An error only where waiting is no use: on
// a stop request, when the assignment was lost meanwhile, and where only a person can help.
[[nodiscard]] base::Result<std::vector<StartPoint>> find_start_points(
    rd_kafka_t* consumer, const rd_kafka_topic_partition_list_t& partitions, config::Start start,
    ClientEvents& events, const std::stop_token& stop);

// Whether there is no use in beginning an assignment any more.
[[nodiscard]] bool is_over(rd_kafka_t* consumer, const std::stop_token& stop);

}  // namespace millrace::kafka
