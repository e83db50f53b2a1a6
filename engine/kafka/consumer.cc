// SPDX-License-Identifier: Apache-2.0
#include "engine/kafka/consumer.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <stop_token>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include "engine/base/check.h"
#include "engine/base/log.h"
#include "engine/kafka/assignment.h"
#include "engine/kafka/client.h"
#include "engine/kafka/client_conf.h"
#include "engine/kafka/consumer_conf.h"
#include "engine/kafka/current_consumer.h"
#include "engine/kafka/error_class.h"
#include "engine/kafka/group_membership.h"
#include "engine/kafka/lost_offsets.h"
#include "engine/kafka/message.h"
#include "engine/kafka/rejoin_limit.h"

namespace millrace::kafka {
namespace {

using GroupMetadata = std::unique_ptr<rd_kafka_consumer_group_metadata_t,
                                      rd::Deleter<rd_kafka_consumer_group_metadata_destroy>>;

}  // namespace

class Consumer::Impl : public ClientEvents {
 public:
  Impl(const config::KafkaConfig& kafka, ConsumerOptions options)
      : ClientEvents("The consumer", bootstrap_servers(kafka), uses_sasl(kafka, Role::kConsumer)),
        kafka_(kafka),
        options_(std::move(options)),
        lost_(options_.on_lost_offsets),
        rejoin_limit_(options_.session_timeout) {}

  ~Impl() override {
    listener_ = nullptr;
    // Before the handle is let go: leaving calls on_rebalance, which needs it.
    if (handle_ != nullptr) close();
  }

  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  base::Status open();
  base::Status subscribe(io::AssignmentListener& listener);
  void poll(std::chrono::milliseconds timeout, io::SourceEvent& event);
  base::Status rewind(uint32_t slot, base::Offset offset);
  void stop_partition(uint32_t slot);
  void close();

  void cancel_waits() { stop_waits_.request_stop(); }

  [[nodiscard]] const CurrentConsumer& current() const { return current_; }

  [[nodiscard]] const std::shared_ptr<GroupMembership>& membership() const { return membership_; }

  [[nodiscard]] const PartitionWatch& watch() const { return watch_; }

 private:
  struct Slot {
    base::TopicPartition id;
    base::Offset next;  // to be delivered
    bool stopped = false;
    bool noted = false;  // the watch has an end or an error of it: to be undone by the next record
  };

  static void on_rebalance(rd_kafka_t* consumer, rd_kafka_resp_err_t code,
                           rd_kafka_topic_partition_list_t* partitions, void* opaque) noexcept;
  void assign(rd_kafka_topic_partition_list_t& partitions);
  void give_up_assignment(const std::string& why);
  [[nodiscard]] std::vector<io::AssignedPartition> describe(
      const rd_kafka_topic_partition_list_t& partitions,
      const std::vector<StartPoint>& points) const;
  void revoke();
  void take(const rd_kafka_message_t& message, io::SourceEvent& event);
  void take_error(const rd_kafka_message_t& message, io::SourceEvent& event);
  void note_error(const rd_kafka_message_t& message, const std::string& topic);
  void say_absent(const std::string& topic);
  bool look_for_lost(io::SourceEvent& event);
  void take_group_error(rd_kafka_resp_err_t code, io::SourceEvent& event);
  void fenced(io::SourceEvent& event);
  base::Status join_again();
  base::Status join();
  void lose_assignment(bool lost);
  [[nodiscard]] std::string fenced_for_good() const;
  void forget_assignment();
  rd_kafka_resp_err_t assign_again();
  [[nodiscard]] Slot* slot_of(const rd_kafka_message_t& message);
  [[nodiscard]] rd::Partitions one(uint32_t slot, int64_t offset) const;
  void fail(io::SourceEvent& event, std::string message);

