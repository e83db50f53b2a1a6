// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/result.h"
#include "engine/io/committer.h"
#include "engine/kafka/admin.h"
#include "engine/kafka/current_consumer.h"
#include "engine/kafka/rd.h"

// Internal to kafka/.
namespace millrace::kafka {

// One partition's committed offset, invalid where there is none, and what was committed with it.
struct Committed {
  base::TopicPartition id;
  base::Offset next;
  std::string metadata;
};

// What the group of `consumer` has committed. While offsets are pending in somebody's transaction
// the broker does not say: that is waited for, and said. Errors that pass are retried until
// `patience` is over, at a consumer that was replaced meanwhile too. Any thread.
[[nodiscard]] base::Result<std::vector<Committed>> committed_offsets(
    const CurrentConsumer& consumer, std::span<const base::TopicPartition> partitions,
    const Patience& patience);

// The same, as a Committer tells it.
[[nodiscard]] base::Result<std::vector<io::PartitionOffset>> read_offsets_back(
    const CurrentConsumer& consumer, std::span<const base::TopicPartition> partitions,
    const Patience& patience);

// For the calls that commit.
[[nodiscard]] rd::Partitions commit_list(std::span<const io::PartitionCommit> offsets);

// Of an entry of librdkafka's, such as rd_kafka_committed() fills in.
[[nodiscard]] std::string metadata_of(const rd_kafka_topic_partition_t& entry);

}  // namespace millrace::kafka
