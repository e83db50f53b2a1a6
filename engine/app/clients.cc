// SPDX-License-Identifier: Apache-2.0
#include "engine/app/clients.h"

#include <utility>

#include "engine/app/transactional_id.h"
#include "engine/base/startup_error.h"

namespace millrace::app {
namespace {

using std::chrono::milliseconds;

// The embedded broker holds an empty fetch for its full time.
constexpr milliseconds kEmbeddedFetchWait{10};
constexpr milliseconds kFetchWait{500};
// Topics exist when the producer is made; its own metadata, and its first transaction, are missing.
constexpr milliseconds kProducerWait{60'000};

template <typename T>
T value_or_fail(base::Result<T> result) {
  if (!result.ok()) throw base::StartupError(base::ExitCode::kFailed, result.message());
  return std::move(result.value());
}

kafka::ConsumerOptions consumer_options(const config::PipelineConfig& config,
                                        const Clients::Options& options) {
  kafka::ConsumerOptions consumer;
  consumer.topics = options.topics;
  consumer.group = config.input.group.value;
  consumer.start = config.input.start;
  consumer.prefetch_bytes = options.prefetch_bytes;
  consumer.fetch_wait = options.embedded ? kEmbeddedFetchWait : kFetchWait;
  consumer.session_timeout = config.session_timeout;
  consumer.transaction_timeout = config.delivery.transaction_timeout;
  consumer.on_lost_offsets = config.input.on_lost_offsets;
  if (config.instance) consumer.instance = config.instance->value;
  return consumer;
}

}  // namespace

Clients::Clients(const config::PipelineConfig& config, const Options& options,
                 const std::stop_token& stop) {
  const kafka::TransactionOptions transactions{transactional_id(config, unique_name()),
                                               config.delivery.transaction_timeout};
  if (config.delivery.guarantee == config::Guarantee::kExactlyOnce) {
    transactional_ = value_or_fail(kafka::TransactionalProducer::create(
        config.kafka, options.output, transactions, kProducerWait, stop));
  } else {
    idempotent_ =
        value_or_fail(kafka::Producer::create(config.kafka, options.output, kProducerWait, stop));
    if (uses_transactions(config) && !options.embedded)
      offsets_ = value_or_fail(
          kafka::OffsetTransactions::create(config.kafka, transactions, kProducerWait, stop));
  }
  consumer_ =
      value_or_fail(kafka::Consumer::create(config.kafka, consumer_options(config, options)));
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

void Clients::destroy() {
  transactional_.reset();
  idempotent_.reset();
  offsets_.reset();
  plain_.reset();
  consumer_.reset();
}

}  // namespace millrace::app
