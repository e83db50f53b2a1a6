// SPDX-License-Identifier: Apache-2.0
#include "engine/app/clients.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "engine/app/latency_settings.h"
#include "engine/app/transactional_id.h"
#include "engine/base/startup_error.h"

namespace millrace::app {
namespace {

using base::value_or_fail;
using std::chrono::milliseconds;

// The embedded broker holds an empty fetch for its full time.
constexpr milliseconds kEmbeddedFetchWait{10};
// Topics exist when the producer is made; its own metadata, and its first transaction, are missing.
constexpr milliseconds kProducerWait{60'000};

kafka::ConsumerOptions consumer_options(const config::PipelineConfig& config,
                                        const Clients::Options& options) {
  kafka::ConsumerOptions consumer;
  consumer.topics = options.topics;
  consumer.group = config.input.group.value;
  consumer.start = config.input.start;
  consumer.prefetch_bytes = options.prefetch_bytes;
  const LatencySettings latency = latency_settings(config);
  consumer.fetch_bytes_min = latency.fetch_bytes_min;
  consumer.fetch_wait =
      options.embedded ? std::min(kEmbeddedFetchWait, latency.fetch_wait) : latency.fetch_wait;
  consumer.session_timeout = config.session_timeout;
  consumer.transaction_timeout = config.delivery.transaction_timeout;
  consumer.on_lost_offsets = config.input.on_lost_offsets;
  if (config.instance) consumer.instance = config.instance->value;
  return consumer;
}

// Before the user's own properties, which count.
config::KafkaConfig with_statistics(config::KafkaConfig kafka, milliseconds every) {
  if (every.count() > 0)
    kafka.common.insert(kafka.common.begin(), config::KafkaProperty{{"statistics.interval.ms", {}},
                                                                    std::to_string(every.count())});
  return kafka;
}

void add(const char* name, const std::optional<kafka::ClientStatistics>& from,
         std::vector<report::ClientVitals>& to) {
  if (!from) return;
  to.push_back({.name = name,
                .brokers_up = from->brokers_up,
                .brokers = from->brokers,
                .queued_messages = from->queued_messages,
                .queued_bytes = from->queued_bytes,
                .sent_bytes = from->sent_bytes,
                .received_bytes = from->received_bytes,
                .requests = from->requests,
                .request_timeouts = from->request_timeouts,
                .request_errors = from->request_errors,
                .round_trip_seconds = from->round_trip_seconds,
                .throttle_seconds = from->throttle_seconds});
}

}  // namespace

Clients::Clients(const config::PipelineConfig& config, const Options& options,
                 const std::stop_token& stop) {
  const config::KafkaConfig kafka_config = with_statistics(config.kafka, options.statistics_every);
  const kafka::TransactionOptions transactions{transactional_id(config, unique_name()),
                                               config.delivery.transaction_timeout};
  kafka::ProducerOptions output = options.output;
  output.linger = latency_settings(config).linger;
  if (config.delivery.guarantee == config::Guarantee::kExactlyOnce) {
    transactional_ = value_or_fail(kafka::TransactionalProducer::create(
        kafka_config, output, transactions, kProducerWait, stop));
  } else {
    idempotent_ = value_or_fail(kafka::Producer::create(kafka_config, output, kProducerWait, stop));
    if (uses_transactions(config) && !options.embedded)
      offsets_ = value_or_fail(
          kafka::OffsetTransactions::create(kafka_config, transactions, kProducerWait, stop));
  }
  consumer_ =
      value_or_fail(kafka::Consumer::create(kafka_config, consumer_options(config, options)));
  if (transactional_) {
    transactional_->attach(*consumer_);
  } else if (offsets_) {
    offsets_->attach(*consumer_);
  } else {
    plain_ = std::make_unique<kafka::GroupCommitter>(*consumer_);
  }
}

Clients::~Clients() {
  destroy();
}

io::Sink& Clients::sink() {
  if (transactional_) return *transactional_;
  return *idempotent_;
}

io::Committer& Clients::committer() {
  if (transactional_) return *transactional_;
  if (offsets_) return *offsets_;
  return *plain_;
}

std::vector<report::ClientVitals> Clients::statistics() const {
  std::vector<report::ClientVitals> all;
  add("consumer", consumer_->statistics(), all);
  if (transactional_) add("producer", transactional_->statistics(), all);
  if (idempotent_) add("producer", idempotent_->statistics(), all);
  if (offsets_) add("offsets", offsets_->statistics(), all);
  return all;
}

void Clients::destroy() {
  transactional_.reset();
  idempotent_.reset();
  offsets_.reset();
  plain_.reset();
  consumer_.reset();
}

}  // namespace millrace::app
