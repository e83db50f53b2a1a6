// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "engine/record/bytes.h"

namespace millrace::plan {

// MurmurHash2, 32 bit, with the seed and tail handling of Apache Kafka's Java client
// (org.apache.kafka.common.utils.Utils.murmur2), so that keys land where Java producers put them.
[[nodiscard]] uint32_t murmur2(std::string_view key) noexcept;

// The partition of an output record: by its key, as Java's default partitioner does; without a key
// the input's partition modulo the count. Never random: the same input goes to the same place.
// Requires: count > 0, input_partition >= 0.
[[nodiscard]] int32_t output_partition(record::Bytes key, int32_t input_partition,
                                       int32_t count) noexcept;

}  // namespace millrace::plan
