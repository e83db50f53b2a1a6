// SPDX-License-Identifier: Apache-2.0
#include "engine/kafka/transaction_session.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "engine/base/check.h"
#include "engine/base/log.h"
#include "engine/base/pause.h"
#include "engine/kafka/committed_offsets.h"
#include "engine/kafka/errand.h"
#include "engine/kafka/error_class.h"
#include "engine/kafka/transaction_calls.h"

namespace millrace::kafka {
namespace {

using Clock = std::chrono::steady_clock;
using Kind = io::CommitResult::Kind;

constexpr int kAbandonMs = 2000;
// How long the report of a record may be behind the error of the transaction that it caused.
constexpr std::chrono::milliseconds kReportsMax{200};

io::CommitResult refused(std::string why) {
  return {Kind::kRefused, std::move(why)};
}

io::CommitResult fatal(std::string why) {
  return {Kind::kFatal, std::move(why)};
}

// The user's own setting; 0: none.
int64_t socket_timeout(const config::KafkaConfig& kafka) {
  int64_t timeout = 0;
  for (const auto* properties : {&kafka.common, &kafka.producer}) {
    for (const config::KafkaProperty& property : *properties) {
      if (property.name.value != "socket.timeout.ms") continue;
      std::from_chars(property.value.data(), property.value.data() + property.value.size(),
                      timeout);
    }
  }
  return timeout;
}

// What became of a commit, by what the group has now. The partitions of a commit are one fact, so
// that any of them tells.
bool took_effect(std::span<const io::PartitionCommit> offsets, std::span<const Committed> now) {
  const bool marked =
      std::any_of(offsets.begin(), offsets.end(),
                  [](const io::PartitionCommit& offset) { return !offset.metadata.empty(); });
  for (size_t i = 0; i < offsets.size(); ++i) {
    const io::PartitionCommit& offset = offsets[i];
    if (now[i].next != offset.next) continue;
    const bool tells = marked ? !offset.metadata.empty() && now[i].metadata == offset.metadata
                              : offset.next != offset.previous;
    if (tells) return true;
  }
  return false;
}

}  // namespace

TransactionSession::TransactionSession(config::KafkaConfig kafka, ProducerOptions topics,
                                       TransactionOptions options, bool sends)
    : kafka_(std::move(kafka)),
      topics_(std::move(topics)),
      options_(std::move(options)),
      sends_(sends),
      attempts_(options_.transactional_id, "commit") {
  if (!sends_) server_.emplace(current_);
}

base::Status TransactionSession::open(const Patience& patience) {
  return renew(patience, {});
}

void TransactionSession::attach(const Consumer& consumer) {
  membership_ = consumer.membership();
  consumer_ = &consumer.current();
}

std::vector<Setting> TransactionSession::settings() const {
  std::vector<Setting> settings = {
      {"transactional.id", options_.transactional_id},
      {"transaction.timeout.ms", std::to_string(options_.timeout.count())},
  };
  // A batch must fit the topics of what is carried, too.
  size_t batch = options_.carried_bytes_max;
  for (const ProducerOptions::Topic& topic : topics_.topics) {
    if (!topic.name.empty()) batch = std::min(batch, topic.limits.message_bytes_max);
  }
  settings.push_back({"batch.size", std::to_string(std::max<size_t>(batch, 1000))});
  // Nothing lingers where only commits carry records, and more than the transaction's time would be
  // refused.
  if (!sends_) settings.push_back({"linger.ms", "0"});
  // librdkafka shortens its own default, but refuses a longer one that was asked for.
  const int64_t longest = options_.timeout.count() - 100;
  if (socket_timeout(kafka_) > longest) {
    settings.push_back({"socket.timeout.ms", std::to_string(longest)});
  }
  return settings;
}

base::Result<std::unique_ptr<ProducerClient>> TransactionSession::connect(const Patience& patience,
                                                                          Failure& failure) {
  auto client = ProducerClient::create(kafka_, sends_ ? "The producer" : "The producer of offsets",
                                       topics_, settings(), patience);
  if (!client.ok()) return client;
  base::Status status =
      init_transactions(*client.value(), options_.transactional_id, patience, failure);
  if (!status.ok()) return base::Error{status.message()};
  return client;
}

// A new client, however often it takes. `why` the last one failed, if it did.
base::Status TransactionSession::renew(const Patience& patience, Failure why) {
  while (true) {
    if (why.any()) {
      base::Status status = attempts_.failed(why, patience.stop);
      if (!status.ok()) {
        fail({why.code, true, status.message()});
        return status;
      }
    }
    Failure failure;
    auto client = connect(patience, failure);
    if (client.ok()) {
      current_.put(std::move(client.value()));
      begun_ = false;
      fail({});
      return {};
    }
    if (!failure.any() || patience.over()) {
      fail({0, true, client.message()});
      return client.error();
    }
    why = std::move(failure);
    base::pause_until(Clock::now() + kBetweenCalls, patience.stop);
  }
}

base::Status TransactionSession::replace(const Failure& why) {
  if (why.any()) base::log::warn("A new producer is needed: {}.", why.reason);
  if (ProducerClient* client = current_.get(); client != nullptr) {
    client->purge();
    settle_reports();
    current_.take().reset();
  }
  return renew({.until = Clock::time_point::max(), .stop = stop_.get_token()}, why);
}

void TransactionSession::settle_reports() {
  current_.drain(stop_.get_token());
}

void TransactionSession::fail(const Failure& failure) {
  const base::MutexLock lock(mutex_);
  failure_ = failure;
}

Failure TransactionSession::failure() const {
  const base::MutexLock lock(mutex_);
  return failure_;
}

std::string TransactionSession::fatal_error() const {
  const Failure why = failure();
  return why.any() ? why.reason : current_.fatal_error();
}

Failure TransactionSession::failure_of(const rd_kafka_error_t& error, const char* doing) const {
  const ProducerClient& client = *current_.get();
  const int code = code_of(error, client);
  std::string reason = sentence(code, subject_of(code, client, doing));
  // Of a fence it only says the same in other words.
  if (!is_fence(code)) reason += fmt::format(" ({})", rd_kafka_error_string(&error));
  return {code, rd_kafka_error_is_fatal(&error) != 0 || client.fatal_code() != 0,
          std::move(reason)};
}

// Why the open transaction failed, if it did.
Failure TransactionSession::probe() const {
  MILLRACE_CHECK(begun_);
  const rd::Error error = probe_transaction(current_.get()->handle());
  return error == nullptr ? Failure() : failure_of(*error, "the transaction failed");
}

bool TransactionSession::begin() {
  if (begun_) return true;
  const ProducerClient* client = current_.get();
  if (client == nullptr || failure().any()) return false;
  const rd::Error error(rd_kafka_begin_transaction(client->handle()));
  if (error == nullptr) {
    begun_ = true;
    return true;
  }
  fail(failure_of(*error, "beginning a transaction"));
  return false;
}

void TransactionSession::note_stuck() {
  if (!begun_ || failure().any()) return;
  Failure why = probe();
  if (!why.any()) {
    why = {RD_KAFKA_RESP_ERR__STATE, false, "the producer takes no records in its present state"};
  }
  fail(why);
}

io::CommitResult TransactionSession::commit(std::span<const io::PartitionCommit> offsets,
                                            uint64_t assignment,
                                            std::span<const io::CarriedRecord> carried) {
  if (const std::string why = fatal_error(); !why.empty()) return refused(why);
  if (offsets.empty()) {
    if (!begun_ && carried.empty()) return {};
    return refused("records were sent, but no offsets belong to them");
  }
  MILLRACE_CHECK(membership_ != nullptr);
  if (const Failure why = find_topics(carried); why.any()) {
    // Where nothing was sent there is nothing to be given up.
    return begun_ || needs_person(why.code) ? refuse(why) : refused(why.reason);
  }
  const auto metadata = membership_->of(assignment);
  if (metadata == nullptr) return refused("the assignment of the partitions is over");
  if (!begin()) return refused(failure().reason);
  if (const Failure why = carry(carried); why.any()) return refuse(why);
  if (const Failure why = send_offsets(offsets, *metadata); why.any()) return refuse(cause(why));
  return end_commit(offsets);
}

// The transaction cannot be committed any more, and the request for that never went out.
io::CommitResult TransactionSession::refuse(const Failure& why) {
  fail(why);
  return needs_person(why.code) ? fatal(why.reason) : refused(why.reason);
}

Failure TransactionSession::find_topics(std::span<const io::CarriedRecord> carried) {
  if (carried.empty()) return {};
  ProducerClient& client = *current_.get();
  // The transaction may be open, and there is something to do after this.
  return client.carried().find_topics(client.handle(), carried,
                                      Patience::at_most(options_.timeout / 2, stop_.get_token()));
}

Failure TransactionSession::carry(std::span<const io::CarriedRecord> carried) {
  ProducerClient& client = *current_.get();
  Failure why = client.carried().send(client.handle(), carried,
                                      Patience::at_most(options_.timeout, stop_.get_token()));
  if (why.code != RD_KAFKA_RESP_ERR__STATE) return why;
  // An earlier record, or the transaction, failed meanwhile.
  Failure state = cause(probe());
  return state.any() ? state : why;
}

// What became of a carried record is behind what librdkafka says of the transaction.
Failure TransactionSession::cause(const Failure& why) const {
  Failure of_record = current_.get()->carried().failure(kReportsMax);
  if (!of_record.any()) return why;
  of_record.fatal = why.fatal;
  return of_record;
}

Failure TransactionSession::send_offsets(std::span<const io::PartitionCommit> offsets,
                                         const GroupMembership::Metadata& metadata) {
  const rd::Partitions list = commit_list(offsets);
  const auto deadline = Clock::now() + options_.timeout;
  const std::stop_token stop = stop_.get_token();
  while (true) {
    const auto began = Clock::now();
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - began);
    const rd::Error error(rd_kafka_send_offsets_to_transaction(current_.get()->handle(), list.get(),
                                                               &metadata, rd::to_ms(left)));
    if (error == nullptr) return {};
    if (!call_again(*error) || Clock::now() >= deadline || stop.stop_requested()) {
      return failure_of(*error, "sending the offsets to the transaction");
    }
    base::pause_until(began + kBetweenCalls, stop);
  }
}

