// SPDX-License-Identifier: Apache-2.0
#include "engine/kafka/producer_client.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "engine/base/log.h"
#include "engine/kafka/client_conf.h"
#include "engine/kafka/error_class.h"
#include "engine/kafka/message.h"
#include "engine/kafka/metadata.h"

namespace millrace::kafka {
namespace {

using record::OutputRecord;

// librdkafka's own bookkeeping for a record that waits.
constexpr size_t kBytesPerRecord = 256;
constexpr int kAttemptMs = 1000;
constexpr std::chrono::seconds kSilent{2};
constexpr std::chrono::milliseconds kPurgeMax{1000};
constexpr int16_t kEndTxn = 26;  // of Kafka's protocol

std::vector<Setting> defaults(const ProducerOptions& options) {
  return {
      {"linger.ms", std::to_string(options.linger.count())},
  };
}

std::vector<Setting> fixed_of(const ProducerOptions& options) {
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

bool purged(rd_kafka_resp_err_t error) {
  return error == RD_KAFKA_RESP_ERR__PURGE_QUEUE || error == RD_KAFKA_RESP_ERR__PURGE_INFLIGHT;
}

}  // namespace

ProducerClient::ProducerClient(const config::KafkaConfig& kafka, const std::string& who)
    : ClientEvents(who, bootstrap_servers(kafka), uses_sasl(kafka, Role::kProducer)) {}

ProducerClient::~ProducerClient() {
  carried_.forget_topics();
  targets_.clear();
  events_.reset();
  handle_.reset();
}

base::Result<std::unique_ptr<ProducerClient>> ProducerClient::create(
    const config::KafkaConfig& kafka, const std::string& who, const ProducerOptions& options,
    std::span<const Setting> fixed, const Patience& patience) {
  std::unique_ptr<ProducerClient> client(new ProducerClient(kafka, who));
  base::Status status = client->open(kafka, options, fixed, patience);
  if (!status.ok()) return base::Error{status.message()};
  return client;
}

base::Status ProducerClient::open(const config::KafkaConfig& kafka, const ProducerOptions& options,
                                  std::span<const Setting> fixed, const Patience& patience) {
  std::vector<Setting> all = fixed_of(options);
  all.insert(all.end(), fixed.begin(), fixed.end());
  auto conf = make_conf(kafka, Role::kProducer, defaults(options), all, Statistics::kAsConfigured);
  if (!conf.ok()) return conf.error();
  rd_kafka_conf_set_events(conf.value().get(),
                           RD_KAFKA_EVENT_DR | RD_KAFKA_EVENT_ERROR | RD_KAFKA_EVENT_STATS);
  rd_kafka_conf_interceptor_add_on_new(conf.value().get(), "millrace", on_new, this);
  auto made = make_client(std::move(conf.value()), Role::kProducer, *this, false);
  if (!made.ok()) return made.error();
  handle_ = std::move(made.value());
  events_.reset(rd_kafka_queue_get_main(handle_.get()));
  for (const ProducerOptions::Topic& topic : options.topics) {
    base::Status status = open_topic(topic.name, patience);
    if (!status.ok()) return status;
  }
  return {};
}

base::Status ProducerClient::open_topic(const std::string& name, const Patience& patience) {
  targets_.push_back({name, nullptr, 0, {}});
  if (name.empty()) return {};
  Target& target = targets_.back();
  const std::string subject = fmt::format("output topic {}", name);
  target.topic.reset(rd_kafka_topic_new(handle_.get(), name.c_str(), nullptr));
  if (target.topic == nullptr) return base::Error{sentence(rd_kafka_last_error(), subject)};
  const auto say_at = std::chrono::steady_clock::now() + kSilent;
  bool said = false;
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
    serve_errors();
    if (std::string reason = fatal(); !reason.empty()) return base::Error{reason};
    if (answer.error == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED || patience.over()) {
      return base::Error{sentence(answer.error, subject)};
    }
    if (!said && std::chrono::steady_clock::now() >= say_at) {
      said = true;
      base::log::info("Waiting for the partitions of {}.", sentence(answer.error, subject));
    }
  }
}

rd_kafka_resp_err_t ProducerClient::on_new(rd_kafka_t* client, const rd_kafka_conf_t* /*conf*/,
                                           void* opaque, char* /*text*/,
                                           size_t /*text_size*/) noexcept {
  return rd_kafka_interceptor_add_on_request_sent(client, "millrace", on_request, opaque);
}

rd_kafka_resp_err_t ProducerClient::on_request(rd_kafka_t* /*client*/, int /*socket*/,
                                               const char* /*broker*/, int32_t /*broker_id*/,
                                               int16_t kind, int16_t /*version*/,
                                               int32_t /*correlation*/, size_t /*size*/,
                                               void* opaque) noexcept {
  if (kind == kEndTxn) {
    static_cast<ProducerClient*>(opaque)->end_requests_.fetch_add(1, std::memory_order_acq_rel);
  }
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

bool ProducerClient::valid(const OutputRecord& record) const {
  const size_t topic = record.topic;
  return topic < targets_.size() && record.partition >= 0 &&
         record.partition < targets_[topic].partitions;
}

size_t ProducerClient::plain_run(std::span<const OutputRecord> records) {
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

size_t ProducerClient::send(std::span<const OutputRecord> records, void* token) {
  stuck_ = false;
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

// Whether librdkafka's answer is about the record (it was taken, or refused for good), rather than
// about its own room or state.
bool ProducerClient::taken(rd_kafka_resp_err_t error) {
  switch (error) {
    case RD_KAFKA_RESP_ERR__QUEUE_FULL:
      return false;
    case RD_KAFKA_RESP_ERR__FATAL:
    case RD_KAFKA_RESP_ERR__STATE:
    case RD_KAFKA_RESP_ERR__FENCED:
      stuck_ = true;
      return false;
    default:
      return true;
  }
}

size_t ProducerClient::send_run(std::span<const OutputRecord> run, void* token) {
  bool one_partition = true;
  // The C API takes pointers to what it will not change.
  for (size_t i = 0; i < run.size(); ++i) {
    one_partition &= run[i].partition == run[0].partition;
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
  // Before they are sent: a report may come before the call returns.
  unreported_.fetch_add(run.size(), std::memory_order_acq_rel);
  // Where all go to one partition, librdkafka looks it up once.
  const int sent = rd_kafka_produce_batch(
      topic, one_partition ? run[0].partition : RD_KAFKA_PARTITION_UA,
      one_partition ? 0 : RD_KAFKA_MSG_F_PARTITION, run_.data(), static_cast<int>(run.size()));
  unreported_.fetch_sub(run.size() - static_cast<size_t>(sent), std::memory_order_acq_rel);
  if (static_cast<size_t>(sent) == run.size()) return run.size();
  // After the first one that was not taken librdkafka takes none of this call.
  for (size_t i = 0; i < run.size(); ++i) {
    if (run_[i].err == RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    if (!taken(run_[i].err)) return i;
    // What is too large is refused before it is counted.
    if (run_[i].err != RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE) {
      miscounts_.store(true, std::memory_order_release);
    }
    refuse(run[i], token, run_[i].err);
  }
  return run.size();
}

size_t ProducerClient::send_one(const OutputRecord& record, void* token) {
  if (!valid(record)) {
    refuse(record, token, RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION);
    return 1;
  }
  Target& target = target_of(record);
  if (target.gate.waiting(record.partition)) return 0;
  const bool first = !target.gate.open(record.partition);
  // Before it is sent: its acknowledgement may come before produce() returns.
  if (first) target.gate.begin(record.partition);
  unreported_.fetch_add(1, std::memory_order_acq_rel);
  const rd_kafka_resp_err_t error = produce(handle_.get(), {.topic = target.topic.get(),
                                                            .partition = record.partition,
                                                            .key = record.key,
                                                            .value = record.value,
                                                            .headers = record.headers,
                                                            .timestamp_ms = record.timestamp_ms,
                                                            .opaque = token});
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return 1;
  unreported_.fetch_sub(1, std::memory_order_acq_rel);
  if (first) target.gate.failed(record.partition);
  if (!taken(error)) return 0;
  refuse(record, token, error);
  return 1;
}

void ProducerClient::refuse(const OutputRecord& record, void* token, rd_kafka_resp_err_t error) {
  const size_t topic = record.topic;
  const std::string name = topic < targets_.size() ? targets_[topic].name : std::string("?");
  {
    const base::MutexLock lock(refused_mutex_);
    refused_.push_back({token, record.value.data(), failure_kind(error),
                        sentence(error, fmt::format("{}-{}", name, record.partition))});
  }
  wake();
}

void ProducerClient::serve(std::chrono::milliseconds timeout, io::AckListener& listener) {
  serve_refused(listener);
  rd::Event event(rd_kafka_queue_poll(events_.get(), rd::to_ms(timeout)));
  if (event == nullptr) on_idle(handle_.get());
  // What is there already, without end only as long as reports keep coming in.
  for (; event != nullptr; event.reset(rd_kafka_queue_poll(events_.get(), 0))) {
    serve_event(event.get(), listener);
  }
  serve_refused(listener);
}

void ProducerClient::serve_errors() {
  while (const rd::Event event{rd_kafka_queue_poll(events_.get(), 0)}) {
    if (rd_kafka_event_type(event.get()) != RD_KAFKA_EVENT_ERROR) continue;
    on_error(rd_kafka_event_error(event.get()), rd_kafka_event_error_string(event.get()));
  }
}

void ProducerClient::serve_event(rd_kafka_event_t* event, io::AckListener& listener) {
  if (rd_kafka_event_type(event) == RD_KAFKA_EVENT_DR) {
    serve_reports(event, listener);
  } else if (rd_kafka_event_type(event) == RD_KAFKA_EVENT_ERROR) {
    on_error(rd_kafka_event_error(event), rd_kafka_event_error_string(event));
  } else if (rd_kafka_event_type(event) == RD_KAFKA_EVENT_STATS) {
    on_statistics(rd_kafka_event_stats(event));
  }
}

void ProducerClient::serve_reports(rd_kafka_event_t* event, io::AckListener& listener) {
  void* token = nullptr;
  size_t run = 0;
  const size_t reported = rd_kafka_event_message_count(event);
  while (const rd_kafka_message_t* message = rd_kafka_event_message_next(event)) {
    const bool failed = message->err != RD_KAFKA_RESP_ERR_NO_ERROR;
    if (failed && !purged(message->err)) out_of_step_.store(true, std::memory_order_release);
    if (carried_.sent(*message)) [[unlikely]] {
      if (!failed) works();
      carried_.reported(*message);
      continue;
    }
    note_first(*message);
    if (run > 0 && (failed || message->_private != token)) {
      listener.on_acknowledged(token, std::exchange(run, 0));
    }
    if (failed) {
      const std::string where =
          fmt::format("{}-{}", rd_kafka_topic_name(message->rkt), message->partition);
      listener.on_failed(message->_private, static_cast<const char*>(message->payload),
                         failure_kind(message->err), sentence(message->err, where));
    } else {
      token = message->_private;
      ++run;
    }
  }
  if (run > 0) {
    works();
    delivered_.store(true, std::memory_order_relaxed);
    listener.on_acknowledged(token, run);
  }
  unreported_.fetch_sub(reported, std::memory_order_acq_rel);
}

// Whether this report is of the first record of its partition, and opens it.
void ProducerClient::note_first(const rd_kafka_message_t& message) {
  for (Target& target : targets_) {
    if (target.topic.get() != message.rkt || !target.gate.waiting(message.partition)) continue;
    if (message.err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      target.gate.acknowledged(message.partition);
    } else {
      target.gate.failed(message.partition);
    }
  }
}

void ProducerClient::serve_refused(io::AckListener& listener) {
  std::vector<Refused> refused;
  {
    const base::MutexLock lock(refused_mutex_);
    refused.swap(refused_);
    telling_ = refused.size();
  }
  if (refused.empty()) return;
  for (const Refused& one : refused) {
    listener.on_failed(one.token, one.value, one.kind, one.reason);
  }
  const base::MutexLock lock(refused_mutex_);
  telling_ = 0;
}

std::string ProducerClient::topic_names() const {
  std::string names;
  for (const Target& target : targets_) {
    if (!target.name.empty()) names += (names.empty() ? "" : ", ") + target.name;
  }
  const std::string carried = carried_.topic_names();
  if (!carried.empty()) names += (names.empty() ? "" : ", ") + carried;
  return names;
}

std::string ProducerClient::fatal_error() const {
  std::array<char, 512> text{};
  const rd_kafka_resp_err_t code = rd_kafka_fatal_error(handle_.get(), text.data(), text.size());
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return fmt::format("The producer cannot go on: {}", sentence(code, text.data()));
  }
  return fatal();
}

int ProducerClient::fatal_code() const {
  return rd_kafka_fatal_error(handle_.get(), nullptr, 0);
}

void ProducerClient::purge() {
  rd_kafka_purge(handle_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT |
                                    RD_KAFKA_PURGE_F_NON_BLOCKING);
}

size_t ProducerClient::outstanding() const {
  const base::MutexLock lock(refused_mutex_);
  return unreported_.load(std::memory_order_acquire) + refused_.size() + telling_;
}

void ProducerClient::give_up(std::chrono::milliseconds flush) {
  const auto drain = [this](std::chrono::milliseconds time) {
    const auto until = std::chrono::steady_clock::now() + time;
    while (unreported_.load(std::memory_order_acquire) > 0 &&
           std::chrono::steady_clock::now() < until) {
      const rd::Event event(rd_kafka_queue_poll(events_.get(), 20));
      if (event != nullptr && rd_kafka_event_type(event.get()) == RD_KAFKA_EVENT_DR) {
        unreported_.fetch_sub(rd_kafka_event_message_count(event.get()), std::memory_order_acq_rel);
      }
    }
  };
  if (fatal_error().empty()) drain(flush);
  if (unreported_.load(std::memory_order_acquire) > 0) {
    purge();
    drain(kPurgeMax);
  }
}

}  // namespace millrace::kafka
