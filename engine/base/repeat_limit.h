// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/mutex.h"

namespace millrace::base {

// Keeps what happens again and again from filling the log: of the lines of one kind the first is
// said at once, then at most one each `quiet`, with how many like it were left out.
//
// Threading: any thread.
class RepeatLimit {
 public:
  using Time = std::chrono::steady_clock::time_point;

  explicit RepeatLimit(std::chrono::milliseconds quiet) : quiet_(quiet) {}

  RepeatLimit(const RepeatLimit&) = delete;
  RepeatLimit& operator=(const RepeatLimit&) = delete;

  // The line to log, if any: `line`, or "LINE (… and 312 more like it in the last 10 s)". `kind` is
  // what makes two lines alike; of more than 64 kinds at a time, the oldest are forgotten.
  [[nodiscard]] std::optional<std::string> admit(std::string_view kind, std::string_view line,
                                                 Time now);

 private:
  struct Repeated {
    Time said;
    uint64_t left_out = 0;
  };

  const std::chrono::milliseconds quiet_;
  Mutex mutex_;
  std::map<std::string, Repeated, std::less<>> repeated_ GUARDED_BY(mutex_);
};

}  // namespace millrace::base
