// SPDX-License-Identifier: Apache-2.0
#include "engine/kafka/group_committer.h"

#include <utility>

#include <fmt/format.h>

#include "engine/base/check.h"
#include "engine/kafka/committed_offsets.h"
#include "engine/kafka/current_consumer.h"
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
  // A commit under way: whom it was asked of, and where its result comes.
  struct Request {
    CurrentConsumer::Handle handle;
    rd::Queue result;  // goes before the handle
  };

  const CurrentConsumer& consumer;
  bool under_way = false;
  std::optional<Request> request;
  std::optional<io::CommitResult> known;  // without asking a broker
};

GroupCommitter::GroupCommitter(const Consumer& consumer) : GroupCommitter(consumer.current()) {}

GroupCommitter::GroupCommitter(const CurrentConsumer& consumer)
    : impl_(std::make_unique<Impl>(Impl{consumer, false, {}, {}})) {}

GroupCommitter::~GroupCommitter() = default;

void GroupCommitter::begin_commit(std::span<const io::PartitionCommit> offsets,
                                  uint64_t /*assignment*/,
                                  std::span<const io::CarriedRecord> carried) {
  MILLRACE_CHECK(!impl_->under_way);
  MILLRACE_CHECK(carried.empty());
  impl_->under_way = true;
  if (offsets.empty()) {
    impl_->known = io::CommitResult();
    return;
  }
  const rd::Partitions list = commit_list(offsets);
  CurrentConsumer::Handle handle = impl_->consumer.get();
  rd::Queue result(rd_kafka_queue_new(handle.get()));
  impl_->request = Impl::Request{std::move(handle), std::move(result)};
  const rd_kafka_resp_err_t error = rd_kafka_commit_queue(
      impl_->request->handle.get(), list.get(), impl_->request->result.get(), nullptr, nullptr);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) impl_->known = failed(error, "committing");
}

std::optional<io::CommitResult> GroupCommitter::poll_commit(std::chrono::milliseconds timeout) {
  MILLRACE_CHECK(impl_->under_way);
  if (!impl_->known) {
    const rd::Event event(rd_kafka_queue_poll(impl_->request->result.get(), rd::to_ms(timeout)));
    if (event != nullptr && rd_kafka_event_type(event.get()) == RD_KAFKA_EVENT_OFFSET_COMMIT) {
      impl_->known = result_of(event.get());
    } else if (impl_->request->handle != impl_->consumer.get()) {
      // Its answer is of no use, and may be long in coming.
      impl_->known = io::CommitResult{io::CommitResult::Kind::kRefused,
                                      "the member was fenced while it committed"};
    } else {
      return std::nullopt;
    }
  }
  impl_->under_way = false;
  impl_->request.reset();
  return std::exchange(impl_->known, std::nullopt);
}

base::Result<std::vector<io::PartitionOffset>> GroupCommitter::read_back(
    std::span<const base::TopicPartition> partitions, std::chrono::milliseconds timeout) {
  return read_offsets_back(impl_->consumer, partitions, Patience::at_most(timeout));
}

}  // namespace millrace::kafka
