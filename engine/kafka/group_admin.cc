// SPDX-License-Identifier: Apache-2.0
#include "engine/kafka/group_admin.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "engine/base/pause.h"
#include "engine/kafka/client.h"
#include "engine/kafka/client_conf.h"
#include "engine/kafka/committed_offsets.h"
#include "engine/kafka/error_class.h"

namespace millrace::kafka {
namespace {

using std::chrono::milliseconds;
using SteadyClock = std::chrono::steady_clock;
using AlterOffsets = std::unique_ptr<rd_kafka_AlterConsumerGroupOffsets_t,
                                     rd::Deleter<rd_kafka_AlterConsumerGroupOffsets_destroy>>;

constexpr milliseconds kAttempt{1000};
constexpr milliseconds kBetween{100};
constexpr milliseconds kPoll{50};

milliseconds left(SteadyClock::time_point until) {
  return std::max(milliseconds{0}, std::chrono::ceil<milliseconds>(until - SteadyClock::now()));
}

std::string name_of(const base::TopicPartition& id) {
  return fmt::format("{}/{}", id.topic, id.partition);
}

std::string text_of(const char* text) {
  return text == nullptr ? "" : text;
}

rd::Partitions list_of(std::span<const base::TopicPartition> partitions, int64_t offset) {
  rd::Partitions list = rd::make_partitions(partitions.size());
  for (const base::TopicPartition& id : partitions) {
    rd_kafka_topic_partition_list_add(list.get(), id.topic.c_str(), id.partition)->offset = offset;
  }
  return list;
}

// The request's error, or else that of the first partition that has one.
rd_kafka_resp_err_t first_error(rd_kafka_resp_err_t error,
                                const rd_kafka_topic_partition_list_t* list) {
  for (int i = 0; error == RD_KAFKA_RESP_ERR_NO_ERROR && list != nullptr && i < list->cnt; ++i)
    error = list->elems[i].err;
  return error;
}

GroupMember member_of(const rd_kafka_MemberDescription_t* described) {
  GroupMember member;
  member.client = text_of(rd_kafka_MemberDescription_client_id(described));
  member.host = text_of(rd_kafka_MemberDescription_host(described));
  if (member.host.starts_with('/')) member.host.erase(0, 1);
  member.instance = text_of(rd_kafka_MemberDescription_group_instance_id(described));
  const rd_kafka_MemberAssignment_t* assignment = rd_kafka_MemberDescription_assignment(described);
  const rd_kafka_topic_partition_list_t* list =
      assignment == nullptr ? nullptr : rd_kafka_MemberAssignment_partitions(assignment);
  for (int i = 0; list != nullptr && i < list->cnt; ++i)
    member.partitions.push_back({list->elems[i].topic, list->elems[i].partition});
  std::sort(member.partitions.begin(), member.partitions.end());
  return member;
}

}  // namespace

class GroupAdmin::Impl : public ClientEvents {
 public:
  Impl(const config::KafkaConfig& kafka, std::string group)
      : ClientEvents("The engine", bootstrap_servers(kafka), uses_sasl(kafka, Role::kConsumer)),
        kafka_(kafka),
        group_(std::move(group)) {}

  ~Impl() override = default;
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  base::Status open();
  base::Result<GroupState> describe(milliseconds wait);
  base::Result<std::vector<GroupOffset>> committed(std::span<const base::TopicPartition> partitions,
                                                   milliseconds wait);
  std::vector<PartitionLog> log_ranges(std::span<const base::TopicPartition> partitions,
                                       milliseconds wait);
  base::Result<std::vector<io::PartitionOffset>> offsets_at(
      std::span<const base::TopicPartition> partitions, int64_t unix_ms, milliseconds wait);
  std::vector<std::optional<int64_t>> times_at(std::span<const io::PartitionOffset> offsets,
                                               milliseconds wait);
  base::Status move(std::span<const io::PartitionCommit> offsets, milliseconds wait);

 private:
  base::Status open(const char* isolation, rd::Handle& handle);
  [[nodiscard]] rd::Event answer(rd_kafka_queue_t* queue, milliseconds wait) const;

  [[nodiscard]] base::Error failed(rd_kafka_resp_err_t error, const std::string& subject) const {
    const std::string reason = fatal();
    return {reason.empty() ? sentence(error, subject) : reason};
  }

