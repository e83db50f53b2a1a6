// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include "engine/config/pipeline_config.h"

// What a pipeline's `latency` means in numbers: the one place that says so.
//
// Threading: free functions over values; any thread.
namespace millrace::app {

// How long each stage waits for more, so that what it does is done for more records at once.
struct LatencySettings {
  std::chrono::milliseconds batch_wait;  // a poll, from its first record on
  std::chrono::milliseconds linger;      // a record to send
  size_t fetch_bytes_min;                // a broker gathers so many bytes for a fetch,
  std::chrono::milliseconds fetch_wait;  // but holds it no longer than this
};

// Of the preset, with what the file says of its own (`input.batch.max_wait`) in its place. The
// user's librdkafka properties are not among them: they override these in the clients.
[[nodiscard]] LatencySettings latency_settings(const config::PipelineConfig& config);

// One line for `check`: the preset, and what is in force. What is set by a librdkafka property is
// said to be so, without the value.
[[nodiscard]] std::string describe_latency(const config::PipelineConfig& config);

}  // namespace millrace::app