  const config::KafkaConfig kafka_;
  const ConsumerOptions options_;
  io::AssignmentListener* listener_ = nullptr;
  std::vector<Slot> slots_;
  // From a message's topic object, which is the same for all of the topic's messages as long as the
  // assignment lasts, and its partition to the slot (-1: not looked up yet).
  std::unordered_map<const rd_kafka_topic_t*, std::vector<int32_t>> slot_index_;
  const rd_kafka_topic_t* last_topic_ = nullptr;
  int32_t last_partition_ = -1;
  Slot* last_slot_ = nullptr;
  LostOffsets lost_;
  uint64_t assignment_ = 0;
  const std::shared_ptr<GroupMembership> membership_ = std::make_shared<GroupMembership>();
  PartitionWatch watch_;
  std::vector<record::Header> headers_;
  std::set<std::string> said_;
  std::string failed_;  // an assignment that could not be begun: why
  bool closed_ = false;
  std::stop_source stop_waits_;
  RejoinLimit rejoin_limit_;
  std::optional<RejoinLimit::Clock::time_point> expired_;  // when an assignment did last
  CurrentConsumer current_;
  rd_kafka_t* handle_ = nullptr;  // what current_ has, for the poll thread
  rd::Message message_;  // what the last poll() showed; goes before the client, which waits for it
};

base::Status Consumer::Impl::open() {
  auto conf = make_conf(kafka_, Role::kConsumer, consumer_defaults(options_),
                        consumer_promises(options_), Statistics::kAsConfigured);
  if (!conf.ok()) return conf.error();
  rd_kafka_conf_set_rebalance_cb(conf.value().get(), on_rebalance);
  auto client = make_client(std::move(conf.value()), Role::kConsumer, *this);
  if (!client.ok()) return client.error();
  handle_ = client.value().get();
  // Errors and statistics then come out of consumer_poll too.
  rd_kafka_poll_set_consumer(handle_);
  current_.put(client.value().release());
  watch_.begin(current_, *this);
  return {};
}

base::Status Consumer::Impl::subscribe(io::AssignmentListener& listener) {
  listener_ = &listener;
  return join();
}

base::Status Consumer::Impl::join() {
  watch_.rebalance();
  const rd::Partitions topics = rd::make_partitions(options_.topics.size());
  for (const std::string& topic : options_.topics) {
    rd_kafka_topic_partition_list_add(topics.get(), topic.c_str(), RD_KAFKA_PARTITION_UA);
  }
  const rd_kafka_resp_err_t error = rd_kafka_subscribe(handle_, topics.get());
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
  return base::Error{sentence(error, "cannot subscribe to the input topics")};
}

void Consumer::Impl::on_rebalance(rd_kafka_t* consumer, rd_kafka_resp_err_t code,
                                  rd_kafka_topic_partition_list_t* partitions,
                                  void* opaque) noexcept {
  auto& self = static_cast<Impl&>(*static_cast<ClientEvents*>(opaque));
  switch (code) {
    case RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS:
      self.works();
      self.assign(*partitions);
      return;
    case RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS:
      self.revoke();
      return;
    default:
      self.membership_->end();
      rd_kafka_assign(consumer, nullptr);
      self.warn_limited("rebalance", fmt::format("Rebalance failed: {}.", rd_kafka_err2str(code)));
  }
}

void Consumer::Impl::forget_assignment() {
  slots_.clear();
  slot_index_.clear();
  last_topic_ = nullptr;
  lost_.clear();
}

void Consumer::Impl::assign(rd_kafka_topic_partition_list_t& partitions) {
  forget_assignment();
  watch_.rebalance();
  // Now, and not when something is committed: the broker looks at member and generation only, so
  // that a late commit with a fresher generation would move the offsets of another member.
  GroupMetadata metadata(rd_kafka_consumer_group_metadata(handle_));
  auto points =
      find_start_points(handle_, partitions, options_.start, *this, stop_waits_.get_token());
  if (!points.ok()) {
    give_up_assignment(points.message());
    return;
  }
  std::vector<io::AssignedPartition> assigned = describe(partitions, points.value());
  listener_->choose_starts(assigned);
  // That may have taken its time.
  if (is_over(handle_, stop_waits_.get_token())) {
    give_up_assignment({});
    return;
  }
  for (size_t i = 0; i < assigned.size(); ++i) {
    const io::AssignedPartition& partition = assigned[i];
    MILLRACE_CHECK(partition.start.valid() && partition.start <= partition.resume);
    partitions.elems[i].offset = partition.start.value;
    slots_.push_back({partition.id, partition.start});
    said_.erase(partition.id.topic);
  }
  const rd_kafka_resp_err_t error = rd_kafka_assign(handle_, &partitions);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    failed_ = sentence(error, "cannot take the assigned partitions");
    return;
  }
  membership_->begin(++assignment_, metadata.release());
  watch_.assigned(assigned);
  listener_->on_assigned(assigned);
}

