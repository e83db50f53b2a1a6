// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

namespace millrace::base {

using WallTime = std::chrono::sys_time<std::chrono::microseconds>;

// The time of day as records see it (`now` in a step). Passed in everywhere, so that tests and
// `--clock` can fix it. Durations (deadlines, rates) use std::chrono::steady_clock directly.
//
// Threading: now() may be called from any thread.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual WallTime now() const = 0;
};

class SystemClock final : public Clock {
 public:
  [[nodiscard]] WallTime now() const override {
    return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
  }
};

class FixedClock final : public Clock {
 public:
  explicit FixedClock(WallTime time) : time_(time) {}

  [[nodiscard]] WallTime now() const override { return time_; }

 private:
  WallTime time_;
};

}  // namespace millrace::base