io::CommitResult TransactionSession::end_commit(std::span<const io::PartitionCommit> offsets) {
  ProducerClient& client = *current_.get();
  const uint64_t before = client.end_requests();
  const rd::Error error = end_transaction(rd_kafka_commit_transaction, client.handle(),
                                          options_.timeout, stop_.get_token());
  if (error == nullptr) {
    begun_ = false;
    attempts_.succeeded();
    // The commit is a fact, whatever becomes of the new producer: fatal_error() will say.
    if (client.end_requests() - before > 1) static_cast<void>(replace({}));
    return {};
  }
  const Failure why = failure_of(*error, "committing the transaction");
  const bool unasked = !why.fatal && rd_kafka_error_txn_requires_abort(error.get()) != 0 &&
                       client.end_requests() == before;
  if (!unasked) return resolve(offsets, why);
  // The request never went out, and after this error it will not.
  return refuse(cause(why));
}

io::CommitResult TransactionSession::resolve(std::span<const io::PartitionCommit> offsets,
                                             const Failure& why) {
  base::log::warn("The outcome of a commit is not known; asking for the committed offsets.");
  if (base::Status status = replace(why); !status.ok()) return fatal(status.message());
  std::vector<base::TopicPartition> partitions;
  partitions.reserve(offsets.size());
  for (const io::PartitionCommit& offset : offsets) partitions.push_back(offset.id);
  const auto now = committed_offsets(
      *consumer_, partitions, {.until = Clock::time_point::max(), .stop = stop_.get_token()});
  if (!now.ok()) {
    fail({0, true, now.message()});
    return fatal(now.message());
  }
  if (!took_effect(offsets, now.value())) return refused(why.reason);
  attempts_.succeeded();
  return {};
}

