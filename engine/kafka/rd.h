// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>

#include <librdkafka/rdkafka.h>

// Owners for the C API of librdkafka. Internal to kafka/ and embedded/.
namespace millrace::kafka::rd {

template <auto kDestroy>
struct Deleter {
  template <typename T>
  void operator()(T* object) const noexcept {
    kDestroy(object);
  }
};

using Conf = std::unique_ptr<rd_kafka_conf_t, Deleter<rd_kafka_conf_destroy>>;
using Handle = std::unique_ptr<rd_kafka_t, Deleter<rd_kafka_destroy>>;
using Topic = std::unique_ptr<rd_kafka_topic_t, Deleter<rd_kafka_topic_destroy>>;
using Queue = std::unique_ptr<rd_kafka_queue_t, Deleter<rd_kafka_queue_destroy>>;
using Event = std::unique_ptr<rd_kafka_event_t, Deleter<rd_kafka_event_destroy>>;
using Message = std::unique_ptr<rd_kafka_message_t, Deleter<rd_kafka_message_destroy>>;
using Partitions = std::unique_ptr<rd_kafka_topic_partition_list_t,
                                   Deleter<rd_kafka_topic_partition_list_destroy>>;
using Headers = std::unique_ptr<rd_kafka_headers_t, Deleter<rd_kafka_headers_destroy>>;
using Error = std::unique_ptr<rd_kafka_error_t, Deleter<rd_kafka_error_destroy>>;
using AdminOptions =
    std::unique_ptr<rd_kafka_AdminOptions_t, Deleter<rd_kafka_AdminOptions_destroy>>;
using NewTopic = std::unique_ptr<rd_kafka_NewTopic_t, Deleter<rd_kafka_NewTopic_destroy>>;
using Metadata =
    std::unique_ptr<const struct rd_kafka_metadata, Deleter<rd_kafka_metadata_destroy>>;

[[nodiscard]] inline Partitions make_partitions(size_t size_hint) {
  return Partitions(rd_kafka_topic_partition_list_new(static_cast<int>(size_hint)));
}

// Timeouts of the C API are ints, and negative ones wait for ever.
[[nodiscard]] inline int to_ms(std::chrono::milliseconds time) {
  return static_cast<int>(std::clamp<int64_t>(time.count(), 0, 3'600'000));
}

}  // namespace millrace::kafka::rd