  const config::KafkaConfig kafka_;
  const std::string group_;
  rd::Handle handle_;
  rd::Handle reader_;  // sees what is not committed; made when first needed
};

base::Status GroupAdmin::Impl::open() {
  return open("read_committed", handle_);
}

base::Status GroupAdmin::Impl::open(const char* isolation, rd::Handle& handle) {
  // A member's client, although it never joins: see Access::may_read_group().
  const std::vector<Setting> fixed = {{"group.id", group_},
                                      {"enable.auto.commit", "false"},
                                      {"enable.auto.offset.store", "false"},
                                      {"auto.offset.reset", "error"},
                                      {"enable.partition.eof", "true"},
                                      {"allow.auto.create.topics", "false"},
                                      {"isolation.level", isolation},
                                      {"fetch.wait.max.ms", "20"},
                                      // Of each partition one batch of records is enough.
                                      {"max.partition.fetch.bytes", "1"},
                                      {"queued.max.messages.kbytes", "16384"}};
  auto conf = make_conf(kafka_, Role::kConsumer, {}, fixed);
  if (!conf.ok()) return conf.error();
  auto client = make_client(std::move(conf.value()), Role::kConsumer, *this);
  if (!client.ok()) return client.error();
  handle = std::move(client.value());
  rd_kafka_poll_set_consumer(handle.get());
  return {};
}

// The request's own time-out ends the wait.
rd::Event GroupAdmin::Impl::answer(rd_kafka_queue_t* queue, milliseconds wait) const {
  return rd::Event(rd_kafka_queue_poll(queue, rd::to_ms(wait + kAttempt)));
}

base::Result<GroupState> GroupAdmin::Impl::describe(milliseconds wait) {
  const std::string subject = "group " + group_;
  const auto until = SteadyClock::now() + wait;
  while (true) {
    const rd::Queue queue(rd_kafka_queue_new(handle_.get()));
    const milliseconds time = left(until);
    const rd::AdminOptions how =
        request_options(handle_.get(), RD_KAFKA_ADMIN_OP_DESCRIBECONSUMERGROUPS, time);
    const char* name = group_.c_str();
    rd_kafka_DescribeConsumerGroups(handle_.get(), &name, 1, how.get(), queue.get());
    const rd::Event event = answer(queue.get(), time);
    if (event == nullptr) return failed(RD_KAFKA_RESP_ERR__TIMED_OUT, subject);
    rd_kafka_resp_err_t error = rd_kafka_event_error(event.get());
    size_t count = 0;
    const auto* result = rd_kafka_event_DescribeConsumerGroups_result(event.get());
    const rd_kafka_ConsumerGroupDescription_t** groups =
        result == nullptr ? nullptr : rd_kafka_DescribeConsumerGroups_result_groups(result, &count);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR && count == 1)
      error = rd_kafka_error_code(rd_kafka_ConsumerGroupDescription_error(groups[0]));
    // (Newer brokers say so of a group that was never there; older ones call it dead.)
    if (error == RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND) return GroupState{"Dead", {}};
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR && count == 1) {
      GroupState state;
      state.state = text_of(
          rd_kafka_consumer_group_state_name(rd_kafka_ConsumerGroupDescription_state(groups[0])));
      const size_t members = rd_kafka_ConsumerGroupDescription_member_count(groups[0]);
      for (size_t i = 0; i < members; ++i)
        state.members.push_back(member_of(rd_kafka_ConsumerGroupDescription_member(groups[0], i)));
      return state;
    }
    if (left(until) <= kBetween || classify(error) == ErrorClass::kFatal)
      return failed(error, subject);
    base::pause_until(SteadyClock::now() + kBetween, {});
  }
}

