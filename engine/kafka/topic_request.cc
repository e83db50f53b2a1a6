// SPDX-License-Identifier: Apache-2.0
#include "engine/kafka/topic_request.h"

#include <array>
#include <cstddef>

namespace millrace::kafka {

base::Result<rd::NewTopic> request_of(const NewTopic& topic) {
  std::array<char, 256> text{};
  rd::NewTopic request(rd_kafka_NewTopic_new(topic.name.c_str(), topic.partitions,
                                             topic.replication, text.data(), text.size()));
  if (request == nullptr) return base::Error{text.data()};
  for (const auto& [name, value] : topic.settings)
    rd_kafka_NewTopic_set_config(request.get(), name.c_str(), value.c_str());
  return request;
}

const rd_kafka_topic_result_t* only_result(rd_kafka_event_t* event) {
  const rd_kafka_CreateTopics_result_t* result = rd_kafka_event_CreateTopics_result(event);
  size_t count = 0;
  const rd_kafka_topic_result_t** results =
      result == nullptr ? nullptr : rd_kafka_CreateTopics_result_topics(result, &count);
  return count == 1 ? results[0] : nullptr;
}

}  // namespace millrace::kafka
