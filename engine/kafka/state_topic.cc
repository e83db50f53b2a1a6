// SPDX-License-Identifier: Apache-2.0
#include "engine/kafka/state_topic.h"

#include <algorithm>
#include <chrono>
#include <functional>
#include <stop_token>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "engine/base/log.h"
#include "engine/base/pause.h"
#include "engine/kafka/client.h"
#include "engine/kafka/client_conf.h"
#include "engine/kafka/error_class.h"
#include "engine/kafka/state_topic_setup.h"

namespace millrace::kafka {
namespace {

// Together below the second within which a stop is seen.
constexpr int kAttemptMs = 500;
constexpr std::chrono::milliseconds kPoll{100};
constexpr std::chrono::milliseconds kBetween{50};
constexpr std::chrono::seconds kSayEvery{2};
// A transaction that is open for longer is not just one that is being committed, or a dead
// member's.
constexpr std::chrono::seconds kLong{60};
// Before fetch.queue.backoff.ms (2.2.0) a full queue is looked at again after up to a second,
// unless something else is asked of the broker: so that is done once in so many bytes.
constexpr int kBackoffVersion = 0x020200ff;
constexpr uint64_t kNudgeEvery = uint64_t{8} << 20;
constexpr int kNudgeMs = 100;
// How long a client is believed that a partition does not exist.
constexpr std::chrono::seconds kBelieved{3};

std::vector<Setting> fixed(const char* isolation) {
  return {
      // The library wants a name before it lets a consumer assign itself partitions. Nobody joins.
      {"group.id", "millrace-read"},
      {"enable.auto.commit", "false"},
      {"enable.auto.offset.store", "false"},
      // Where the start of the log moves while it is read, the reading goes on there.
      {"auto.offset.reset", "earliest"},
      {"isolation.level", isolation},
      {"check.crcs", "true"},
      {"enable.partition.eof", "true"},
      {"allow.auto.create.topics", "false"},
      // The end is told by a response that has nothing in it, and that waits for so long.
      {"fetch.wait.max.ms", "20"},
      {"max.partition.fetch.bytes", "2097152"},
      {"fetch.max.bytes", "8388608"},
      // To a consumer this says no more than what fetch.max.bytes may not be below.
      {"message.max.bytes", "1000"},
      {"queued.max.messages.kbytes", "32768"},
      {"queued.min.messages", "100000"},
      {"fetch.queue.backoff.ms", "5", true},
  };
}

std::string mebibytes(double bytes) {
  return fmt::format("{:.0f} MiB", bytes / (1 << 20));
}

using Stopped = std::function<bool()>;

// librdkafka asks for the end of what is decided where it reads committed records only.
const char* isolation_of_ends(StateTopic::Until until) {
  return until == StateTopic::Until::kDecided ? "read_committed" : "read_uncommitted";
}

// One read(): from the start of the log to where its end was at the beginning.
class Reading : public ClientEvents {
  using Clock = std::chrono::steady_clock;

 public:
  Reading(const config::KafkaConfig& kafka, const std::string& topic, StateTopic::Until until,
          Stopped stopped)
      : ClientEvents("The reader of insights' state", bootstrap_servers(kafka),
                     uses_sasl(kafka, Role::kConsumer)),
        kafka_(kafka),
        topic_(topic),
        until_(until),
        stopped_(std::move(stopped)) {}

  ~Reading() override = default;
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;

  base::Status run(std::span<const int32_t> partitions, const io::StateLog::OnRecord& on_record);

 private:
  struct Range {
    int32_t partition = 0;
    int64_t first = 0;
    int64_t next = 0;
    int64_t end = 0;
    bool stands = false;  // below `end`, and nothing more can be read for now

    [[nodiscard]] bool done() const { return next >= end; }
  };

  base::Status open(const char* isolation, rd::Handle& handle);
  base::Status ask_for_ends(int32_t partition, int64_t& low, int64_t& high);
  base::Status renew_if_stale(rd_kafka_resp_err_t error);
  base::Status begin(std::span<const int32_t> partitions);
  [[nodiscard]] bool all_done() const;
  base::Status take(const rd_kafka_message_t& message, const io::StateLog::OnRecord& on_record);
  [[nodiscard]] base::Status error_of(const rd_kafka_message_t& message) const;
  void nudge(int32_t partition);
  // Every two seconds: says how far it is, or what it waits for.
  base::Status look();
  [[nodiscard]] base::Error ended() const;

