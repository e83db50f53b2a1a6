// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stop_token>
#include <string>

#include "engine/base/result.h"

// Internal to kafka/.
namespace millrace::kafka {

// Why a producer, or its transaction, cannot go on.
struct Failure {
  int code = 0;        // rd_kafka_resp_err_t
  bool fatal = false;  // the producer has to be replaced
  std::string reason;  // a sentence without a full stop; empty: there is no failure

  [[nodiscard]] bool any() const { return !reason.empty(); }
};

// How often a producer may fail without a success in between, and how long it waits before it tries
// again. Being fenced (another producer with our name, or a pause longer than the transaction
// timeout) is counted apart and ends sooner, so that two copies with one name do not fence each
// other for ever. Waiting for a broker is no failure, and a rebalance is none of the producer's.
//
// Threading: one thread at a time.
class AttemptLimit {
 public:
  static constexpr int kFences = 3;
  static constexpr int kOthers = 10;

  // `success` names what counts as one: "commit".
  AttemptLimit(std::string transactional_id, std::string success);

  // Counts the failure and waits; an error once there must be no further attempt, or where only a
  // person can help.
  base::Status failed(const Failure& failure, const std::stop_token& stop);

  void succeeded();

 private:
  const std::string transactional_id_;  // empty: not transactional
  const std::string success_;
  int fences_ = 0;
  int others_ = 0;
};

}  // namespace millrace::kafka
