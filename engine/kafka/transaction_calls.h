// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <stop_token>
#include <string>

#include "engine/base/result.h"
#include "engine/kafka/admin.h"
#include "engine/kafka/attempt_limit.h"
#include "engine/kafka/producer_client.h"
#include "engine/kafka/rd.h"

// librdkafka's calls that begin and end transactions, each of them again for as long as it asks for
// that. What a failure means is the callers' to say. Internal to kafka/.
//
// Threading: free functions; one thread at a time for one producer, and another one that serves its
// reports where there are any.
namespace millrace::kafka {

// How long to leave librdkafka alone between two calls.
inline constexpr std::chrono::milliseconds kBetweenCalls{50};

// Whether librdkafka asks for the same call again.
[[nodiscard]] bool call_again(const rd_kafka_error_t& error);

// Makes the transactional id this producer's: what an earlier one left open is ended, and that one
// fenced. Waits for the broker and says once that it does. `failure` is set where the client is of
// no more use, and another one may be; not where a person is needed, or `patience` is over.
[[nodiscard]] base::Status init_transactions(ProducerClient& client, const std::string& id,
                                             const Patience& patience, Failure& failure);

// Commits or aborts; null: done. After `timeout`, a stop, or where librdkafka gave up waiting for
// the answer, the outcome is not known.
[[nodiscard]] rd::Error end_transaction(decltype(&rd_kafka_commit_transaction) end,
                                        rd_kafka_t* producer, std::chrono::milliseconds timeout,
                                        const std::stop_token& stop);

// Why the open transaction can only be aborted; null where it is well. Requires: one is open.
[[nodiscard]] rd::Error probe_transaction(rd_kafka_t* producer);

// The error's code; behind a fatal error the one that made it so.
[[nodiscard]] int code_of(const rd_kafka_error_t& error, const ProducerClient& client);

// What an error of that code is about: `doing`, or the topics where one of them is denied (the
// answer does not say which).
[[nodiscard]] std::string subject_of(int code, const ProducerClient& client, const char* doing);

}  // namespace millrace::kafka
