// SPDX-License-Identifier: Apache-2.0
#include "engine/kafka/pause.h"

#include <condition_variable>
#include <mutex>

namespace millrace::kafka {

void pause_until(std::chrono::steady_clock::time_point time, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any stopped;
  std::unique_lock lock(mutex);
  stopped.wait_until(lock, stop, time, [] { return false; });
}

}  // namespace millrace::kafka
