// SPDX-License-Identifier: Apache-2.0
#include "engine/kafka/transaction_writer.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "engine/kafka/error_class.h"
#include "engine/kafka/producer_client.h"
#include "engine/kafka/transaction_calls.h"

namespace millrace::kafka {
namespace {

using Clock = std::chrono::steady_clock;
using Kind = TransactionWriter::Outcome::Kind;

constexpr int kAbandonMs = 2000;
constexpr std::chrono::milliseconds kServe{20};

// What became of the records of one group. The token of each is its address.
class Reports final : public io::AckListener {
 public:
  explicit Reports(std::span<const record::OutputRecord> records) : records_(records) {}

  void on_acknowledged(void* /*token*/, size_t count) override { acknowledged_ += count; }

  void on_failed(void* token, const char* /*value*/, io::FailureKind kind,
                 const std::string& reason) override {
    ++failed_;
    if (kind == io::FailureKind::kGivenUp) return;
    if (!reason_) reason_ = reason;
    refused_.push_back(
        static_cast<size_t>(static_cast<const record::OutputRecord*>(token) - records_.data()));
  }

  [[nodiscard]] bool failed() const { return failed_ > 0; }

  [[nodiscard]] bool done() const { return acknowledged_ == records_.size(); }

  // Why the first one was refused; nothing where none was.
  [[nodiscard]] const std::optional<std::string>& reason() const { return reason_; }

  [[nodiscard]] const std::vector<size_t>& refused() const { return refused_; }

 private:
  std::span<const record::OutputRecord> records_;
  size_t acknowledged_ = 0;
  size_t failed_ = 0;
  std::optional<std::string> reason_;
  std::vector<size_t> refused_;
};

}  // namespace

class TransactionWriter::Impl {
 public:
  Impl(const config::KafkaConfig& kafka, ProducerOptions topics, std::string id,
       std::chrono::milliseconds timeout, std::stop_token stop)
      : kafka_(kafka),
        topics_(std::move(topics)),
        id_(std::move(id)),
        timeout_(timeout),
        stop_(std::move(stop)) {}

  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  ~Impl() { abandon(); }

  base::Status open(const Patience& patience);
  Outcome write(std::span<const record::OutputRecord> records);

 private:
  Outcome send(std::span<const record::OutputRecord> records);
  Outcome commit();
  void abandon();
  [[nodiscard]] Outcome failed(const rd_kafka_error_t& error, const char* doing) const;
  [[nodiscard]] Outcome failed(const Reports& reports) const;
  [[nodiscard]] Outcome probe(std::string otherwise) const;

