// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

namespace millrace::settlement {

// When the next commit is due: `every` after the last one began, so that a slow commit does not
// make the next one later than it must be.
//
// Threading: one owner at a time.
class CommitTimer {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  CommitTimer(std::chrono::milliseconds every, TimePoint now) : every_(every), next_(now + every) {}

  [[nodiscard]] bool due(TimePoint now) const { return now >= next_; }

  [[nodiscard]] TimePoint next() const { return next_; }

  void began(TimePoint now) { next_ = now + every_; }

 private:
  std::chrono::milliseconds every_;
  TimePoint next_;
};

}  // namespace millrace::settlement