// A stop is on its way, or the loss of the assignment comes as its revocation; else `why` ends it.
void Consumer::Impl::give_up_assignment(const std::string& why) {
  if (!is_over(handle_, stop_waits_.get_token())) failed_ = why;
  rd_kafka_assign(handle_, nullptr);
}

std::vector<io::AssignedPartition> Consumer::Impl::describe(
    const rd_kafka_topic_partition_list_t& partitions,
    const std::vector<StartPoint>& points) const {
  std::vector<io::AssignedPartition> assigned;
  for (size_t i = 0; i < points.size(); ++i) {
    const rd_kafka_topic_partition_t& entry = partitions.elems[i];
    assigned.push_back({.id = {entry.topic, entry.partition},
                        .slot = static_cast<uint32_t>(i),
                        .assignment = assignment_ + 1,
                        .start = base::Offset{points[i].offset},
                        .committed = points[i].committed,
                        .resume = base::Offset{points[i].offset},
                        .metadata = points[i].metadata});
  }
  return assigned;
}

void Consumer::Impl::revoke() {
  const bool lost = rd_kafka_assignment_lost(handle_) != 0;
  // A fence is told before its revocation: this is the end of a session.
  if (lost) expired_ = RejoinLimit::Clock::now();
  lose_assignment(lost);
  rd_kafka_assign(handle_, nullptr);
  forget_assignment();
}

void Consumer::Impl::lose_assignment(bool lost) {
  // An assignment that was given up before it began has no slots, and nobody heard of it.
  if (!slots_.empty() && listener_ != nullptr) listener_->on_revoked(lost);
  membership_->end();
  watch_.rebalance();
}

Consumer::Impl::Slot* Consumer::Impl::slot_of(const rd_kafka_message_t& message) {
  if (message.rkt == last_topic_ && message.partition == last_partition_) [[likely]]
    return last_slot_;
  if (message.rkt == nullptr || message.partition < 0) return nullptr;
  std::vector<int32_t>& index = slot_index_[message.rkt];
  const auto partition = static_cast<size_t>(message.partition);
  if (index.size() <= partition) index.resize(partition + 1, -1);
  if (index[partition] < 0) {
    const char* topic = rd_kafka_topic_name(message.rkt);
    for (size_t i = 0; i < slots_.size(); ++i) {
      if (slots_[i].id.partition == message.partition && slots_[i].id.topic == topic) {
        index[partition] = static_cast<int32_t>(i);
      }
    }
    if (index[partition] < 0) return nullptr;
  }
  last_topic_ = message.rkt;
  last_partition_ = message.partition;
  last_slot_ = &slots_[static_cast<size_t>(index[partition])];
  return last_slot_;
}

