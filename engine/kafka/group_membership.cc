// SPDX-License-Identifier: Apache-2.0
#include "engine/kafka/group_membership.h"

#include <utility>

#include "engine/kafka/rd.h"

namespace millrace::kafka {

void GroupMembership::begin(uint64_t assignment, Metadata* metadata) {
  std::shared_ptr<const Metadata> taken;
  if (metadata != nullptr) taken.reset(metadata, rd_kafka_consumer_group_metadata_destroy);
  const base::MutexLock lock(mutex_);
  assignment_ = assignment;
  metadata_ = std::move(taken);
}

void GroupMembership::end() {
  const base::MutexLock lock(mutex_);
  metadata_ = nullptr;
}

std::shared_ptr<const GroupMembership::Metadata> GroupMembership::of(uint64_t assignment) const {
  const base::MutexLock lock(mutex_);
  return assignment == assignment_ ? metadata_ : nullptr;
}

}  // namespace millrace::kafka
