// SPDX-License-Identifier: Apache-2.0
#include "engine/kafka/producer.h"

#include <array>
#include <utility>

#include "engine/base/check.h"
#include "engine/base/log.h"
#include "engine/kafka/attempt_limit.h"
#include "engine/kafka/current_producer.h"
#include "engine/kafka/errand.h"
#include "engine/kafka/producer_client.h"

namespace millrace::kafka {
namespace {

constexpr std::chrono::milliseconds kFlushMax{2000};

base::Result<std::unique_ptr<ProducerClient>> connect(const config::KafkaConfig& kafka,
                                                      const ProducerOptions& options,
                                                      const Patience& patience) {
  const std::array<Setting, 1> fixed = {Setting{"message.timeout.ms", "0"}};
  return ProducerClient::create(kafka, "The producer", options, fixed, patience);
}

}  // namespace

class Producer::Impl {
 public:
  Impl(config::KafkaConfig kafka, ProducerOptions options)
      : kafka_(std::move(kafka)), options_(std::move(options)) {}

  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  ~Impl() {
    stop_.request_stop();
    while (!errand.wait(std::chrono::seconds{1})) {
    }
    // Reports are served to nobody: whoever destroys a producer has let go of its tokens.
    const std::unique_ptr<ProducerClient> client = current.take();
    if (client != nullptr) client->give_up(kFlushMax);
  }

  base::Status open(const Patience& patience) {
    auto client = connect(kafka_, options_, patience);
    if (!client.ok()) return client.error();
    current.put(std::move(client.value()));
    return {};
  }

  base::Status replace() {
    if (ProducerClient* client = current.get(); client != nullptr) {
      if (client->delivered()) attempts_.succeeded();
      const Failure why{client->fatal_code(), true, client->fatal_error()};
      client->purge();
      current.drain(stop_.get_token());
      current.take().reset();
      if (why.any()) {
        base::log::warn("A new producer is needed: {}.", why.reason);
        base::Status status = attempts_.failed(why, stop_.get_token());
        if (!status.ok()) return fail(status.message());
      }
    }
    base::Status status =
        open({.until = std::chrono::steady_clock::time_point::max(), .stop = stop_.get_token()});
    return status.ok() ? base::Status() : fail(status.message());
  }

  [[nodiscard]] std::string fatal_error() const {
    const base::MutexLock lock(mutex_);
    return failed_.empty() ? current.fatal_error() : failed_;
  }

  CurrentProducer current;
  Errand errand;
  std::optional<base::Status> result;  // of the deliver thread, and of the errand under way

 private:
  base::Status fail(const std::string& why) {
    const base::MutexLock lock(mutex_);
    failed_ = why;
    return base::Error{why};
  }

  const config::KafkaConfig kafka_;
  const ProducerOptions options_;
  std::stop_source stop_;
  AttemptLimit attempts_{"", "delivery"};

  mutable base::Mutex mutex_;
  std::string failed_ GUARDED_BY(mutex_);  // why there is no new producer
};

Producer::Producer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Producer::~Producer() = default;

base::Result<std::unique_ptr<Producer>> Producer::create(const config::KafkaConfig& kafka,
                                                         const ProducerOptions& options,
                                                         std::chrono::milliseconds timeout,
                                                         const std::stop_token& stop) {
  auto impl = std::make_unique<Impl>(kafka, options);
  base::Status status = impl->open(Patience::at_most(timeout, stop));
  if (!status.ok()) return base::Error{status.message()};
  return std::unique_ptr<Producer>(new Producer(std::move(impl)));
}

size_t Producer::send(std::span<const record::OutputRecord> records, void* token) {
  ProducerClient* client = impl_->current.get();
  return client == nullptr ? 0 : client->send(records, token);
}

void Producer::serve(std::chrono::milliseconds timeout, io::AckListener& listener) {
  impl_->current.serve(timeout, listener);
}

std::string Producer::fatal_error() const {
  return impl_->fatal_error();
}

void Producer::begin_reset() {
  impl_->result = base::Status();
  impl_->errand.begin([this] { impl_->result = impl_->replace(); });
}

std::optional<base::Status> Producer::poll_reset(std::chrono::milliseconds timeout) {
  if (!impl_->errand.wait(timeout)) return std::nullopt;
  return std::exchange(impl_->result, std::nullopt);
}

std::optional<ClientStatistics> Producer::statistics() const {
  return impl_->current.statistics();
}

void Producer::wake() {
  impl_->current.wake();
}

}  // namespace millrace::kafka
