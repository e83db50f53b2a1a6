// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <stop_token>
#include <thread>

#include "engine/cli/signals.h"

namespace millrace::cli {

// While it lives, SIGINT and SIGTERM request a stop; the second one ends the process. For commands
// that are one loop.
class StopOnSignal {
 public:
  StopOnSignal();
  ~StopOnSignal();
  StopOnSignal(const StopOnSignal&) = delete;
  StopOnSignal& operator=(const StopOnSignal&) = delete;

  [[nodiscard]] std::stop_token token() const { return stop_.get_token(); }

 private:
  void watch();

  std::stop_source stop_;
  Signals signals_;
  std::atomic<bool> over_{false};  // set by the destructor, read by the thread after a wake
  std::thread thread_;
};

}  // namespace millrace::cli
