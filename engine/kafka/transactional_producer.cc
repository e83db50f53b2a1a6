// SPDX-License-Identifier: Apache-2.0
#include "engine/kafka/transactional_producer.h"

#include <utility>

#include "engine/base/check.h"
#include "engine/kafka/errand.h"
#include "engine/kafka/report_server.h"
#include "engine/kafka/transaction_session.h"

namespace millrace::kafka {

class TransactionalProducer::Impl {
 public:
  Impl(const config::KafkaConfig& kafka, const ProducerOptions& topics,
       const TransactionOptions& options)
      : session(kafka, topics, options, true) {}

  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  // A commit or abort under way needs the reports served, and nobody else does that any more.
  ~Impl() {
    session.stop();
    Nobody nobody;
    while (!errand.wait(std::chrono::milliseconds{10})) {
      session.producer().purge();
      session.producer().serve(std::chrono::milliseconds{0}, nobody);
    }
    session.abandon();
  }

  TransactionSession session;
  Errand errand;

  // Of the deliver thread, and of the errand while one is under way.
  std::vector<io::PartitionCommit> offsets;
  std::vector<io::CarriedRecord> carried;
  std::optional<io::CommitResult> commit;
  std::optional<base::Status> reset;
};

TransactionalProducer::TransactionalProducer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

TransactionalProducer::~TransactionalProducer() = default;

base::Result<std::unique_ptr<TransactionalProducer>> TransactionalProducer::create(
    const config::KafkaConfig& kafka, const ProducerOptions& topics,
    const TransactionOptions& options, std::chrono::milliseconds patience,
    const std::stop_token& stop) {
  auto impl = std::make_unique<Impl>(kafka, topics, options);
  base::Status status = impl->session.open(Patience::at_most(patience, stop));
  if (!status.ok()) return base::Error{status.message()};
  return std::unique_ptr<TransactionalProducer>(new TransactionalProducer(std::move(impl)));
}

void TransactionalProducer::attach(const Consumer& consumer) {
  impl_->session.attach(consumer);
}

size_t TransactionalProducer::send(std::span<const record::OutputRecord> records, void* token) {
  if (records.empty() || !impl_->session.begin()) return 0;
  ProducerClient& client = *impl_->session.producer().get();
  const size_t taken = client.send(records, token);
  if (client.stuck()) impl_->session.note_stuck();
  return taken;
}

void TransactionalProducer::serve(std::chrono::milliseconds timeout, io::AckListener& listener) {
  impl_->session.producer().serve(timeout, listener);
}

std::string TransactionalProducer::fatal_error() const {
  return impl_->session.fatal_error();
}

void TransactionalProducer::begin_reset() {
  MILLRACE_CHECK(!impl_->commit);
  impl_->reset = base::Status();
  impl_->errand.begin([this] { impl_->reset = impl_->session.reset(); });
}

std::optional<base::Status> TransactionalProducer::poll_reset(std::chrono::milliseconds timeout) {
  if (!impl_->errand.wait(timeout)) return std::nullopt;
  return std::exchange(impl_->reset, std::nullopt);
}

void TransactionalProducer::begin_commit(std::span<const io::PartitionCommit> offsets,
                                         uint64_t assignment,
                                         std::span<const io::CarriedRecord> carried) {
  MILLRACE_CHECK(!impl_->reset);
  impl_->offsets.assign(offsets.begin(), offsets.end());
  impl_->carried.assign(carried.begin(), carried.end());
  impl_->commit = io::CommitResult();
  impl_->errand.begin([this, assignment] {
    impl_->commit = impl_->session.commit(impl_->offsets, assignment, impl_->carried);
    impl_->carried.clear();
  });
}

std::optional<io::CommitResult> TransactionalProducer::poll_commit(
    std::chrono::milliseconds timeout) {
  if (!impl_->errand.wait(timeout)) return std::nullopt;
  return std::exchange(impl_->commit, std::nullopt);
}

base::Result<std::vector<io::PartitionOffset>> TransactionalProducer::read_back(
    std::span<const base::TopicPartition> partitions, std::chrono::milliseconds timeout) {
  return impl_->session.read_back(partitions, timeout);
}

std::optional<ClientStatistics> TransactionalProducer::statistics() const {
  return impl_->session.producer().statistics();
}

void TransactionalProducer::wake() {
  impl_->session.producer().wake();
}

}  // namespace millrace::kafka
