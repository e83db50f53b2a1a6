// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/result.h"
#include "engine/io/committer.h"
#include "engine/kafka/admin.h"
#include "engine/kafka/current_consumer.h"

// Internal to kafka/.
namespace millrace::kafka {

// What the group of `consumer` has committed, an invalid offset where that is nothing. While
// offsets are pending in somebody's transaction the broker does not say: that is waited for, and
// said. Errors that pass are retried until `patience` is over, at a consumer that was replaced
// meanwhile too. Any thread.
[[nodiscard]] base::Result<std::vector<io::PartitionOffset>> committed_offsets(
    const CurrentConsumer& consumer, std::span<const base::TopicPartition> partitions,
    const Patience& patience);

}  // namespace millrace::kafka