  const config::KafkaConfig kafka_;
  const ProducerOptions topics_;
  const std::string id_;
  const std::chrono::milliseconds timeout_;
  const std::stop_token stop_;
  std::unique_ptr<ProducerClient> client_;
  bool begun_ = false;
  bool stale_ = false;  // a request to end a transaction may still be on its way
};

base::Status TransactionWriter::Impl::open(const Patience& patience) {
  const std::vector<Setting> fixed = {
      {"transactional.id", id_},
      {"transaction.timeout.ms", std::to_string(timeout_.count())},
      // Nobody serves the queue between two groups of records.
      {"statistics.interval.ms", "0"},
  };
  auto client = ProducerClient::create(kafka_, "The producer", topics_, fixed, patience);
  if (!client.ok()) return client.error();
  client_ = std::move(client.value());
  Failure failure;
  return init_transactions(*client_, id_, patience, failure);
}

TransactionWriter::Outcome TransactionWriter::Impl::failed(const rd_kafka_error_t& error,
                                                           const char* doing) const {
  const int code = code_of(error, *client_);
  if (is_fence(code)) return {Kind::kFenced, sentence(code, id_), {}};
  return {needs_person(code) ? Kind::kDenied : Kind::kFailed,
          sentence(code, subject_of(code, *client_, doing)),
          {}};
}

// Why the open transaction failed, if it did; `otherwise` where it did not.
TransactionWriter::Outcome TransactionWriter::Impl::probe(std::string otherwise) const {
  const rd::Error error = probe_transaction(client_->handle());
  if (error != nullptr) return failed(*error, "the transaction failed");
  return {Kind::kFailed, std::move(otherwise), {}};
}

TransactionWriter::Outcome TransactionWriter::Impl::failed(const Reports& reports) const {
  Outcome outcome = probe(reports.reason().value_or("records could not be delivered"));
  if (outcome.kind == Kind::kFenced || outcome.kind == Kind::kDenied || !reports.reason())
    return outcome;
  return {Kind::kRefused, *reports.reason(), reports.refused()};
}

TransactionWriter::Outcome TransactionWriter::Impl::send(
    std::span<const record::OutputRecord> records) {
  Reports reports(records);
  const auto until = Clock::now() + timeout_;
  size_t sent = 0;
  while (!reports.done()) {
    while (sent < records.size()) {
      // Only handed back by the reports.
      auto* token = const_cast<record::OutputRecord*>(&records[sent]);
      if (client_->send(records.subspan(sent, 1), token) == 0) break;
      ++sent;
    }
    if (client_->stuck()) return probe("the producer takes no records in its present state");
    client_->serve(kServe, reports);
    if (reports.failed()) return failed(reports);
    if (std::string reason = client_->fatal_error(); !reason.empty()) return probe(reason);
    if (stop_.stop_requested()) return {Kind::kFailed, "stopped", {}};
    if (Clock::now() >= until) return {Kind::kFailed, "the brokers did not take the records", {}};
  }
  return {};
}

TransactionWriter::Outcome TransactionWriter::Impl::commit() {
  const uint64_t before = client_->end_requests();
  const rd::Error error =
      end_transaction(rd_kafka_commit_transaction, client_->handle(), timeout_, stop_);
  // What the answer would have been is known once the id has a new producer.
  if (error != nullptr) return failed(*error, "committing the transaction");
  begun_ = false;
  stale_ = client_->end_requests() - before > 1;
  return {};
}

TransactionWriter::Outcome TransactionWriter::Impl::write(
    std::span<const record::OutputRecord> records) {
  if (stale_) {
    abandon();
    return {Kind::kStale, "the end of the last transaction was asked for more than once", {}};
  }
  const rd::Error error(rd_kafka_begin_transaction(client_->handle()));
  if (error != nullptr) return failed(*error, "beginning a transaction");
  begun_ = true;
  Outcome outcome = send(records);
  if (outcome.kind == Kind::kCommitted) outcome = commit();
  // Before the bytes of the records go.
  if (outcome.kind != Kind::kCommitted) abandon();
  return outcome;
}

void TransactionWriter::Impl::abandon() {
  if (client_ == nullptr) return;
  client_->give_up(std::chrono::milliseconds{0});
  if (begun_ && client_->fatal_code() == 0 && !client_->miscounts()) {
    const rd::Error error(rd_kafka_abort_transaction(client_->handle(), kAbandonMs));
  }
  client_.reset();
  begun_ = false;
}

TransactionWriter::TransactionWriter(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

TransactionWriter::~TransactionWriter() = default;

base::Result<std::unique_ptr<TransactionWriter>> TransactionWriter::create(
    const config::KafkaConfig& kafka, const ProducerOptions& topics,
    const std::string& transactional_id, std::chrono::milliseconds timeout,
    std::chrono::milliseconds patience, const std::stop_token& stop) {
  auto impl = std::make_unique<Impl>(kafka, topics, transactional_id, timeout, stop);
  base::Status status = impl->open(Patience::at_most(patience, stop));
  if (!status.ok()) return base::Error{status.message()};
  return std::unique_ptr<TransactionWriter>(new TransactionWriter(std::move(impl)));
}

TransactionWriter::Outcome TransactionWriter::write(std::span<const record::OutputRecord> records) {
  return impl_->write(records);
}

}  // namespace millrace::kafka