base::Result<std::vector<GroupOffset>> GroupAdmin::Impl::committed(
    std::span<const base::TopicPartition> partitions, milliseconds wait) {
  std::vector<GroupOffset> offsets;
  if (partitions.empty()) return offsets;
  const auto until = SteadyClock::now() + wait;
  while (true) {
    const rd::Partitions list = list_of(partitions, RD_KAFKA_OFFSET_INVALID);
    const rd_kafka_resp_err_t error = first_error(
        rd_kafka_committed(handle_.get(), list.get(), rd::to_ms(std::min(kAttempt, left(until)))),
        list.get());
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
      for (int i = 0; i < list->cnt; ++i) {
        const rd_kafka_topic_partition_t& one = list->elems[i];
        offsets.push_back({{one.topic, one.partition},
                           base::Offset{one.offset >= 0 ? one.offset : base::Offset::kInvalid},
                           metadata_of(one)});
      }
      return offsets;
    }
    if (left(until) <= kBetween || classify(error) == ErrorClass::kFatal) {
      return failed(error, error == RD_KAFKA_RESP_ERR_UNSTABLE_OFFSET_COMMIT
                               ? "the committed offsets, which a transaction that is open moves"
                               : "the committed offsets of group " + group_);
    }
    base::pause_until(SteadyClock::now() + kBetween, {});
  }
}

std::vector<PartitionLog> GroupAdmin::Impl::log_ranges(
    std::span<const base::TopicPartition> partitions, milliseconds wait) {
  const auto until = SteadyClock::now() + wait;
  const base::Status opened =
      reader_ == nullptr ? open("read_uncommitted", reader_) : base::Status();
  std::vector<PartitionLog> ranges;
  for (const base::TopicPartition& id : partitions) {
    PartitionLog& range = ranges.emplace_back(PartitionLog{id, {}, {}, {}});
    if (!opened.ok()) {
      range.error = opened.message();
      continue;
    }
    int64_t low = 0;
    int64_t high = 0;
    const rd_kafka_resp_err_t error =
        rd_kafka_query_watermark_offsets(reader_.get(), id.topic.c_str(), id.partition, &low, &high,
                                         rd::to_ms(std::min(kAttempt, left(until))));
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
      range.begin = base::Offset{low};
      range.end = base::Offset{high};
    } else {
      range.error = sentence(error, "the ends of " + name_of(id));
    }
  }
  return ranges;
}

base::Result<std::vector<io::PartitionOffset>> GroupAdmin::Impl::offsets_at(
    std::span<const base::TopicPartition> partitions, int64_t unix_ms, milliseconds wait) {
  std::vector<io::PartitionOffset> offsets;
  if (partitions.empty()) return offsets;
  const auto until = SteadyClock::now() + wait;
  while (true) {
    const rd::Partitions list = list_of(partitions, unix_ms);
    const rd_kafka_resp_err_t error =
        first_error(rd_kafka_offsets_for_times(handle_.get(), list.get(),
                                               rd::to_ms(std::min(kAttempt, left(until)))),
                    list.get());
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
      for (int i = 0; i < list->cnt; ++i) {
        const rd_kafka_topic_partition_t& one = list->elems[i];
        offsets.push_back({{one.topic, one.partition},
                           base::Offset{one.offset >= 0 ? one.offset : base::Offset::kInvalid}});
      }
      return offsets;
    }
    if (left(until) <= kBetween || classify(error) == ErrorClass::kFatal)
      return failed(error, "the offsets of that time");
    base::pause_until(SteadyClock::now() + kBetween, {});
  }
}

std::vector<std::optional<int64_t>> GroupAdmin::Impl::times_at(
    std::span<const io::PartitionOffset> offsets, milliseconds wait) {
  std::vector<std::optional<int64_t>> times(offsets.size());
  if (offsets.empty()) return times;
  if (reader_ == nullptr && !open("read_uncommitted", reader_).ok()) return times;
  const auto until = SteadyClock::now() + wait;
  const rd::Partitions list = rd::make_partitions(offsets.size());
  for (const io::PartitionOffset& one : offsets) {
    rd_kafka_topic_partition_list_add(list.get(), one.id.topic.c_str(), one.id.partition)->offset =
        one.next.value;
  }
  if (rd_kafka_assign(reader_.get(), list.get()) != RD_KAFKA_RESP_ERR_NO_ERROR) return times;
  std::vector<bool> answered(offsets.size());
  size_t missing = offsets.size();
  while (missing > 0 && left(until) > milliseconds{0}) {
    const rd::Message message(rd_kafka_consumer_poll(reader_.get(), rd::to_ms(kPoll)));
    if (message == nullptr || message->rkt == nullptr) continue;
    const base::TopicPartition id{rd_kafka_topic_name(message->rkt), message->partition};
    const auto found = std::find_if(offsets.begin(), offsets.end(),
                                    [&](const io::PartitionOffset& one) { return one.id == id; });
    const auto at = static_cast<size_t>(found - offsets.begin());
    if (found == offsets.end() || answered[at]) continue;
    const bool passes = message->err != RD_KAFKA_RESP_ERR_NO_ERROR &&
                        message->err != RD_KAFKA_RESP_ERR__PARTITION_EOF &&
                        classify(message->err) != ErrorClass::kFatal;
    if (passes) continue;
    answered[at] = true;
    --missing;
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    const int64_t time = rd_kafka_message_timestamp(message.get(), nullptr);
    if (time >= 0) times[at] = time;
  }
  rd_kafka_assign(reader_.get(), nullptr);
  return times;
}

