// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "engine/base/result.h"
#include "engine/kafka/rd.h"

namespace millrace::kafka {

// What one metadata request said of a topic.
struct TopicAnswer {
  rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;
  int32_t partitions = 0;

  // Known not to exist, rather than not known.
  [[nodiscard]] bool absent() const {
    return error == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART ||
           error == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC;
  }
};

// Asks once. On a producer's client this also makes the broker create the topic, if it does such.
[[nodiscard]] TopicAnswer ask_for_topic(rd_kafka_t* client, rd_kafka_topic_t* topic,
                                        int timeout_ms);

}  // namespace millrace::kafka
