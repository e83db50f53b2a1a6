// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "engine/kafka/client.h"
#include "engine/kafka/consumer.h"

// The librdkafka properties of a member of a group. Internal to kafka/.
//
// Threading: free functions over values; any thread.
namespace millrace::kafka {

// What the user's own properties override.
[[nodiscard]] std::vector<Setting> consumer_defaults(const ConsumerOptions& options);

// What the engine's promises, and its share of the memory, rest on.
[[nodiscard]] std::vector<Setting> consumer_promises(const ConsumerOptions& options);

}  // namespace millrace::kafka
