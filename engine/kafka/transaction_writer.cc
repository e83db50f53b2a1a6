// SPDX-License-Identifier: Apache-2.0
#include "engine/kafka/transaction_writer.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "engine/base/log.h"
#include "engine/base/pause.h"
#include "engine/kafka/error_class.h"
#include "engine/kafka/producer_client.h"

namespace millrace::kafka {
namespace {

using Clock = std::chrono::steady_clock;
using Kind = TransactionWriter::Outcome::Kind;

constexpr int kAttemptMs = 1000;
constexpr int kAbandonMs = 2000;
constexpr std::chrono::milliseconds kServe{20};
constexpr std::chrono::milliseconds kBetween{50};
constexpr std::chrono::seconds kSilent{2};

// What became of the records of one group.
class Reports final : public io::AckListener {
 public:
  explicit Reports(std::span<const record::OutputRecord> records) : records_(records) {}

  void on_acknowledged(void* /*token*/, size_t count) override { acknowledged_ += count; }

  void on_failed(void* /*token*/, const char* value, io::FailureKind kind,
                 const std::string& reason) override {
    ++failed_;
    if (kind == io::FailureKind::kGivenUp || refused_) return;
    refused_ = reason;
    // A tombstone has no address of its own.
    if (value == nullptr) return;
    for (size_t i = 0; i < records_.size(); ++i)
      if (records_[i].value.data() == value) record_ = i;
  }

  [[nodiscard]] bool failed() const { return failed_ > 0; }

  [[nodiscard]] bool done() const { return acknowledged_ == records_.size(); }

  [[nodiscard]] const std::optional<std::string>& refused() const { return refused_; }

  [[nodiscard]] std::optional<size_t> record() const { return record_; }

 private:
  std::span<const record::OutputRecord> records_;
  size_t acknowledged_ = 0;
  size_t failed_ = 0;
  std::optional<std::string> refused_;
  std::optional<size_t> record_;
};

bool call_again(const rd_kafka_error_t& error) {
  return rd_kafka_error_is_fatal(&error) == 0 && rd_kafka_error_txn_requires_abort(&error) == 0 &&
         rd_kafka_error_is_retriable(&error) != 0;
}

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
  base::Status init(const Patience& patience);
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
  };
  auto client = ProducerClient::create(kafka_, "The producer", topics_, fixed, patience);
  if (!client.ok()) return client.error();
  client_ = std::move(client.value());
  return init(patience);
}

base::Status TransactionWriter::Impl::init(const Patience& patience) {
  const std::string subject = fmt::format("transactional id {}", id_);
  const auto say_at = Clock::now() + kSilent;
  bool said = false;
  while (true) {
    const auto began = Clock::now();
    const rd::Error error(rd_kafka_init_transactions(client_->handle(), kAttemptMs));
    client_->serve_errors();
    if (error == nullptr) {
      client_->works();
      return {};
    }
    if (std::string reason = client_->fatal(); !reason.empty()) return base::Error{reason};
    const int code = rd_kafka_error_code(error.get());
    if (!call_again(*error) || patience.over()) return base::Error{sentence(code, subject)};
    if (!said && Clock::now() >= say_at) {
      said = true;
      base::log::info(
          "Waiting for the broker to begin transactions of {}; one of an earlier "
          "producer may have to end first.",
          id_);
    }
    base::pause_until(began + kBetween, patience.stop);
  }
}

TransactionWriter::Outcome TransactionWriter::Impl::failed(const rd_kafka_error_t& error,
                                                           const char* doing) const {
  int code = rd_kafka_error_code(&error);
  if (code == RD_KAFKA_RESP_ERR__FATAL) code = client_->fatal_code();
  if (is_fence(code)) return {Kind::kFenced, sentence(code, id_), {}};
  const std::string about = code == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED
                                ? "writing to " + client_->topic_names()
                                : std::string(doing);
  return {needs_person(code) ? Kind::kDenied : Kind::kFailed, sentence(code, about), {}};
}

// Why the open transaction failed, if it did: beginning one inside another changes nothing, and the
// answer is the error that the transaction already has.
TransactionWriter::Outcome TransactionWriter::Impl::probe(std::string otherwise) const {
  const rd::Error error(rd_kafka_begin_transaction(client_->handle()));
  if (error != nullptr && (rd_kafka_error_is_fatal(error.get()) != 0 ||
                           rd_kafka_error_txn_requires_abort(error.get()) != 0)) {
    return failed(*error, "the transaction failed");
  }
  return {Kind::kFailed, std::move(otherwise), {}};
}

TransactionWriter::Outcome TransactionWriter::Impl::failed(const Reports& reports) const {
  Outcome outcome = probe(reports.refused().value_or("records could not be delivered"));
  if (outcome.kind == Kind::kFenced || outcome.kind == Kind::kDenied || !reports.refused())
    return outcome;
  return {Kind::kRefused, *reports.refused(), reports.record()};
}

TransactionWriter::Outcome TransactionWriter::Impl::send(
    std::span<const record::OutputRecord> records) {
  Reports reports(records);
  const auto until = Clock::now() + timeout_;
  size_t sent = 0;
  while (!reports.done()) {
    if (sent < records.size()) {
      sent += client_->send(records.subspan(sent), this);
      if (client_->stuck()) return probe("the producer takes no records in its present state");
    }
    client_->serve(kServe, reports);
    if (reports.failed()) return failed(reports);
    if (std::string reason = client_->fatal_error(); !reason.empty()) return probe(reason);
    if (stop_.stop_requested()) return {Kind::kFailed, "stopped", {}};
    if (Clock::now() >= until) return {Kind::kFailed, "the brokers did not take the records", {}};
  }
  return {};
}

TransactionWriter::Outcome TransactionWriter::Impl::commit() {
  const auto until = Clock::now() + timeout_;
  const uint64_t before = client_->end_requests();
  while (true) {
    const auto began = Clock::now();
    const rd::Error error(rd_kafka_commit_transaction(client_->handle(), -1));
    if (error == nullptr) break;
    // What the answer would have been is known once the id has a new producer.
    if (!call_again(*error) || Clock::now() >= until || stop_.stop_requested())
      return failed(*error, "committing the transaction");
    base::pause_until(began + kBetween, stop_);
  }
  begun_ = false;
  stale_ = client_->end_requests() - before > 1;
  return {};
}

TransactionWriter::Outcome TransactionWriter::Impl::write(
    std::span<const record::OutputRecord> records) {
  if (stale_) {
    client_.reset();
    stale_ = false;
    if (base::Status status = open(Patience::at_most(timeout_, stop_)); !status.ok())
      return {Kind::kFailed, status.message(), {}};
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
