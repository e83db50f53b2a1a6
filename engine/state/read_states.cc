// SPDX-License-Identifier: Apache-2.0
#include "engine/state/read_states.h"

#include <array>
#include <cstdint>
#include <map>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "engine/state/decode_state.h"
#include "engine/state/partition_records.h"
#include "engine/state/state_key.h"

namespace millrace::state {
namespace {

// By input partition.
using Newest = std::map<base::TopicPartition, PartitionRecords>;

// Reads one partition of the log. `all`: partitions of the input are added as they come.
base::Status read_newest(io::StateLog& log, int32_t log_partition_id, bool all,
                         const StateTopic& topic, Newest& newest) {
  return log.read(std::array{log_partition_id},
                  [&](std::string_view text, std::optional<std::string_view> value) {
                    const auto key = StateKey::parse(topic.group, text);
                    // (A topic that was given more partitions has old states where nobody looks for
                    // them.)
                    if (!key || log_partition(key->id, topic.partitions) != log_partition_id)
                      return;
                    const auto found = newest.find(key->id);
                    if (found != newest.end()) {
                      found->second.add(*key, value);
                    } else if (all && value) {
                      newest[key->id].add(*key, value);
                    }
                  });
}

}  // namespace

base::Status read_states(io::StateLog& log,
                         const std::optional<std::span<const base::TopicPartition>>& partitions,
                         const insights::Declaration& declaration, const RestoreOptions& options,
                         const OnState& on_state) {
  const StateTopic& topic = options.topic;
  if (log.partition_count() != topic.partitions) {
    return base::Error{fmt::format("topic {} has {} partitions, and not {} as before", topic.name,
                                   log.partition_count(), topic.partitions)};
  }
  std::map<int32_t, Newest> wanted;  // by the log's partition
  if (partitions) {
    for (const base::TopicPartition& id : *partitions)
      wanted[log_partition(id, topic.partitions)][id];
  } else {
    for (int32_t partition = 0; partition < topic.partitions; ++partition) wanted[partition];
  }
  for (auto& [partition, newest] : wanted) {
    base::Status status = read_newest(log, partition, !partitions, topic, newest);
    if (!status.ok()) return status;
    while (!newest.empty()) {
      const auto first = newest.extract(newest.begin());
      on_state(first.key(), decode_state(std::move(first.mapped()), declaration, options));
    }
  }
  return {};
}

}  // namespace millrace::state
