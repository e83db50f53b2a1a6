// SPDX-License-Identifier: Apache-2.0
#include "engine/kafka/attempt_limit.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include <fmt/format.h>

#include "engine/base/pause.h"
#include "engine/kafka/error_class.h"
#include "engine/kafka/rd.h"

namespace millrace::kafka {
namespace {

constexpr std::chrono::milliseconds kFirstWait{100};
constexpr std::chrono::milliseconds kLongestWait{5000};

// What waiting, or another assignment, mends.
bool passes(int code) {
  switch (code) {
    case RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS:
    case RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION:
    case RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID:
      return true;
    default:
      return classify(code) == ErrorClass::kRetriable || classify(code) == ErrorClass::kUnknown;
  }
}

}  // namespace

AttemptLimit::AttemptLimit(std::string transactional_id, std::string success)
    : transactional_id_(std::move(transactional_id)), success_(std::move(success)) {}

base::Status AttemptLimit::failed(const Failure& failure, const std::stop_token& stop) {
  if (needs_person(failure.code)) return base::Error{failure.reason};
  if (passes(failure.code)) return {};
  if (is_fence(failure.code)) {
    if (++fences_ >= kFences) {
      return base::Error{fmt::format(
          "The transactional id {} was taken over {} times without a {} in between: another copy "
          "runs with the same name (instance: has to be different for each copy)",
          transactional_id_, fences_, success_)};
    }
  } else if (++others_ > kOthers) {
    return base::Error{fmt::format("The producer failed {} times without a {} in between: {}",
                                   others_, success_, failure.reason)};
  }
  // The first attempt is at once.
  const int before = fences_ + others_ - 1;
  if (before > 0) {
    const auto wait = std::min(kLongestWait, kFirstWait * (1 << std::min(before - 1, 10)));
    base::pause_until(std::chrono::steady_clock::now() + wait, stop);
  }
  return {};
}

void AttemptLimit::succeeded() {
  fences_ = 0;
  others_ = 0;
}

}  // namespace millrace::kafka
