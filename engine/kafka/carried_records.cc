// SPDX-License-Identifier: Apache-2.0
#include "engine/kafka/carried_records.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "engine/base/check.h"
#include "engine/base/log.h"
#include "engine/base/pause.h"
#include "engine/kafka/error_class.h"
#include "engine/kafka/message.h"
#include "engine/kafka/metadata.h"

namespace millrace::kafka {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kAttemptMs = 500;
constexpr std::chrono::seconds kSilent{2};
constexpr std::chrono::milliseconds kBetween{50};
// A stop is seen within this.
constexpr std::chrono::milliseconds kLook{20};

Failure about(int code, const std::string& where) {
  return {code, false, sentence(code, "writing to " + where)};
}

std::string place(const std::string& topic, int32_t partition) {
  return fmt::format("{}-{}", topic, partition);
}

// What a report's error means for the transaction.
int code_of(rd_kafka_resp_err_t error) {
  switch (error) {
    case RD_KAFKA_RESP_ERR__PURGE_QUEUE:
    case RD_KAFKA_RESP_ERR__PURGE_INFLIGHT:
      return RD_KAFKA_RESP_ERR__STATE;  // given up with it
    case RD_KAFKA_RESP_ERR__MSG_TIMED_OUT:
      return RD_KAFKA_RESP_ERR__TIMED_OUT;  // waiting mends that, as for any other request
    default:
      return error;
  }
}

}  // namespace

CarriedRecords::Topic* CarriedRecords::topic_of(const std::string& name) {
  const auto found = std::find_if(topics_.begin(), topics_.end(),
                                  [&](const Topic& topic) { return topic.name == name; });
  return found == topics_.end() ? nullptr : &*found;
}

std::string CarriedRecords::topic_names() const {
  std::string names;
  for (const Topic& topic : topics_) names += (names.empty() ? "" : ", ") + topic.name;
  return names;
}

Failure CarriedRecords::find_topics(rd_kafka_t* producer,
                                    std::span<const io::CarriedRecord> records,
                                    const Patience& patience) {
  for (const io::CarriedRecord& record : records) {
    if (topic_of(record.topic) != nullptr) continue;
    Failure why = find_topic(producer, record.topic, patience);
    if (why.any()) return why;
  }
  return {};
}

Failure CarriedRecords::find_topic(rd_kafka_t* producer, const std::string& name,
                                   const Patience& patience) {
  rd::Topic handle(rd_kafka_topic_new(producer, name.c_str(), nullptr));
  if (handle == nullptr) return about(rd_kafka_last_error(), name);
  const auto say_at = Clock::now() + kSilent;
  bool said = false;
  while (true) {
    const auto began = Clock::now();
    const TopicAnswer answer = ask_for_topic(producer, handle.get(), kAttemptMs);
    if (answer.error == RD_KAFKA_RESP_ERR_NO_ERROR) {
      const auto partitions = static_cast<size_t>(answer.partitions);
      topics_.push_back({name, std::move(handle), std::vector<bool>(partitions)});
      return {};
    }
    if (std::string reason = events_.fatal(); !reason.empty()) {
      return {answer.error, true, std::move(reason)};
    }
    if (needs_person(answer.error) || patience.over()) return about(answer.error, name);
    if (!said && Clock::now() >= say_at) {
      said = true;
      base::log::info("A commit waits for the partitions of {}.", sentence(answer.error, name));
    }
    base::pause_until(began + kBetween, patience.stop);
  }
}

Failure CarriedRecords::send(rd_kafka_t* producer, std::span<const io::CarriedRecord> records,
                             const Patience& patience) {
  {
    const base::MutexLock lock(mutex_);
    failure_ = {};
  }
  for (const io::CarriedRecord& record : records) {
    Failure why = send_one(producer, record, patience);
    if (why.any()) return why;
  }
  return {};
}