  const config::KafkaConfig& kafka_;
  const std::string& topic_;
  const StateTopic::Until until_;
  const Stopped stopped_;
  std::vector<Range> ranges_;
  uint64_t bytes_ = 0;
  uint64_t nudge_at_ = kNudgeEvery;
  Clock::time_point look_at_ = Clock::now() + kSayEvery;
  const Clock::time_point began_ = Clock::now();
  bool said_waiting_ = false;
  Clock::time_point renew_at_ = Clock::now() + kBelieved;
  rd::Handle ends_;
  rd::Handle handle_;
};

base::Error Reading::ended() const {
  return {fmt::format("stopped before topic {} was read", topic_)};
}

base::Status Reading::open(const char* isolation, rd::Handle& handle) {
  auto conf = make_conf(kafka_, Role::kConsumer, {}, fixed(isolation));
  if (!conf.ok()) return conf.error();
  auto client = make_client(std::move(conf.value()), Role::kConsumer, *this);
  if (!client.ok()) return client.error();
  handle = std::move(client.value());
  return {};
}

base::Status Reading::ask_for_ends(int32_t partition, int64_t& low, int64_t& high) {
  while (true) {
    const auto began = Clock::now();
    const rd_kafka_resp_err_t error = rd_kafka_query_watermark_offsets(
        ends_.get(), topic_.c_str(), partition, &low, &high, kAttemptMs);
    rd_kafka_poll(ends_.get(), 0);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
      works();
      return {};
    }
    if (stopped_()) return ended();
    if (std::string reason = fatal(); !reason.empty()) return base::Error{reason};
    if (error == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED)
      return state_topic_denied(topic_, "read");
    const std::string what = fmt::format("the ends of {}-{}", topic_, partition);
    if (classify(error) == ErrorClass::kFatal) return base::Error{sentence(error, what)};
    // An unreachable broker is said by ClientEvents already.
    if (Clock::now() >= look_at_ && away().empty()) {
      warn_limited(what, fmt::format("Waiting for {}: {}.", what, sentence(error, "")));
    }
    base::Status status = renew_if_stale(error);
    if (!status.ok()) return status;
    base::pause_until(began + kBetween, {});
  }
}

// Where a topic had no leaders for a moment (its broker was cut off from the controller),
// librdkafka 2.0.2 goes on to say that its partitions do not exist, without asking again: it was
// seen to do so for a minute after they were back. A new client asks.
base::Status Reading::renew_if_stale(rd_kafka_resp_err_t error) {
  switch (error) {
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE:
      break;
    default:
      return {};
  }
  if (Clock::now() < renew_at_) return {};
  renew_at_ = Clock::now() + kBelieved;
  return open(isolation_of_ends(until_), ends_);
}

base::Status Reading::begin(std::span<const int32_t> partitions) {
  base::Status status = open(isolation_of_ends(until_), ends_);
  if (!status.ok()) return status;
  for (const int32_t partition : partitions) {
    int64_t low = 0;
    int64_t high = 0;
    status = ask_for_ends(partition, low, high);
    if (!status.ok()) return status;
    ranges_.push_back({partition, low, low, high});
  }
  if (all_done()) return {};
  status = open("read_committed", handle_);
  if (!status.ok()) return status;
  rd_kafka_poll_set_consumer(handle_.get());
  const rd::Partitions list = rd::make_partitions(ranges_.size());
  for (const Range& range : ranges_) {
    if (range.done()) continue;
    rd_kafka_topic_partition_list_add(list.get(), topic_.c_str(), range.partition)->offset =
        range.first;
  }
  const rd_kafka_resp_err_t error = rd_kafka_assign(handle_.get(), list.get());
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
  return base::Error{sentence(error, "reading topic " + topic_)};
}

bool Reading::all_done() const {
  return std::all_of(ranges_.begin(), ranges_.end(),
                     [](const Range& range) { return range.done(); });
}

base::Status Reading::run(std::span<const int32_t> partitions,
                          const io::StateLog::OnRecord& on_record) {
  base::Status status = begin(partitions);
  while (status.ok() && !all_done()) {
    if (stopped_()) return ended();
    const rd::Message message(rd_kafka_consumer_poll(handle_.get(), rd::to_ms(kPoll)));
    if (message != nullptr) {
      status = take(*message, on_record);
    } else if (std::string reason = fatal(); !reason.empty()) {
      return base::Error{reason};
    } else {
      on_idle(handle_.get());
    }
    if (status.ok() && Clock::now() >= look_at_) status = look();
  }
  return status;
}

base::Status Reading::take(const rd_kafka_message_t& message,
                           const io::StateLog::OnRecord& on_record) {
  const bool at_end = message.err == RD_KAFKA_RESP_ERR__PARTITION_EOF;
  if (message.err != RD_KAFKA_RESP_ERR_NO_ERROR && !at_end) return error_of(message);
  works();
  const auto range = std::find_if(ranges_.begin(), ranges_.end(), [&](const Range& one) {
    return one.partition == message.partition;
  });
  if (range == ranges_.end() || range->done()) return {};
  if (at_end) {
    // Behind control records, and what compaction took away: no record tells that.
    range->next = std::max(range->next, message.offset);
    range->stands = !range->done();
    return {};
  }
  range->stands = false;
  if (message.offset < range->next) return {};
  range->next = message.offset + 1;
  // What came to the log after the beginning.
  if (message.offset >= range->end) return {};
  bytes_ += message.key_len + message.len;
  if (bytes_ >= nudge_at_) nudge(message.partition);
  const std::string_view key(static_cast<const char*>(message.key), message.key_len);
  if (message.payload == nullptr) {
    on_record(key, std::nullopt);
  } else {
    on_record(key, std::string_view(static_cast<const char*>(message.payload), message.len));
  }
  return {};
}

void Reading::nudge(int32_t partition) {
  nudge_at_ = bytes_ + kNudgeEvery;
  if (rd_kafka_version() >= kBackoffVersion) return;
  int64_t low = 0;
  int64_t high = 0;
  rd_kafka_query_watermark_offsets(handle_.get(), topic_.c_str(), partition, &low, &high, kNudgeMs);
}

base::Status Reading::error_of(const rd_kafka_message_t& message) const {
  switch (message.err) {
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
      return state_topic_denied(topic_, "read");
    case RD_KAFKA_RESP_ERR__BAD_MSG:
    case RD_KAFKA_RESP_ERR__BAD_COMPRESSION:
    case RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
      return base::Error{sentence(message.err, fmt::format("{}-{} at offset {}", topic_,
                                                           message.partition, message.offset))};
    default:
      // Passes, or is about the group that nobody joins.
      base::log::debug("Reading topic {}: {}", topic_, rd_kafka_message_errstr(&message));
      return {};
  }
}

base::Status Reading::look() {
  look_at_ = Clock::now() + kSayEvery;
  int64_t passed = 0;
  int64_t all = 0;
  bool waits = true;  // every partition that is not done
  for (const Range& range : ranges_) {
    passed += std::min(range.next, range.end) - range.first;
    all += range.end - range.first;
    waits = waits && (range.done() || range.stands);
  }
  if (!waits) {
    const double share =
        static_cast<double>(passed) / static_cast<double>(std::max<int64_t>(all, 1));
    const auto read = static_cast<double>(bytes_);
    base::log::info("Restoring insights: {} of about {}.", mebibytes(read),
                    mebibytes(share > 0 ? read / share : read));
    return {};
  }
  if (!std::exchange(said_waiting_, true)) {
    base::log::info(
        "Restoring insights: waiting for an open transaction on topic {} to end; it does so by its "
        "time-out at the latest.",
        topic_);
  } else if (Clock::now() - began_ >= kLong) {
    warn_limited(
        "transaction",
        fmt::format(
            "Restoring insights: still waiting for an open "
            "transaction on topic {}, for {} s now; "
            "kafka-transactions can find and abort it.",
            topic_,
            std::chrono::duration_cast<std::chrono::seconds>(Clock::now() - began_).count()));
  }
  for (const Range& range : ranges_) {
    if (range.done()) continue;
    int64_t low = 0;
    int64_t high = 0;
    base::Status status = ask_for_ends(range.partition, low, high);
    if (!status.ok()) return status;
    if (high < range.end) {
      return base::Error{
          fmt::format("{}-{} lost records while it was read: it ended at offset {}, "
                      "and now at {}",
                      topic_, range.partition, range.end, high)};
    }
  }
  return {};
}

}  // namespace