void Consumer::Impl::poll(std::chrono::milliseconds timeout, io::SourceEvent& event) {
  event.kind = io::SourceEvent::Kind::kNone;
  if (!lost_.empty() && look_for_lost(event)) [[unlikely]]
    return;
  message_.reset(rd_kafka_consumer_poll(handle_, rd::to_ms(timeout)));
  if (message_ != nullptr) {
    take(*message_, event);
    return;
  }
  if (!failed_.empty()) {
    fail(event, std::exchange(failed_, {}));
    return;
  }
  if (std::string reason = fatal(); !reason.empty()) {
    fail(event, std::move(reason));
    return;
  }
  on_idle(handle_);
}

void Consumer::Impl::fail(io::SourceEvent& event, std::string message) {
  event.kind = io::SourceEvent::Kind::kFatal;
  event.message = std::move(message);
}

// Once, and again only after it was there.
void Consumer::Impl::say_absent(const std::string& topic) {
  if (!said_.insert(topic).second) return;
  const bool was_there = std::any_of(slots_.begin(), slots_.end(),
                                     [&](const Slot& slot) { return slot.id.topic == topic; });
  if (was_there) {
    base::log::warn("Topic {} does not exist any more; waiting for it.", topic);
  } else {
    base::log::info("Topic {} does not exist yet; waiting for it.", topic);
  }
}

void Consumer::Impl::take_group_error(rd_kafka_resp_err_t code, io::SourceEvent& event) {
  if (code == RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID) {
    fenced(event);
  } else {
    fail(event, sentence(code, fmt::format("joining group {}", options_.group)));
  }
}

// The group gave our instance name to a later member: perhaps to one that nobody is any more.
void Consumer::Impl::fenced(io::SourceEvent& event) {
  const auto cut_off = std::max(expired_, cut_off_at());
  if (!rejoin_limit_.fenced(RejoinLimit::Clock::now(), cut_off)) {
    fail(event, fenced_for_good());
    return;
  }
  base::log::warn(
      "Group {} took this member for another copy of '{}', as may happen to one that was cut off "
      "from the brokers; joining again.",
      options_.group, options_.instance);
  base::Status status = join_again();
  if (!status.ok()) fail(event, status.message());
}

// librdkafka's consumer never works again after a fence: it is replaced.
base::Status Consumer::Impl::join_again() {
  lose_assignment(true);
  forget_assignment();
  failed_.clear();
  message_.reset();
  base::Status status = open();
  return status.ok() ? join() : status;
}

std::string Consumer::Impl::fenced_for_good() const {
  const int fences = rejoin_limit_.fences();
  return fmt::format(
      "another copy runs with the instance name '{}' and took over in group {}{}: every copy needs "
      "an 'instance' of its own",
      options_.instance, options_.group,
      fences > 1 ? fmt::format(", {} times in a row", fences) : "");
}

// Tells the watch, for all slots that the error is about.
void Consumer::Impl::note_error(const rd_kafka_message_t& message, const std::string& topic) {
  const bool whole_topic = message.partition < 0;
  for (uint32_t slot = 0; slot < slots_.size(); ++slot) {
    const base::TopicPartition& id = slots_[slot].id;
    if (id.topic != topic || (!whole_topic && id.partition != message.partition)) continue;
    slots_[slot].noted = true;
    watch_.failed(slot, sentence(message.err, fmt::format("reading {}-{}", topic, id.partition)));
  }
}

// True where an event came of it.
bool Consumer::Impl::look_for_lost(io::SourceEvent& event) {
  using Kind = LostOffsets::Verdict::Kind;
  const auto verdict = lost_.look(handle_);
  if (!verdict) return false;
  const std::string& topic = verdict->lost.id.topic;
  event.slot = verdict->lost.slot;
  switch (verdict->kind) {
    case Kind::kWait:
      warn_limited("range " + topic, verdict->sentence + ".");
      return false;
    case Kind::kReadAgain: {
      warn_limited("again " + topic, verdict->sentence + ".");
      const base::Status status = rewind(event.slot, verdict->offset);
      if (status.ok()) return false;
      event.kind = io::SourceEvent::Kind::kPartitionError;
      event.message = status.message();
      return true;
    }
    case Kind::kStop:
      event.kind = io::SourceEvent::Kind::kPartitionError;
      event.message = verdict->sentence;
      return true;
    case Kind::kGoOn:
      base::log::warn("{}.", verdict->sentence);
      event.kind = io::SourceEvent::Kind::kMoved;
      event.end = verdict->offset;
      return true;
  }
  return false;
}

