// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/base/ids.h"
#include "engine/insights/state.h"
#include "engine/io/committer.h"
#include "engine/io/state_log.h"
#include "engine/state/state_key.h"
#include "engine/state/state_writer.h"

namespace millrace::bench {

// What one partition's state is in the topic, as StateWriter wrote it.
using Written = std::vector<std::pair<state::StateKey, std::shared_ptr<const std::string>>>;

// How the state topic of so many input partitions is called and cut.
[[nodiscard]] state::StateTopic state_topic(int32_t input_partitions);

// All of a state, as the first write takes it to the topic.
[[nodiscard]] Written write_down(const insights::State& state);

[[nodiscard]] uint64_t bytes_of(const Written& written);

// The state topic in memory, without what compaction would take away. Partitions may share their
// values: those are kept once, however many partitions have them.
class MemoryLog : public io::StateLog {
 public:
  explicit MemoryLog(state::StateTopic topic);

  // The state of an input partition.
  void put(const base::TopicPartition& id, const Written& written);

  // What a commit carried.
  void append(const std::vector<io::CarriedRecord>& records);

  [[nodiscard]] const state::StateTopic& topic() const { return topic_; }

  [[nodiscard]] int32_t partition_count() const override { return topic_.partitions; }

  base::Status read(std::span<const int32_t> partitions, const OnRecord& on_record) override;

  // Keys and values that read() handed over, ever.
  [[nodiscard]] uint64_t bytes_read() const { return bytes_read_; }

 private:
  struct Record {
    std::string key;
    std::shared_ptr<const std::string> value;  // null: a tombstone
  };

  const state::StateTopic topic_;
  std::vector<std::vector<Record>> partitions_;
  uint64_t bytes_read_ = 0;
};

// The input partitions 0 to `count` of one topic.
[[nodiscard]] std::vector<base::TopicPartition> input_partitions(int32_t count);

}  // namespace millrace::bench
