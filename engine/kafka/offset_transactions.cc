// SPDX-License-Identifier: Apache-2.0
#include "engine/kafka/offset_transactions.h"

#include <utility>

#include "engine/base/check.h"
#include "engine/kafka/errand.h"
#include "engine/kafka/transaction_session.h"

namespace millrace::kafka {
namespace {

// Offsets live on the input's cluster, so that its properties count for this producer.
config::KafkaConfig of_input(config::KafkaConfig kafka) {
  kafka.producer = kafka.consumer;
  return kafka;
}

}  // namespace

class OffsetTransactions::Impl {
 public:
  Impl(const config::KafkaConfig& kafka, const TransactionOptions& options)
      : session(of_input(kafka), {}, options, false) {}

  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  ~Impl() {
    session.stop();
    while (!errand.wait(std::chrono::milliseconds{10})) session.producer().purge();
    session.abandon();
  }

  // What was refused may have left offsets pending, which others would wait for.
  void run(uint64_t assignment) {
    result = session.commit(offsets, assignment, carried);
    carried.clear();
    if (result->kind != io::CommitResult::Kind::kRefused) return;
    base::Status status = session.reset();
    if (!status.ok()) result = io::CommitResult{io::CommitResult::Kind::kFatal, status.message()};
  }

  TransactionSession session;
  Errand errand;

  // Of the deliver thread, and of the errand while one is under way.
  std::vector<io::PartitionCommit> offsets;
  std::vector<io::CarriedRecord> carried;
  std::optional<io::CommitResult> result;
};

OffsetTransactions::OffsetTransactions(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

OffsetTransactions::~OffsetTransactions() = default;

base::Result<std::unique_ptr<OffsetTransactions>> OffsetTransactions::create(
    const config::KafkaConfig& kafka, const TransactionOptions& options,
    std::chrono::milliseconds patience, const std::stop_token& stop) {
  auto impl = std::make_unique<Impl>(kafka, options);
  base::Status status = impl->session.open(Patience::at_most(patience, stop));
  if (!status.ok()) return base::Error{status.message()};
  return std::unique_ptr<OffsetTransactions>(new OffsetTransactions(std::move(impl)));
}

void OffsetTransactions::attach(const Consumer& consumer) {
  impl_->session.attach(consumer);
}

void OffsetTransactions::begin_commit(std::span<const io::PartitionCommit> offsets,
                                      uint64_t assignment,
                                      std::span<const io::CarriedRecord> carried) {
  impl_->offsets.assign(offsets.begin(), offsets.end());
  impl_->carried.assign(carried.begin(), carried.end());
  impl_->result = io::CommitResult();
  impl_->errand.begin([this, assignment] { impl_->run(assignment); });
}

std::optional<io::CommitResult> OffsetTransactions::poll_commit(std::chrono::milliseconds timeout) {
  if (!impl_->errand.wait(timeout)) return std::nullopt;
  return std::exchange(impl_->result, std::nullopt);
}

base::Result<std::vector<io::PartitionOffset>> OffsetTransactions::read_back(
    std::span<const base::TopicPartition> partitions, std::chrono::milliseconds timeout) {
  return impl_->session.read_back(partitions, timeout);
}

std::optional<ClientStatistics> OffsetTransactions::statistics() const {
  return impl_->session.producer().statistics();
}

}  // namespace millrace::kafka
