// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/result.h"
#include "engine/record/batch.h"

// What the poll thread asks of the outside: records of the assigned partitions, and news of
// assignments. Implemented by kafka::Consumer and by the tests' fakes.
namespace millrace::io {

// A partition that was given to us. `slot` numbers it while the assignment lasts: records name it
// by that, so that no string is compared per record.
struct AssignedPartition {
  base::TopicPartition id;
  uint32_t slot = 0;
  uint64_t assignment = 0;  // the same for all partitions of one assignment, new with each
  base::Offset start;       // the first offset that will be read
  bool committed = false;   // `resume` is a committed offset, not the configured start position
  // Where the group is: from here on records are delivered. What is read before it (choose_starts)
  // only restores what was forgotten.
  base::Offset resume;
  std::string metadata;  // that was committed with it
};

// Called from inside Source::poll(), on the poll thread.
class AssignmentListener {
 public:
  virtual ~AssignmentListener() = default;

  // Before anything is read of these partitions: `start` may be set back, from `resume` to an
  // earlier offset. May take as long as polling may pause. on_assigned() follows, unless the
  // assignment was lost meanwhile.
  virtual void choose_starts(std::span<AssignedPartition> partitions) = 0;

  virtual void on_assigned(std::span<const AssignedPartition> partitions) = 0;

  // Every partition is taken away (eager protocol). When this returns, nothing may be committed for
  // them any more. `lost`: they may already be somebody else's, so commit nothing at all.
  virtual void on_revoked(bool lost) = 0;
};

struct SourceEvent {
  enum class Kind {
    kNone,            // nothing came within the timeout
    kRecord,          // `record` of partition `slot`
    kEnd,             // partition `slot` has no record below `end` left to read
    kPartitionError,  // partition `slot` cannot be read on: `message` says why
    kMoved,           // the offset to read next is lost, and the pipeline says to go on from `end`
    kFatal,           // reading cannot go on at all: `message` says why
  };

  Kind kind = Kind::kNone;
  uint32_t slot = 0;
  record::InputRecord record;  // valid until the next call of poll()
  base::Offset end;
  std::string message;
};

// Threading: every function belongs to the poll thread.
class Source {
 public:
  virtual ~Source() = default;

  // Joins the group. Returns at once; on_assigned comes out of a later poll().
  virtual base::Status subscribe(AssignmentListener& listener) = 0;

  // The next event, waiting for at most `timeout`. Reuses `event`.
  virtual void poll(std::chrono::milliseconds timeout, SourceEvent& event) = 0;

  // Reads partition `slot` again from `offset` on. Events that were under way are dropped.
  virtual base::Status rewind(uint32_t slot, base::Offset offset) = 0;

  // Delivers nothing more of `slot` until the next assignment.
  virtual void stop_partition(uint32_t slot) = 0;

  // Leaves the group; on_revoked comes out of it if partitions are still assigned.
  virtual void close() = 0;
};

}  // namespace millrace::io
