// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/base/limits.h"

namespace millrace::record {

// What process must know of an output topic so that outcomes are final there.
struct TopicLimits {
  int32_t partitions = 1;
  size_t message_bytes_max = base::limits::kMessageBytesDefault;
};

}  // namespace millrace::record
