// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "engine/kafka/rd.h"
#include "engine/record/batch.h"

namespace millrace::kafka {

// Shows a consumed message as a record. `headers` holds the record's headers (reused); key, value
// and headers lie in `message` and die with it.
void show(const rd_kafka_message_t& message, std::vector<record::Header>& headers,
          record::InputRecord& record);

// One record to produce.
struct Outgoing {
  rd_kafka_topic_t* topic = nullptr;
  int32_t partition = 0;
  record::Bytes key = {};
  record::Bytes value = {};
  std::span<const record::Header> headers = {};
  int64_t timestamp_ms = record::kTimestampNow;
  void* opaque = nullptr;
  int flags = 0;  // RD_KAFKA_MSG_F_COPY, or 0: the value stays until its report
};

// Hands one record to librdkafka, with its headers, which are copied.
[[nodiscard]] rd_kafka_resp_err_t produce(rd_kafka_t* producer, const Outgoing& record);

}  // namespace millrace::kafka
