// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>

#include "engine/base/mutex.h"

struct rd_kafka_consumer_group_metadata_s;

namespace millrace::kafka {

// A consumer's membership as it was when an assignment began: what a transaction shows to the group
// coordinator, so that a member that lost its partitions cannot commit them. Asking the consumer at
// the time of the commit would show a later membership, which covers anything.
//
// Threading: the consumer writes on its poll thread, transactions read on theirs. What of() gave
// stays valid whatever the consumer does, even after it is gone.
class GroupMembership {
 public:
  using Metadata = rd_kafka_consumer_group_metadata_s;

  // `metadata` (of rd_kafka_consumer_group_metadata) is taken over; null: nothing is captured.
  void begin(uint64_t assignment, Metadata* metadata) EXCLUDES(mutex_);

  // The partitions are revoked or lost. The commit of the cut belongs to the assignment still: end
  // is after the listener's on_revoked returned.
  void end() EXCLUDES(mutex_);

  // The metadata of that assignment, or null where it is over.
  [[nodiscard]] std::shared_ptr<const Metadata> of(uint64_t assignment) const EXCLUDES(mutex_);

 private:
  mutable base::Mutex mutex_;
  uint64_t assignment_ GUARDED_BY(mutex_) = 0;
  std::shared_ptr<const Metadata> metadata_ GUARDED_BY(mutex_);
};

}  // namespace millrace::kafka
