// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>

#include "engine/base/result.h"
#include "engine/config/pipeline_config.h"
#include "engine/kafka/admin.h"
#include "engine/kafka/producer.h"

namespace millrace::operate {

// The topics that a replay needs beside those of the route; both are made where they are missing.
struct ReplayTopics {
  kafka::ProducerOptions::Topic parking;
  kafka::ProducerOptions::Topic progress;
};

// The topic that replays note their progress in: compacted, one partition.
[[nodiscard]] kafka::NewTopic progress_topic(const std::string& name);

// `partitions`: of the parking topic, where it is made. An error where the progress topic is there
// and the brokers would delete from it. `settings_wait`: for those of each topic.
[[nodiscard]] base::Result<ReplayTopics> ensure_replay_topics(
    const config::KafkaConfig& kafka, const std::string& parking, const std::string& progress,
    const std::string& dead_letters, const kafka::Patience& patience,
    std::chrono::milliseconds settings_wait);

}  // namespace millrace::operate
