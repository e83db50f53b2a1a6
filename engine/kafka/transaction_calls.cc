// SPDX-License-Identifier: Apache-2.0
#include "engine/kafka/transaction_calls.h"

#include <fmt/format.h>

#include "engine/base/log.h"
#include "engine/base/pause.h"
#include "engine/kafka/error_class.h"

namespace millrace::kafka {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kAttemptMs = 1000;
constexpr std::chrono::seconds kSilent{2};

bool timed_out(int code) {
  return code == RD_KAFKA_RESP_ERR__TIMED_OUT || code == RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE;
}

}  // namespace

// librdkafka's own order of the questions: a fatal error may also say that it passes.
bool call_again(const rd_kafka_error_t& error) {
  return rd_kafka_error_is_fatal(&error) == 0 && rd_kafka_error_txn_requires_abort(&error) == 0 &&
         rd_kafka_error_is_retriable(&error) != 0;
}

base::Status init_transactions(ProducerClient& client, const std::string& id,
                               const Patience& patience, Failure& failure) {
  const std::string subject = fmt::format("transactional id {}", id);
  const auto say_at = Clock::now() + kSilent;
  bool said = false;
  while (true) {
    const auto began = Clock::now();
    const rd::Error error(rd_kafka_init_transactions(client.handle(), kAttemptMs));
    client.serve_errors();
    if (error == nullptr) {
      client.works();
      return {};
    }
    // A wrong password shows here only; the call itself would time out for ever.
    if (std::string reason = client.fatal(); !reason.empty()) return base::Error{reason};
    const int code = rd_kafka_error_code(error.get());
    if (!call_again(*error)) {
      failure = {code, true, sentence(code, subject)};
      return base::Error{failure.reason};
    }
    if (patience.over()) {
      const std::string away = client.away();
      return base::Error{
          away.empty() ? fmt::format("{} (brokers {})", sentence(code, subject), client.brokers())
                       : fmt::format("{}: {}", subject, away)};
    }
    if (!said && Clock::now() >= say_at) {
      said = true;
      base::log::info(
          "Waiting for the broker to begin transactions of {}; one of an earlier producer may have "
          "to end first.",
          id);
    }
    base::pause_until(began + kBetweenCalls, patience.stop);
  }
}

rd::Error end_transaction(decltype(&rd_kafka_commit_transaction) end, rd_kafka_t* producer,
                          std::chrono::milliseconds timeout, const std::stop_token& stop) {
  const auto deadline = Clock::now() + timeout;
  while (true) {
    const auto began = Clock::now();
    rd::Error error(end(producer, -1));
    if (error == nullptr || !call_again(*error) || timed_out(rd_kafka_error_code(error.get())) ||
        Clock::now() >= deadline || stop.stop_requested()) {
      return error;
    }
    base::pause_until(began + kBetweenCalls, stop);
  }
}

// Beginning a transaction inside another changes nothing, and the answer is the error that the
// transaction already has.
rd::Error probe_transaction(rd_kafka_t* producer) {
  rd::Error error(rd_kafka_begin_transaction(producer));
  if (error == nullptr) return nullptr;
  if (rd_kafka_error_is_fatal(error.get()) == 0 &&
      rd_kafka_error_txn_requires_abort(error.get()) == 0) {
    return nullptr;
  }
  return error;
}

int code_of(const rd_kafka_error_t& error, const ProducerClient& client) {
  const int code = rd_kafka_error_code(&error);
  return code == RD_KAFKA_RESP_ERR__FATAL ? client.fatal_code() : code;
}

std::string subject_of(int code, const ProducerClient& client, const char* doing) {
  return code == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED ? "writing to " + client.topic_names()
                                                              : std::string(doing);
}

}  // namespace millrace::kafka
