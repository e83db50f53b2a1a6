// SPDX-License-Identifier: Apache-2.0
#include "engine/kafka/producer.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "engine/base/check.h"
#include "engine/kafka/client.h"
#include "engine/kafka/client_conf.h"
#include "engine/kafka/error_class.h"
#include "engine/kafka/message.h"
#include "engine/kafka/metadata.h"
#include "engine/kafka/partition_gate.h"

namespace millrace::kafka {
namespace {

using record::OutputRecord;

// Records handed to librdkafka by one call.
constexpr size_t kRunMax = 512;
// librdkafka's own bookkeeping for a record that waits.
constexpr size_t kBytesPerRecord = 256;
constexpr int kAttemptMs = 1000;
constexpr std::chrono::milliseconds kFlushMax{2000};
constexpr std::chrono::milliseconds kPurgeMax{1000};

std::vector<Setting> defaults(const ProducerOptions& options) {
  return {
      {"linger.ms", std::to_string(options.linger.count())},
  };
}

std::vector<Setting> fixed(const ProducerOptions& options) {
  size_t largest = 1'000'000;
  size_t smallest = 1'000'000;
  for (const ProducerOptions::Topic& topic : options.topics) {
    if (topic.name.empty()) continue;
    largest = std::max(largest, topic.limits.message_bytes_max);
    smallest = std::min(smallest, topic.limits.message_bytes_max);
  }
  const size_t kilobytes = options.queue_bytes / 2 / 1024;
  const size_t records = options.queue_bytes / 2 / kBytesPerRecord;
  return {
      {"enable.idempotence", "true"},
      {"acks", "all"},
      {"message.timeout.ms", "0"},
      {"message.max.bytes", std::to_string(std::clamp<size_t>(largest, 1000, 1'000'000'000))},
      // A batch of small records must fit the topic's limit too, as the broker tests batches.
      {"batch.size", std::to_string(std::max<size_t>(smallest, 1000))},
      // The queue takes at least one record of the largest size, or it would wait for ever.
      {"queue.buffering.max.kbytes",
       std::to_string(std::clamp<size_t>(kilobytes, largest / 1024 + 64, 2'097'151))},
      {"queue.buffering.max.messages", std::to_string(std::clamp<size_t>(records, 1, 10'000'000))},
      {"allow.auto.create.topics", "true"},
  };
}

// Errors of a produce call that say nothing about the record: it was not taken.
bool not_taken(rd_kafka_resp_err_t error) {
  return error == RD_KAFKA_RESP_ERR__QUEUE_FULL || error == RD_KAFKA_RESP_ERR__FATAL ||
         error == RD_KAFKA_RESP_ERR__STATE || error == RD_KAFKA_RESP_ERR__FENCED;
}

}  // namespace

class Producer::Impl : public ClientEvents {
 public:
  Impl(const config::KafkaConfig& kafka, ProducerOptions options)
      : ClientEvents("The producer", bootstrap_servers(kafka), uses_sasl(kafka, Role::kProducer)),
        options_(std::move(options)) {}

  ~Impl() override;
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  base::Status open(const config::KafkaConfig& kafka, std::chrono::milliseconds timeout,
                    const std::stop_token& stop);
  size_t send(std::span<const OutputRecord> records, void* token);
  void serve(std::chrono::milliseconds timeout, io::AckListener& listener);
  [[nodiscard]] std::string fatal_error() const;

  void wake() { rd_kafka_queue_yield(events_.get()); }

 private:
  struct Target {
    std::string name;
    rd::Topic topic;
    int32_t partitions = 0;
    PartitionGate gate;
  };

  struct Refused {
    void* token;
    const char* value;
    std::string reason;
  };

  base::Status open_topic(const std::string& name, std::chrono::steady_clock::time_point deadline,
                          const std::stop_token& stop);
  [[nodiscard]] bool valid(const OutputRecord& record) const;

  [[nodiscard]] Target& target_of(const OutputRecord& record) { return targets_[record.topic]; }

  [[nodiscard]] size_t plain_run(std::span<const OutputRecord> records);
  size_t send_run(std::span<const OutputRecord> run, void* token);
  size_t send_one(const OutputRecord& record, void* token);
  void refuse(const OutputRecord& record, void* token, rd_kafka_resp_err_t error);
  void serve_event(rd_kafka_event_t* event, io::AckListener& listener);
  void serve_reports(rd_kafka_event_t* event, io::AckListener& listener);
  void note_first(const rd_kafka_message_t& message);
  void serve_refused(io::AckListener& listener);
  void give_up();

  // Constant after open().
  const ProducerOptions options_;
  rd::Handle handle_;
  rd::Queue events_;
  std::vector<Target> targets_;

  std::array<rd_kafka_message_t, kRunMax> run_{};  // of the deliver thread

  base::Mutex refused_mutex_;
  std::vector<Refused> refused_ GUARDED_BY(refused_mutex_);
};

base::Status Producer::Impl::open(const config::KafkaConfig& kafka,
                                  std::chrono::milliseconds timeout, const std::stop_token& stop) {
  auto conf = make_conf(kafka, Role::kProducer, defaults(options_), fixed(options_));
  if (!conf.ok()) return conf.error();
  rd_kafka_conf_set_events(conf.value().get(), RD_KAFKA_EVENT_DR | RD_KAFKA_EVENT_ERROR);
  auto client = make_client(std::move(conf.value()), Role::kProducer, *this, false);
  if (!client.ok()) return client.error();
  handle_ = std::move(client.value());
  events_.reset(rd_kafka_queue_get_main(handle_.get()));
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  for (const ProducerOptions::Topic& topic : options_.topics) {
    base::Status status = open_topic(topic.name, deadline, stop);
    if (!status.ok()) return status;
  }
  return {};
}

base::Status Producer::Impl::open_topic(const std::string& name,
                                        std::chrono::steady_clock::time_point deadline,
                                        const std::stop_token& stop) {
  targets_.push_back({name, nullptr, 0, {}});
  if (name.empty()) return {};
  Target& target = targets_.back();
  target.topic.reset(rd_kafka_topic_new(handle_.get(), name.c_str(), nullptr));
  if (target.topic == nullptr) {
    return base::Error{sentence(rd_kafka_last_error(), fmt::format("output topic {}", name))};
  }
  // The handle must know the partitions before the first record, or that would wait for up to a
  // second, and records for partitions that do not exist would be taken.
  while (true) {
    const TopicAnswer answer = ask_for_topic(handle_.get(), target.topic.get(), kAttemptMs);
    if (answer.error == RD_KAFKA_RESP_ERR_NO_ERROR) {
      target.partitions = answer.partitions;
      target.gate = PartitionGate(static_cast<size_t>(answer.partitions));
      works();
      return {};
    }
    while (const rd::Event event{rd_kafka_queue_poll(events_.get(), 0)}) {
      on_error(rd_kafka_event_error(event.get()), rd_kafka_event_error_string(event.get()));
    }
    if (std::string reason = fatal(); !reason.empty()) return base::Error{reason};
    if (answer.error == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED || stop.stop_requested() ||
        std::chrono::steady_clock::now() >= deadline) {
      return base::Error{sentence(answer.error, fmt::format("output topic {}", name))};
    }
  }
}

bool Producer::Impl::valid(const OutputRecord& record) const {
  const size_t topic = record.topic;
  return topic < targets_.size() && record.partition >= 0 &&
         record.partition < targets_[topic].partitions;
}

size_t Producer::Impl::plain_run(std::span<const OutputRecord> records) {
  const size_t most = std::min(records.size(), kRunMax);
  size_t size = 0;
  // The bulk call knows neither headers nor timestamps.
  while (size < most && records[size].topic == records[0].topic && records[size].headers.empty() &&
         records[size].timestamp_ms == record::kTimestampNow && valid(records[size]) &&
         target_of(records[size]).gate.open(records[size].partition)) {
    ++size;
  }
  return size;
}

size_t Producer::Impl::send(std::span<const OutputRecord> records, void* token) {
  size_t taken = 0;
  while (taken < records.size()) {
    const std::span<const OutputRecord> rest = records.subspan(taken);
    const size_t run = plain_run(rest);
    const size_t done = run > 0 ? send_run(rest.first(run), token) : send_one(rest[0], token);
    taken += done;
    if (done < std::max<size_t>(run, 1)) break;
  }
  return taken;
}

size_t Producer::Impl::send_run(std::span<const OutputRecord> run, void* token) {
  // The C API takes pointers to what it will not change.
  for (size_t i = 0; i < run.size(); ++i) {
    rd_kafka_message_t& message = run_[i];
    message.err = RD_KAFKA_RESP_ERR_NO_ERROR;
    message.partition = run[i].partition;
    message.payload = const_cast<char*>(run[i].value.data());
    message.len = run[i].value.size();
    message.key = const_cast<char*>(run[i].key.data());
    message.key_len = run[i].key.size();
    message._private = token;
  }
  rd_kafka_topic_t* topic = targets_[run[0].topic].topic.get();
  const int sent = rd_kafka_produce_batch(topic, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_PARTITION,
                                          run_.data(), static_cast<int>(run.size()));
  if (static_cast<size_t>(sent) == run.size()) return run.size();
  // After the first one that was not taken librdkafka takes none of this call.
  for (size_t i = 0; i < run.size(); ++i) {
    if (run_[i].err == RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    if (not_taken(run_[i].err)) return i;
    refuse(run[i], token, run_[i].err);
  }
  return run.size();
}

size_t Producer::Impl::send_one(const OutputRecord& record, void* token) {
  if (!valid(record)) {
    refuse(record, token, RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION);
    return 1;
  }
  Target& target = target_of(record);
  if (target.gate.waiting(record.partition)) return 0;
  const bool first = !target.gate.open(record.partition);
  // Before it is sent: its acknowledgement may come before produce() returns.
  if (first) target.gate.begin(record.partition);
  const rd_kafka_resp_err_t error = produce(handle_.get(), {.topic = target.topic.get(),
                                                            .partition = record.partition,
                                                            .key = record.key,
                                                            .value = record.value,
                                                            .headers = record.headers,
                                                            .timestamp_ms = record.timestamp_ms,
                                                            .opaque = token});
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return 1;
  if (first) target.gate.failed(record.partition);
  if (not_taken(error)) return 0;
  refuse(record, token, error);
  return 1;
}

void Producer::Impl::refuse(const OutputRecord& record, void* token, rd_kafka_resp_err_t error) {
  const size_t topic = record.topic;
  const std::string name = topic < targets_.size() ? targets_[topic].name : std::string("?");
  {
    const base::MutexLock lock(refused_mutex_);
    refused_.push_back({token, record.value.data(),
                        sentence(error, fmt::format("{}-{}", name, record.partition))});
  }
  wake();
}

void Producer::Impl::serve(std::chrono::milliseconds timeout, io::AckListener& listener) {
  serve_refused(listener);
  rd::Event event(rd_kafka_queue_poll(events_.get(), rd::to_ms(timeout)));
  if (event == nullptr) on_idle(handle_.get());
  // What is there already, without end only as long as reports keep coming in.
  for (; event != nullptr; event.reset(rd_kafka_queue_poll(events_.get(), 0))) {
    serve_event(event.get(), listener);
  }
  serve_refused(listener);
}

void Producer::Impl::serve_event(rd_kafka_event_t* event, io::AckListener& listener) {
  if (rd_kafka_event_type(event) == RD_KAFKA_EVENT_DR) {
    serve_reports(event, listener);
  } else if (rd_kafka_event_type(event) == RD_KAFKA_EVENT_ERROR) {
    on_error(rd_kafka_event_error(event), rd_kafka_event_error_string(event));
  }
}

void Producer::Impl::serve_reports(rd_kafka_event_t* event, io::AckListener& listener) {
  void* token = nullptr;
  size_t run = 0;
  while (const rd_kafka_message_t* message = rd_kafka_event_message_next(event)) {
    const bool failed = message->err != RD_KAFKA_RESP_ERR_NO_ERROR;
    note_first(*message);
    if (run > 0 && (failed || message->_private != token)) {
      listener.on_acknowledged(token, std::exchange(run, 0));
    }
    if (failed) {
      const std::string where =
          fmt::format("{}-{}", rd_kafka_topic_name(message->rkt), message->partition);
      listener.on_failed(message->_private, static_cast<const char*>(message->payload),
                         sentence(message->err, where));
    } else {
      token = message->_private;
      ++run;
    }
  }
  if (run > 0) {
    works();
    listener.on_acknowledged(token, run);
  }
}

// Whether this report is of the first record of its partition, and opens it.
void Producer::Impl::note_first(const rd_kafka_message_t& message) {
  for (Target& target : targets_) {
    if (target.topic.get() != message.rkt || !target.gate.waiting(message.partition)) continue;
    if (message.err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      target.gate.acknowledged(message.partition);
    } else {
      target.gate.failed(message.partition);
    }
  }
}

void Producer::Impl::serve_refused(io::AckListener& listener) {
  std::vector<Refused> refused;
  {
    const base::MutexLock lock(refused_mutex_);
    refused.swap(refused_);
  }
  for (const Refused& one : refused) listener.on_failed(one.token, one.value, one.reason);
}

std::string Producer::Impl::fatal_error() const {
  std::array<char, 512> text{};
  const rd_kafka_resp_err_t code = rd_kafka_fatal_error(handle_.get(), text.data(), text.size());
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return fmt::format("The producer cannot go on: {}", sentence(code, text.data()));
  }
  return fatal();
}

// Reports are served to nobody: whoever destroys a producer has let go of its tokens.
void Producer::Impl::give_up() {
  const auto drain = [this](std::chrono::milliseconds time) {
    const auto until = std::chrono::steady_clock::now() + time;
    while (rd_kafka_outq_len(handle_.get()) > 0 && std::chrono::steady_clock::now() < until) {
      const rd::Event event(rd_kafka_queue_poll(events_.get(), 20));
    }
  };
  if (fatal_error().empty()) drain(kFlushMax);
  if (rd_kafka_outq_len(handle_.get()) > 0) {
    rd_kafka_purge(handle_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT |
                                      RD_KAFKA_PURGE_F_NON_BLOCKING);
    drain(kPurgeMax);
  }
}

Producer::Impl::~Impl() {
  if (handle_ == nullptr) return;
  give_up();
  targets_.clear();
  events_.reset();
  handle_.reset();
}

Producer::Producer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Producer::~Producer() = default;

base::Result<std::unique_ptr<Producer>> Producer::create(const config::KafkaConfig& kafka,
                                                         const ProducerOptions& options,
                                                         std::chrono::milliseconds timeout,
                                                         const std::stop_token& stop) {
  auto impl = std::make_unique<Impl>(kafka, options);
  base::Status status = impl->open(kafka, timeout, stop);
  if (!status.ok()) return base::Error{status.message()};
  return std::unique_ptr<Producer>(new Producer(std::move(impl)));
}

size_t Producer::send(std::span<const OutputRecord> records, void* token) {
  return impl_->send(records, token);
}

void Producer::serve(std::chrono::milliseconds timeout, io::AckListener& listener) {
  impl_->serve(timeout, listener);
}

std::string Producer::fatal_error() const {
  return impl_->fatal_error();
}

void Producer::wake() {
  impl_->wake();
}

}  // namespace millrace::kafka
