// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/base/result.h"
#include "engine/kafka/admin.h"
#include "engine/kafka/rd.h"

// The request to make one topic, and the answer to it. Internal to kafka/.
//
// Threading: free functions over values; any thread.
namespace millrace::kafka {

// The error is why librdkafka does not even ask, in its own words.
[[nodiscard]] base::Result<rd::NewTopic> request_of(const NewTopic& topic);

// What became of the one topic that was asked for: lies in `event`. Null where the request failed
// as a whole: then the event has the error.
[[nodiscard]] const rd_kafka_topic_result_t* only_result(rd_kafka_event_t* event);

}  // namespace millrace::kafka
