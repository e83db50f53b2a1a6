// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/result.h"
#include "engine/config/pipeline_config.h"
#include "engine/kafka/admin.h"

namespace millrace::operate {

// A topic that a pipeline uses, and what it has to be like.
struct TopicNeed {
  enum class Use : uint8_t { kInput, kRecords, kDeadLetters, kOwn };

  std::string name;
  std::string what = {};  // "output topic", "dead-letter topic"
  Use use = Use::kRecords;
  kafka::Side side = kafka::Side::kOutput;
  int32_t partitions = 0;      // 0: as many as the input has
  int32_t partitions_max = 0;  // 0: any number
  // Settings that it is made with.
  std::vector<std::pair<std::string, std::string>> settings = {};
  // Those that it must have, for the pipeline to be right.
  std::vector<std::pair<std::string, std::string>> required = {};
  int64_t message_bytes_min = 0;  // of max.message.bytes
};

struct TopicOptions {
  bool input = false;                 // make the input's topics, too
  std::optional<int32_t> partitions;  // of topics that would have as many as the input
  int32_t replication = -1;           // -1: the broker's default
  std::optional<std::chrono::milliseconds> retention;               // of records
  std::optional<std::chrono::milliseconds> dead_letters_retention;  // of dead letters
  bool dry_run = false;
  std::chrono::milliseconds wait{30'000};
};

struct TopicFinding {
  enum class Kind : uint8_t { kMade, kWouldMake, kThere, kDifferent, kFailed };

  Kind kind = Kind::kThere;
  std::string topic = {};
  std::string what = {};
  std::string text = {};                   // what it is like, or what went wrong
  std::vector<std::string> commands = {};  // that would change what differs
};

// Makes what is missing, and tells of what is there whether it fits. Never changes a topic. The
// input's topics come first in `needs`. An error: no broker answers.
[[nodiscard]] base::Result<std::vector<TopicFinding>> set_up_topics(
    const config::PipelineConfig& config, const std::vector<TopicNeed>& needs,
    const TopicOptions& options, const std::stop_token& stop);

[[nodiscard]] const char* name_of(TopicFinding::Kind kind);

}  // namespace millrace::operate
