// SPDX-License-Identifier: Apache-2.0
#include "engine/cli/stop_on_signal.h"

#include <chrono>
#include <cstdlib>

#include "engine/base/startup_error.h"

namespace millrace::cli {

StopOnSignal::StopOnSignal() : thread_([this] { watch(); }) {}

StopOnSignal::~StopOnSignal() {
  over_.store(true, std::memory_order_release);
  signals_.wake();
  thread_.join();
}

void StopOnSignal::watch() {
  constexpr std::chrono::hours kForever{1};  // then once more
  while (!over_.load(std::memory_order_acquire)) {
    if (!signals_.wait(std::chrono::steady_clock::now() + kForever)) continue;
    // Nothing is flushed: whoever holds a stream's lock may be waiting for somebody to read it.
    if (stop_.stop_requested()) std::_Exit(static_cast<int>(base::ExitCode::kFailed));
    stop_.request_stop();
  }
}

}  // namespace millrace::cli
