// SPDX-License-Identifier: Apache-2.0
#include "engine/kafka/partition_watch.h"

#include <utility>

#include "engine/kafka/client_events.h"
#include "engine/kafka/current_consumer.h"
#include "engine/kafka/rd.h"

namespace millrace::kafka {

PartitionWatch::View PartitionWatch::look() const {
  View view;
  const base::MutexLock lock(mutex_);
  view.partitions = partitions_;
  view.rebalancing = rebalancing_;
  view.rebalancing_since = rebalancing_since_;
  if (events_ != nullptr) view.away = events_->away();
  if (view.partitions.empty()) return view;
  const CurrentConsumer::Handle handle = consumer_->get();
  for (Partition& partition : view.partitions) {
    int64_t low = 0;
    int64_t high = 0;
    // What the last fetch said, out of librdkafka's memory.
    if (rd_kafka_get_watermark_offsets(handle.get(), partition.id.topic.c_str(),
                                       partition.id.partition, &low,
                                       &high) == RD_KAFKA_RESP_ERR_NO_ERROR &&
        high >= 0) {
      partition.log_end = base::Offset{high};
    }
  }
  return view;
}

void PartitionWatch::begin(const CurrentConsumer& consumer, const ClientEvents& events) {
  const base::MutexLock lock(mutex_);
  consumer_ = &consumer;
  events_ = &events;
}

void PartitionWatch::rebalance() {
  const base::MutexLock lock(mutex_);
  partitions_.clear();
  if (!std::exchange(rebalancing_, true)) rebalancing_since_ = Clock::now();
}

void PartitionWatch::assigned(std::span<const io::AssignedPartition> partitions) {
  const base::MutexLock lock(mutex_);
  rebalancing_ = false;
  partitions_.clear();
  for (const io::AssignedPartition& partition : partitions) {
    partitions_.push_back({partition.id, partition.slot, {}, {}, {}, {}});
  }
}

void PartitionWatch::failed(uint32_t slot, std::string error) {
  const base::MutexLock lock(mutex_);
  Partition& partition = partitions_.at(slot);
  partition.error = std::move(error);
  partition.error_at = Clock::now();
}

void PartitionWatch::at_end(uint32_t slot, base::Offset end) {
  const base::MutexLock lock(mutex_);
  Partition& partition = partitions_.at(slot);
  partition.stable_end = end;
  partition.error.clear();
}

void PartitionWatch::reading(uint32_t slot) {
  const base::MutexLock lock(mutex_);
  Partition& partition = partitions_.at(slot);
  partition.stable_end = {};
  partition.error.clear();
}

}  // namespace millrace::kafka