Failure CarriedRecords::send_one(rd_kafka_t* producer, const io::CarriedRecord& record,
                                 const Patience& patience) {
  Topic* topic = topic_of(record.topic);
  MILLRACE_CHECK(topic != nullptr);
  const auto count = static_cast<int32_t>(topic->open.size());
  // librdkafka's own version of Java's: murmur2_random differs from it only without a key.
  const int32_t partition = record.partition ? *record.partition
                                             : rd_kafka_msg_partitioner_murmur2(
                                                   topic->handle.get(), record.key.data(),
                                                   record.key.size(), count, nullptr, nullptr);
  const std::string where = place(record.topic, partition);
  if (partition < 0 || partition >= count) {
    return about(RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION, where);
  }
  while (const rd_kafka_resp_err_t error = hand_over(producer, *topic, partition, record)) {
    if (error == RD_KAFKA_RESP_ERR__FATAL || error == RD_KAFKA_RESP_ERR__FENCED ||
        error == RD_KAFKA_RESP_ERR__STATE) {
      return about(RD_KAFKA_RESP_ERR__STATE, where);
    }
    if (error != RD_KAFKA_RESP_ERR__QUEUE_FULL) return about(error, where);
    // There is room a moment after the report was served.
    Failure why = wait_for_reports(pending() / 2, patience);
    if (why.any()) return why;
    if (patience.over()) return about(RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE, where);
    base::pause_until(Clock::now() + std::chrono::milliseconds{1}, patience.stop);
  }
  const auto index = static_cast<size_t>(partition);
  if (topic->open[index]) return {};
  Failure why = wait_for_reports(0, patience);
  if (!why.any()) topic->open[index] = true;
  return why;
}

rd_kafka_resp_err_t CarriedRecords::hand_over(rd_kafka_t* producer, const Topic& topic,
                                              int32_t partition, const io::CarriedRecord& record) {
  // Before it is sent: its report may come before produce() returns.
  unreported_.fetch_add(1, std::memory_order_acq_rel);
  {
    const base::MutexLock lock(mutex_);
    ++pending_;
  }
  const rd_kafka_resp_err_t error =
      produce(producer, {.topic = topic.handle.get(),
                         .partition = partition,
                         .key = record::Bytes::of(record.key),
                         .value = record.value ? record::Bytes::of(*record.value) : record::Bytes(),
                         .opaque = this,
                         .flags = RD_KAFKA_MSG_F_COPY});
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return error;
  unreported_.fetch_sub(1, std::memory_order_acq_rel);
  const base::MutexLock lock(mutex_);
  --pending_;
  return error;
}

void CarriedRecords::reported(const rd_kafka_message_t& message) {
  const base::MutexLock lock(mutex_);
  --pending_;
  if (message.err != RD_KAFKA_RESP_ERR_NO_ERROR && !failure_.any()) {
    failure_ = about(message.err, place(rd_kafka_topic_name(message.rkt), message.partition));
    failure_.code = code_of(message.err);
  }
  changed_.notify_all();
}

size_t CarriedRecords::pending() const {
  const base::MutexLock lock(mutex_);
  return pending_;
}

Failure CarriedRecords::wait_for_reports(size_t most, const Patience& patience) {
  const base::MutexLock lock(mutex_);
  while (!failure_.any() && pending_ > most) {
    if (patience.over()) return about(RD_KAFKA_RESP_ERR__TIMED_OUT, topic_names());
    changed_.wait_until(mutex_, Clock::now() + kLook);
  }
  return failure_;
}

Failure CarriedRecords::failure(std::chrono::milliseconds time) {
  const auto until = Clock::now() + time;
  const base::MutexLock lock(mutex_);
  while (!failure_.any() && pending_ > 0 && Clock::now() < until) {
    changed_.wait_until(mutex_, until);
  }
  return failure_.code == RD_KAFKA_RESP_ERR__STATE ? Failure() : failure_;
}

}  // namespace millrace::kafka
