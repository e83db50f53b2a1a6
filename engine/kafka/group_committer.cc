// SPDX-License-Identifier: Apache-2.0
#include "engine/kafka/group_committer.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "engine/base/check.h"
#include "engine/kafka/error_class.h"
#include "engine/kafka/rd.h"

namespace millrace::kafka {
namespace {

constexpr std::chrono::milliseconds kAttempt{1000};

std::string name_of(const rd_kafka_topic_partition_t& entry) {
  return fmt::format("{}-{}", entry.topic, entry.partition);
}

// The result of a commit: of the request as a whole, and of each partition in it.
base::Status result_of(rd_kafka_event_t* event) {
  const rd_kafka_resp_err_t error = rd_kafka_event_error(event);
  const rd_kafka_topic_partition_list_t* list = rd_kafka_event_topic_partition_list(event);
  for (int i = 0; list != nullptr && i < list->cnt; ++i) {
    const rd_kafka_topic_partition_t& entry = list->elems[i];
    if (entry.err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      return base::Error{sentence(entry.err, "committing " + name_of(entry))};
    }
  }
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return base::Error{sentence(error, "committing")};
  return {};
}

}  // namespace

struct GroupCommitter::Impl {
  rd_kafka_t* consumer;  // not owned
  rd::Queue results;
  bool under_way = false;
  bool nothing_to_do = false;
};

GroupCommitter::GroupCommitter(Consumer& consumer)
    : impl_(std::make_unique<Impl>(
          Impl{consumer.handle(), rd::Queue(rd_kafka_queue_new(consumer.handle()))})) {}

GroupCommitter::~GroupCommitter() = default;

base::Status GroupCommitter::begin_commit(std::span<const io::PartitionOffset> offsets) {
  MILLRACE_CHECK(!impl_->under_way);
  impl_->nothing_to_do = offsets.empty();
  if (!offsets.empty()) {
    const rd::Partitions list = rd::make_partitions(offsets.size());
    for (const io::PartitionOffset& offset : offsets) {
      rd_kafka_topic_partition_list_add(list.get(), offset.id.topic.c_str(), offset.id.partition)
          ->offset = offset.next.value;
    }
    const rd_kafka_resp_err_t error =
        rd_kafka_commit_queue(impl_->consumer, list.get(), impl_->results.get(), nullptr, nullptr);
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return base::Error{sentence(error, "committing")};
  }
  impl_->under_way = true;
  return {};
}

std::optional<base::Status> GroupCommitter::poll_commit(std::chrono::milliseconds timeout) {
  MILLRACE_CHECK(impl_->under_way);
  if (impl_->nothing_to_do) {
    impl_->under_way = false;
    return base::Status();
  }
  const rd::Event event(rd_kafka_queue_poll(impl_->results.get(), rd::to_ms(timeout)));
  if (event == nullptr || rd_kafka_event_type(event.get()) != RD_KAFKA_EVENT_OFFSET_COMMIT) {
    return std::nullopt;
  }
  impl_->under_way = false;
  return result_of(event.get());
}

base::Result<std::vector<io::PartitionOffset>> GroupCommitter::read_back(
    std::span<const base::TopicPartition> partitions, std::chrono::milliseconds timeout) {
  std::vector<io::PartitionOffset> offsets;
  if (partitions.empty()) return offsets;
  const rd::Partitions list = rd::make_partitions(partitions.size());
  for (const base::TopicPartition& id : partitions) {
    rd_kafka_topic_partition_list_add(list.get(), id.topic.c_str(), id.partition);
  }
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  while (true) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    rd_kafka_resp_err_t error =
        rd_kafka_committed(impl_->consumer, list.get(), rd::to_ms(std::min(left, kAttempt)));
    for (int i = 0; error == RD_KAFKA_RESP_ERR_NO_ERROR && i < list->cnt; ++i) {
      error = list->elems[i].err;
    }
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) break;
    if (left <= kAttempt || classify(error) == ErrorClass::kFatal) {
      return base::Error{sentence(error, "reading the committed offsets back")};
    }
  }
  for (int i = 0; i < list->cnt; ++i) {
    const rd_kafka_topic_partition_t& entry = list->elems[i];
    offsets.push_back({{entry.topic, entry.partition},
                       base::Offset{entry.offset >= 0 ? entry.offset : base::Offset::kInvalid}});
  }
  return offsets;
}

}  // namespace millrace::kafka