void Consumer::Impl::take(const rd_kafka_message_t& message, io::SourceEvent& event) {
  if (message.err != RD_KAFKA_RESP_ERR_NO_ERROR && message.err != RD_KAFKA_RESP_ERR__PARTITION_EOF)
      [[unlikely]] {
    take_error(message, event);
    return;
  }
  works();
  Slot* slot = slot_of(message);
  if (slot == nullptr || slot->stopped) return;
  event.slot = static_cast<uint32_t>(slot - slots_.data());
  if (message.err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
    event.kind = io::SourceEvent::Kind::kEnd;
    event.end = base::Offset{message.offset};
    slot->next = event.end;
    watch_.at_end(event.slot, event.end);
    slot->noted = true;
    return;
  }
  if (std::exchange(slot->noted, false)) [[unlikely]]
    watch_.reading(event.slot);
  slot->next = base::Offset{message.offset}.next();
  event.kind = io::SourceEvent::Kind::kRecord;
  show(message, headers_, event.record);
}

void Consumer::Impl::take_error(const rd_kafka_message_t& message, io::SourceEvent& event) {
  const char* name = message.rkt == nullptr ? nullptr : rd_kafka_topic_name(message.rkt);
  const std::string topic = name == nullptr ? "" : name;
  note_error(message, topic);
  switch (message.err) {
    case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
    case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET: {
      const Slot* slot = slot_of(message);
      if (slot == nullptr || slot->stopped) return;
      const auto number = static_cast<uint32_t>(slot - slots_.data());
      lost_.note(number, slot->id, base::Offset{message.offset});
      look_for_lost(event);
      return;
    }
    case RD_KAFKA_RESP_ERR__BAD_MSG:
    case RD_KAFKA_RESP_ERR__BAD_COMPRESSION:
    case RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED: {
      const Slot* slot = slot_of(message);
      if (slot == nullptr || slot->stopped) return;
      event.kind = io::SourceEvent::Kind::kPartitionError;
      event.slot = static_cast<uint32_t>(slot - slots_.data());
      event.message = sentence(
          message.err, fmt::format("{}-{} at offset {}", topic, message.partition, message.offset));
      return;
    }
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
      say_absent(topic);
      return;
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
      fail(event, sentence(message.err, fmt::format("reading topic {}", topic)));
      return;
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_INVALID_GROUP_ID:
    case RD_KAFKA_RESP_ERR_INVALID_SESSION_TIMEOUT:
    case RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID:
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_SASL_MECHANISM:
      take_group_error(message.err, event);
      return;
    case RD_KAFKA_RESP_ERR__MAX_POLL_EXCEEDED:
      base::log::warn(
          "The group gave our partitions away, as polling paused for longer than "
          "max.poll.interval.ms; joining again.");
      return;
    case RD_KAFKA_RESP_ERR__FATAL: {
      std::array<char, 512> text{};
      const rd_kafka_resp_err_t code = rd_kafka_fatal_error(handle_, text.data(), text.size());
      take_group_error(code, event);
      return;
    }
    default:
      warn_limited(rd_kafka_err2name(message.err),
                   fmt::format("The consumer: {}.", rd_kafka_message_errstr(&message)));
  }
}

rd::Partitions Consumer::Impl::one(uint32_t slot, int64_t offset) const {
  rd::Partitions list = rd::make_partitions(1);
  const base::TopicPartition& id = slots_.at(slot).id;
  rd_kafka_topic_partition_list_add(list.get(), id.topic.c_str(), id.partition)->offset = offset;
  return list;
}

