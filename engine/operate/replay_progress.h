// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bitset>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/result.h"

namespace millrace::operate {

// Which dead letters were replayed (or parked), each by itself: filters choose some and leave
// others, and what one left another one may take later, so that one offset for all below it would
// not do. Kept in a compacted topic, a record for each kChunk offsets of a partition:
//
//   key    TOPIC/PARTITION/CHUNK
//   value  {"version":1,"done":"0-99,105","last":[OFFSET,TIMESTAMP],"newest":TIMESTAMP}
//
// "done" are ranges of offsets within the chunk, ends included; "last" is the highest of them as an
// offset of the topic, and that letter's timestamp; "newest" is the highest timestamp of all that
// are done. By these two a topic that was deleted and made anew is told from the one that was
// replayed. Notes of earlier versions have no "newest".
//
// Threading: one thread.
class ReplayProgress {
 public:
  static constexpr int64_t kChunk = 8192;

  // A record of the topic, added to what is known: what was done once stays done, whoever wrote
  // the record. An error says what is wrong with it; the key is in it.
  base::Status take(std::string_view key, std::string_view value);

  [[nodiscard]] bool done(const base::TopicPartition& partition, int64_t offset) const;

  // Whether the letter at this place is another one than the one that was noted there: the last
  // one that was noted has another time, or one that was noted is newer than all of them were.
  [[nodiscard]] bool contradicts(const base::TopicPartition& partition, int64_t offset,
                                 int64_t timestamp_ms) const;

  // The highest offset that was noted; nothing where none was.
  [[nodiscard]] std::optional<int64_t> highest(const base::TopicPartition& partition) const;

  void mark(const base::TopicPartition& partition, int64_t offset, int64_t timestamp_ms);

  // Key and value of every record that changed since the last call.
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> take_changes();

  [[nodiscard]] uint64_t count() const;

 private:
  struct Chunk {
    std::bitset<static_cast<size_t>(kChunk)> bits;
    int64_t last_offset = -1;
    int64_t last_timestamp_ms = -1;
    std::optional<int64_t> newest_ms;  // nothing: not known of all that are done
  };

  using Place = std::pair<base::TopicPartition, int64_t>;  // partition and chunk

  [[nodiscard]] const Chunk* find(const base::TopicPartition& partition, int64_t offset) const;
  [[nodiscard]] static std::string to_text(const Chunk& chunk);

  std::map<Place, Chunk> chunks_;
  std::set<Place> changed_;
};

}  // namespace millrace::operate
