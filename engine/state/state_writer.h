// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/ids.h"
#include "engine/insights/state.h"
#include "engine/io/committer.h"
#include "engine/state/manifest.h"

namespace millrace::state {

// Where states are written.
struct StateTopic {
  std::string name;
  std::string group;
  int32_t partitions = 1;
};

// Writes one partition's state down: the chunks that changed since the last time, and the manifest.
// A chunk is at most about kChunkBytes; an insight whose chunks would grow beyond that gets twice
// as many. Live insights are not written.
//
// What write() made counts as written only after confirm(): a commit that carried it may fail.
//
// Threading: one owner at a time.
class StateWriter {
 public:
  static constexpr size_t kChunkBytes = size_t{256} << 10;

  StateWriter(StateTopic topic, base::TopicPartition id);

  // A state was restored that was written with this manifest: what it names is not written again
  // while it stays the same.
  void resume(const Manifest& manifest);

  // What takes the state down to the topic, the manifest last; what the topic has and does not need
  // any more are tombstones. Empty: the topic has it all already; that too is confirmed or refused.
  // Requires: the state covers something, and no write is neither confirmed nor refused.
  [[nodiscard]] std::vector<io::CarriedRecord> write(const insights::State& state, int64_t now_ms);

  // What the last write() made is in the topic; or it is not, for certain.
  void confirm();
  void refuse();

  // Up to where the state in the topic is; invalid: there is none.
  [[nodiscard]] base::Offset written() const { return written_.end; }

 private:
  class Records;

  [[nodiscard]] Manifest::Insight write_insight(const insights::State& state, size_t insight,
                                                Records& records) const;

  const StateTopic topic_;
  const base::TopicPartition id_;
  Manifest written_;                 // as it is in the topic
  std::optional<Manifest> writing_;  // the last write()'s, until its outcome is known
};

}  // namespace millrace::state
