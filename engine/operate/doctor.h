// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/config/pipeline_config.h"
#include "engine/insights/insight.h"
#include "engine/kafka/broker_probe.h"
#include "engine/operate/finding.h"
#include "engine/operate/standings.h"

namespace millrace::operate {

// How long an input topic keeps its records, and whose clock their times are of.
struct InputLog {
  std::string topic = {};
  std::optional<int64_t> retention_ms = {};  // none: not known; negative: for ever
  bool deletes = true;                       // by age or size, not by compaction only
  bool broker_time = false;                  // message.timestamp.type=LogAppendTime
  // How far its newest record is ahead of this machine's clock; none: it is not.
  std::optional<int64_t> ahead_ms = {};
};

// A partition of a topic that we write to, where a transaction is open.
struct HeldBack {
  base::TopicPartition id;
  base::Offset stable;
  base::Offset end;
  std::optional<int64_t> since_ms;  // the time of its first record
};

struct DeadLetterTopic {
  std::string name;
  int64_t records = 0;  // at most; offsets between begin and end
  int64_t last_day = 0;
};

// All that the doctor looked at. Plain values.
struct Examination {
  std::vector<kafka::BrokerAnswer> brokers;
  std::vector<Finding> permissions;  // as check --connect says them
  std::optional<Standings> standings;
  std::string standings_error;
  std::vector<InputLog> inputs;
  // Those that did not move while the doctor looked twice, of the input, the outputs and the
  // state.
  std::vector<HeldBack> held_back;
  std::vector<DeadLetterTopic> dead_letters;
};

struct DoctorOptions {
  std::chrono::milliseconds wait{10'000};
  std::vector<std::string> outputs;  // topics that the pipeline writes to
  std::vector<std::string> dead_letters;
};

// Asks the brokers. Joins nothing and writes nothing.
[[nodiscard]] Examination examine(const config::PipelineConfig& config,
                                  const insights::Declaration& declaration,
                                  const DoctorOptions& options);

// What it means, and what to do: a function of what was seen.
[[nodiscard]] std::vector<Finding> judge(const Examination& seen,
                                         const config::PipelineConfig& config);

}  // namespace millrace::operate
