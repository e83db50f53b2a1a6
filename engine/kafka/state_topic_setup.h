// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "engine/base/result.h"
#include "engine/config/pipeline_config.h"
#include "engine/kafka/admin.h"

namespace millrace::kafka {

struct StateTopicLimits {
  int32_t partitions = 1;
  size_t message_bytes_max = 1'048'588;
};

// Makes the topic that state is written to, on the input's cluster, where it is not there yet:
// compacted, with as many partitions as the input has, but eight at most. An error says what to do,
// also where the topic is there and its settings would let the brokers delete state, or refuse it.
[[nodiscard]] base::Result<StateTopicLimits> ensure_state_topic(const config::KafkaConfig& kafka,
                                                                const std::string& name,
                                                                int32_t input_partitions,
                                                                const Patience& patience);

// The topic as ensure_state_topic() makes it.
[[nodiscard]] NewTopic new_state_topic(const std::string& name, int32_t input_partitions);

// Whether a topic with these settings keeps state, and takes what is written of it: its largest
// record, or what to do.
[[nodiscard]] base::Result<size_t> check_state_settings(const std::string& name,
                                                        const TopicSettings& settings);

// The brokers do not let us do that ("create") with the topic: what to grant, and how to do
// without.
[[nodiscard]] base::Error state_topic_denied(const std::string& topic, const std::string& doing);

}  // namespace millrace::kafka
