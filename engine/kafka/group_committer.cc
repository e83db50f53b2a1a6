// SPDX-License-Identifier: Apache-2.0
#include "engine/kafka/group_committer.h"

#include <utility>

#include <fmt/format.h>

#include "engine/base/check.h"
#include "engine/kafka/committed_offsets.h"
#include "engine/kafka/error_class.h"
#include "engine/kafka/rd.h"

namespace millrace::kafka {
namespace {

io::CommitResult failed(rd_kafka_resp_err_t error, const std::string& subject) {
  return {needs_person(error) ? io::CommitResult::Kind::kFatal : io::CommitResult::Kind::kRefused,
          sentence(error, subject)};
}

// The result of a commit: of the request as a whole, and of each partition in it.
io::CommitResult result_of(rd_kafka_event_t* event) {
  const rd_kafka_resp_err_t error = rd_kafka_event_error(event);
  const rd_kafka_topic_partition_list_t* list = rd_kafka_event_topic_partition_list(event);
  for (int i = 0; list != nullptr && i < list->cnt; ++i) {
    const rd_kafka_topic_partition_t& entry = list->elems[i];
    if (entry.err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      return failed(entry.err, fmt::format("committing {}-{}", entry.topic, entry.partition));
    }
  }
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return failed(error, "committing");
  return {};
}

}  // namespace

struct GroupCommitter::Impl {
  rd_kafka_t* consumer;  // not owned
  rd::Queue results;
  bool under_way = false;
  std::optional<io::CommitResult> known;  // without asking a broker
};

GroupCommitter::GroupCommitter(Consumer& consumer)
    : impl_(std::make_unique<Impl>(
          Impl{consumer.handle(), rd::Queue(rd_kafka_queue_new(consumer.handle())), false, {}})) {}

GroupCommitter::~GroupCommitter() = default;

void GroupCommitter::begin_commit(std::span<const io::PartitionCommit> offsets,
                                  uint64_t /*assignment*/) {
  MILLRACE_CHECK(!impl_->under_way);
  impl_->under_way = true;
  if (offsets.empty()) {
    impl_->known = io::CommitResult();
    return;
  }
  const rd::Partitions list = rd::make_partitions(offsets.size());
  for (const io::PartitionCommit& offset : offsets) {
    rd_kafka_topic_partition_list_add(list.get(), offset.id.topic.c_str(), offset.id.partition)
        ->offset = offset.next.value;
  }
  const rd_kafka_resp_err_t error =
      rd_kafka_commit_queue(impl_->consumer, list.get(), impl_->results.get(), nullptr, nullptr);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) impl_->known = failed(error, "committing");
}

std::optional<io::CommitResult> GroupCommitter::poll_commit(std::chrono::milliseconds timeout) {
  MILLRACE_CHECK(impl_->under_way);
  if (impl_->known) {
    impl_->under_way = false;
    return std::exchange(impl_->known, std::nullopt);
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
  return committed_offsets(impl_->consumer, partitions, Patience::at_most(timeout));
}

}  // namespace millrace::kafka