// Begins to read every slot where it stands: the only way to make librdkafka go on with one that it
// has given up.
rd_kafka_resp_err_t Consumer::Impl::assign_again() {
  // Its revocation is on its way.
  if (rd_kafka_assignment_lost(handle_) != 0) return RD_KAFKA_RESP_ERR_NO_ERROR;
  const rd::Partitions list = rd::make_partitions(slots_.size());
  for (const Slot& slot : slots_) {
    if (slot.stopped) continue;
    rd_kafka_topic_partition_list_add(list.get(), slot.id.topic.c_str(), slot.id.partition)
        ->offset = slot.next.value;
  }
  slot_index_.clear();
  last_topic_ = nullptr;
  return rd_kafka_assign(handle_, list.get());
}

base::Status Consumer::Impl::rewind(uint32_t slot, base::Offset offset) {
  lost_.forget(slot);
  const rd::Partitions list = one(slot, offset.value);
  // Without end: 2.0.2 takes a timeout for a thousandth of what it says, and this is no request
  // but a message to librdkafka's own thread.
  const rd::Error error(rd_kafka_seek_partitions(handle_, list.get(), -1));
  rd_kafka_resp_err_t code =
      error == nullptr ? RD_KAFKA_RESP_ERR_NO_ERROR : rd_kafka_error_code(error.get());
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) code = list->elems[0].err;
  slots_.at(slot).next = offset;
  // librdkafka has given the partition up: its offset was lost.
  if (code == RD_KAFKA_RESP_ERR__STATE) code = assign_again();
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
  return base::Error{
      sentence(code, fmt::format("cannot go back to offset {} of {}-{}", offset.value,
                                 list->elems[0].topic, list->elems[0].partition))};
}

void Consumer::Impl::stop_partition(uint32_t slot) {
  slots_.at(slot).stopped = true;
  lost_.forget(slot);
  const rd::Partitions list = one(slot, RD_KAFKA_OFFSET_INVALID);
  rd_kafka_pause_partitions(handle_, list.get());
}

void Consumer::Impl::close() {
  if (std::exchange(closed_, true)) return;
  message_.reset();
  const rd_kafka_resp_err_t error = rd_kafka_consumer_close(handle_);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    base::log::warn("Leaving group {}: {}.", options_.group, rd_kafka_err2str(error));
  }
}

Consumer::Consumer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Consumer::~Consumer() = default;

base::Result<std::unique_ptr<Consumer>> Consumer::create(const config::KafkaConfig& kafka,
                                                         const ConsumerOptions& options) {
  auto impl = std::make_unique<Impl>(kafka, options);
  base::Status status = impl->open();
  if (!status.ok()) return base::Error{status.message()};
  return std::unique_ptr<Consumer>(new Consumer(std::move(impl)));
}

base::Status Consumer::subscribe(io::AssignmentListener& listener) {
  return impl_->subscribe(listener);
}

void Consumer::poll(std::chrono::milliseconds timeout, io::SourceEvent& event) {
  impl_->poll(timeout, event);
}

base::Status Consumer::rewind(uint32_t slot, base::Offset offset) {
  return impl_->rewind(slot, offset);
}

void Consumer::stop_partition(uint32_t slot) {
  impl_->stop_partition(slot);
}

void Consumer::close() {
  impl_->close();
}

void Consumer::cancel_waits() {
  impl_->cancel_waits();
}

std::shared_ptr<GroupMembership> Consumer::membership() const {
  return impl_->membership();
}

std::optional<ClientStatistics> Consumer::statistics() const {
  return read_statistics(impl_->statistics());
}

const PartitionWatch& Consumer::watch() const {
  return impl_->watch();
}

const CurrentConsumer& Consumer::current() const {
  return impl_->current();
}

}  // namespace millrace::kafka