base::Status GroupAdmin::Impl::move(std::span<const io::PartitionCommit> offsets,
                                    milliseconds wait) {
  const std::string subject = "moving the offsets of group " + group_;
  const rd::Queue queue(rd_kafka_queue_new(handle_.get()));
  const rd::AdminOptions how =
      request_options(handle_.get(), RD_KAFKA_ADMIN_OP_ALTERCONSUMERGROUPOFFSETS, wait);
  const rd::Partitions list = commit_list(offsets);
  const AlterOffsets request(rd_kafka_AlterConsumerGroupOffsets_new(group_.c_str(), list.get()));
  rd_kafka_AlterConsumerGroupOffsets_t* requests = request.get();
  rd_kafka_AlterConsumerGroupOffsets(handle_.get(), &requests, 1, how.get(), queue.get());
  const rd::Event event = answer(queue.get(), wait);
  if (event == nullptr) return failed(RD_KAFKA_RESP_ERR__TIMED_OUT, subject);
  rd_kafka_resp_err_t error = rd_kafka_event_error(event.get());
  size_t count = 0;
  const auto* result = rd_kafka_event_AlterConsumerGroupOffsets_result(event.get());
  const rd_kafka_group_result_t** groups =
      result == nullptr ? nullptr
                        : rd_kafka_AlterConsumerGroupOffsets_result_groups(result, &count);
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR && count == 1) {
    error = rd_kafka_error_code(rd_kafka_group_result_error(groups[0]));
    error = first_error(error, rd_kafka_group_result_partitions(groups[0]));
  }
  switch (error) {
    case RD_KAFKA_RESP_ERR_NO_ERROR:
      return {};
    case RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID:
    case RD_KAFKA_RESP_ERR_NON_EMPTY_GROUP:
    case RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS:
      return base::Error{subject + ": it has members"};
    default:
      return failed(error, subject);
  }
}

GroupAdmin::GroupAdmin(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

GroupAdmin::~GroupAdmin() = default;

base::Result<std::unique_ptr<GroupAdmin>> GroupAdmin::create(const config::KafkaConfig& kafka,
                                                             const std::string& group) {
  auto impl = std::make_unique<Impl>(kafka, group);
  base::Status status = impl->open();
  if (!status.ok()) return base::Error{status.message()};
  return std::unique_ptr<GroupAdmin>(new GroupAdmin(std::move(impl)));
}

base::Result<GroupState> GroupAdmin::describe(milliseconds wait) {
  return impl_->describe(wait);
}

base::Result<std::vector<GroupOffset>> GroupAdmin::committed(
    std::span<const base::TopicPartition> partitions, milliseconds wait) {
  return impl_->committed(partitions, wait);
}

std::vector<PartitionLog> GroupAdmin::log_ranges(std::span<const base::TopicPartition> partitions,
                                                 milliseconds wait) {
  return impl_->log_ranges(partitions, wait);
}

base::Result<std::vector<io::PartitionOffset>> GroupAdmin::offsets_at(
    std::span<const base::TopicPartition> partitions, int64_t unix_ms, milliseconds wait) {
  return impl_->offsets_at(partitions, unix_ms, wait);
}

std::vector<std::optional<int64_t>> GroupAdmin::times_at(
    std::span<const io::PartitionOffset> offsets, milliseconds wait) {
  return impl_->times_at(offsets, wait);
}

base::Status GroupAdmin::move(std::span<const io::PartitionCommit> offsets, milliseconds wait) {
  return impl_->move(offsets, wait);
}

}  // namespace millrace::kafka
