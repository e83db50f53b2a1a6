// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "engine/config/pipeline_config.h"
#include "engine/io/state_log.h"
#include "engine/state/restore.h"

namespace millrace::flow {

// How insights outlive the process: written down with commits, restored when a partition is
// assigned. Where commits are no transactions there is none of this.
struct Durable {
  io::StateLog* log = nullptr;  // outlives the flow; used by the poll thread
  state::RestoreOptions restore;
  std::chrono::milliseconds every{5000};
  config::OnMovedOffsets on_moved = config::OnMovedOffsets::kStop;
  std::string pipeline;  // whose insights they are, on topics
  // Of records that insights write to topics.
  size_t topic_record_bytes_max = size_t{1} << 20;
  // Begins the ids of commits; different in each run, so that no two commits have the same id.
  std::string commit_prefix;
  std::function<int64_t()> now_ms;  // Unix time, for those who look at the topic
};

}  // namespace millrace::flow