base::Status TransactionSession::reset() {
  // To be abandoned: aborting would wait for a broker that may be away.
  if (stop_.stop_requested()) return base::Error{"stopped"};
  const ProducerClient* client = current_.get();
  Failure why = failure();
  if (client == nullptr) return replace(why);
  if (!why.any() && client->fatal_code() == 0 && begun_) why = probe();
  if (!why.any() && client->fatal_code() != 0) {
    why = {client->fatal_code(), true, client->fatal_error()};
  }
  // A request that got no answer may arrive late: it must not find a transaction of its epoch.
  const bool late = why.any() && classify(why.code) == ErrorClass::kUnknown;
  // One that miscounts would never end its abort.
  if (client->fatal_code() != 0 || why.fatal || late || client->miscounts()) return replace(why);
  if (!begun_) {
    // Beginning failed, or there is nothing but records that were refused at once.
    if (why.any()) return replace(why);
    settle_reports();
    return {};
  }
  if (why.any()) {
    base::Status status = attempts_.failed(why, stop_.get_token());
    if (!status.ok()) {
      fail({why.code, false, status.message()});
      return status;
    }
  }
  return abort();
}

base::Status TransactionSession::abort() {
  ProducerClient& client = *current_.get();
  const uint64_t before = client.end_requests();
  const rd::Error error = end_transaction(rd_kafka_abort_transaction, client.handle(),
                                          options_.timeout, stop_.get_token());
  if (error != nullptr) return replace(failure_of(*error, "aborting the transaction"));
  settle_reports();
  begun_ = false;
  fail({});
  // Of the latter, tried: librdkafka 2.0.2 goes on after a record that the broker refused with the
  // number behind it, and the broker then refuses all that follows.
  const bool renew = client.end_requests() - before > 1 || client.out_of_step();
  return renew ? replace({}) : base::Status();
}

base::Result<std::vector<io::PartitionOffset>> TransactionSession::read_back(
    std::span<const base::TopicPartition> partitions, std::chrono::milliseconds timeout) const {
  MILLRACE_CHECK(consumer_ != nullptr);
  return read_offsets_back(*consumer_, partitions, Patience::at_most(timeout));
}

void TransactionSession::abandon() {
  const std::unique_ptr<ProducerClient> client = current_.take();
  if (client == nullptr) return;
  if (begun_ && client->fatal_code() == 0 && !client->miscounts()) {
    Errand abort;
    abort.begin([&client] {
      const rd::Error error(rd_kafka_abort_transaction(client->handle(), kAbandonMs));
    });
    while (!abort.wait(std::chrono::milliseconds{10})) {
      client->give_up(std::chrono::milliseconds{0});
    }
  }
  client->give_up(std::chrono::milliseconds{0});
}

}  // namespace millrace::kafka
