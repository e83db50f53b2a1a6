// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/result.h"

namespace millrace::io {

// The next offset to read of one partition.
struct PartitionOffset {
  base::TopicPartition id;
  base::Offset next;
};

// One partition's part of a commit. `next` may be what the group has already: then the commit is
// about its metadata, and about what is carried.
struct PartitionCommit {
  base::TopicPartition id;
  base::Offset next;
  // What the group has now, as far as we know; where that is nothing, where the reading began.
  base::Offset previous;
  // Stored by the group beside the offset: text, at most kMetadataBytesMax. Where it is not empty,
  // no two commits have the same, so that it tells the outcome of one whose answer was lost.
  std::string metadata = {};
};

inline constexpr size_t kMetadataBytesMax = 1000;

// A record that goes out with a commit: it is there if and only if the offsets are.
struct CarriedRecord {
  std::string topic;
  std::optional<int32_t> partition = {};  // none: by the key, as Java does
  std::string key;
  std::optional<std::string> value;  // none: a tombstone
};

struct CommitResult {
  enum class Kind : uint8_t {
    kCommitted,
    // Nothing was committed, for certain. With a transaction its outputs are void too: the sink
    // has to be reset, and the input read again.
    kRefused,
    kFatal,  // nothing can be committed any more
  };

  Kind kind = Kind::kCommitted;
  std::string message;
};

// What the deliver thread asks of the outside to make progress durable. At most one commit is
// under way at a time, and the deliver thread never waits inside one for longer than it says.
//
// Where outputs and offsets are one transaction, the sink is part of it: a commit covers all that
// was sent since the last one, and nothing may be sent while it is under way.
//
// Threading: deliver thread; read_back() the thread that stops the flow, after deliver ended.
class Committer {
 public:
  virtual ~Committer() = default;

  // Begins to commit these offsets on behalf of the source's assignment of that number; a commit of
  // an assignment that is over is refused. Requires: no commit under way, and with a transaction
  // that everything sent is acknowledged.
  // `carried` goes into the same transaction, in order, copied before this returns; empty where
  // commits are no transactions.
  virtual void begin_commit(std::span<const PartitionCommit> offsets, uint64_t assignment,
                            std::span<const CarriedRecord> carried) = 0;

  // The result of the commit under way, once it is known for certain, waiting for it up to
  // `timeout`.
  virtual std::optional<CommitResult> poll_commit(std::chrono::milliseconds timeout) = 0;

  // What the group has committed for these partitions, as the broker says now; an invalid offset
  // where there is none.
  virtual base::Result<std::vector<PartitionOffset>> read_back(
      std::span<const base::TopicPartition> partitions, std::chrono::milliseconds timeout) = 0;
};

}  // namespace millrace::io
