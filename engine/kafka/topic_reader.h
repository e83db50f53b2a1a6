// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "engine/base/result.h"
#include "engine/config/pipeline_config.h"
#include "engine/kafka/admin.h"
#include "engine/record/batch.h"

namespace millrace::kafka {

struct ReadOptions {
  enum class From { kEarliest, kLatest, kOffset };

  std::string topic;
  From from = From::kEarliest;
  int64_t offset = 0;                               // with kOffset: the same for every partition
  std::optional<int32_t> partition = std::nullopt;  // none: all
  // Not `follow`: each partition ends here where its own end is not nearer.
  int64_t offset_end = std::numeric_limits<int64_t>::max();
  std::map<int32_t, int64_t> ends = {};  // the same by partition, where they differ
  uint64_t count = std::numeric_limits<uint64_t>::max();
  bool follow = false;          // goes on at the ends until `count` or stop
  bool committed_only = false;  // read_committed; else aborted transactions are shown too
  std::chrono::milliseconds fetch_wait{100};
};

// Reads a topic without a group: nothing is joined and nothing is committed. Records of one
// partition come in order; partitions interleave.
//
// Threading: one thread.
class TopicReader {
 public:
  // The record's bytes are valid during the call. False ends the reading.
  using OnRecord = std::function<bool(int32_t partition, const record::InputRecord& record)>;

  [[nodiscard]] static base::Result<std::unique_ptr<TopicReader>> create(
      const config::KafkaConfig& kafka, const ReadOptions& options);

  TopicReader(const TopicReader&) = delete;
  TopicReader& operator=(const TopicReader&) = delete;
  ~TopicReader();

  // Returns the number of records read: at the ends as they were at the start (unless `follow`),
  // at `count`, or when told to stop. `patience` bounds the wait for the broker and the topic.
  base::Result<uint64_t> read(const OnRecord& on_record, const Patience& patience);

 private:
  class Impl;
  explicit TopicReader(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace millrace::kafka
