// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/base/limits.h"
#include "engine/record/batch.h"

namespace millrace::record {

// What process must know of an output topic so that outcomes are final there.
struct TopicLimits {
  int32_t partitions = 1;
  size_t message_bytes_max = base::limits::kMessageBytesDefault;
};

// Kafka's cost of one record beyond its key and value, at most: a batch header of 61 bytes and
// variable-length integers (the record format of KIP-98), and per header two such integers.
inline constexpr size_t kRecordOverheadBytes = 128;
inline constexpr size_t kHeaderOverheadBytes = 10;

// The size that the broker holds against max.message.bytes, rounded up.
[[nodiscard]] size_t sent_size(const OutputRecord& output) noexcept;

}  // namespace millrace::record