class StateTopic::Impl {
 public:
  Impl(const config::KafkaConfig& kafka, std::string topic, Until until, std::stop_token stop)
      : kafka_(kafka), topic_(std::move(topic)), until_(until), stop_(std::move(stop)) {}

  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  base::Status open(const Patience& patience) {
    auto admin = Admin::create(kafka_, Side::kInput);
    if (!admin.ok()) return admin.error();
    base::Status status = admin.value()->wait_for_topics({&topic_, 1}, patience);
    if (!status.ok()) return status;
    auto count = admin.value()->partition_count(topic_, patience);
    if (!count.ok()) return count.error();
    partitions = count.value();
    return {};
  }

  base::Status read(std::span<const int32_t> wanted, const OnRecord& on_record) {
    for (const int32_t partition : wanted) {
      if (partition >= 0 && partition < partitions) continue;
      return base::Error{
          fmt::format("topic {} has no partition {}; it has {}", topic_, partition, partitions)};
    }
    Reading reading(kafka_, topic_, until_,
                    [this] { return stop_.stop_requested() || cancelled.stop_requested(); });
    return reading.run(wanted, on_record);
  }

  int32_t partitions = 0;
  std::stop_source cancelled;

 private:
  const config::KafkaConfig kafka_;
  const std::string topic_;
  const Until until_;
  const std::stop_token stop_;
};

StateTopic::StateTopic(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

StateTopic::~StateTopic() = default;

base::Result<std::unique_ptr<StateTopic>> StateTopic::create(const config::KafkaConfig& kafka,
                                                             std::string topic,
                                                             const Patience& patience,
                                                             Until until) {
  auto impl = std::make_unique<Impl>(kafka, std::move(topic), until, patience.stop);
  base::Status status = impl->open(patience);
  if (!status.ok()) return base::Error{status.message()};
  return std::unique_ptr<StateTopic>(new StateTopic(std::move(impl)));
}

int32_t StateTopic::partition_count() const {
  return impl_->partitions;
}

base::Status StateTopic::read(std::span<const int32_t> partitions, const OnRecord& on_record) {
  return impl_->read(partitions, on_record);
}

void StateTopic::cancel() {
  impl_->cancelled.request_stop();
}

}  // namespace millrace::kafka
