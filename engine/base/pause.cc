// SPDX-License-Identifier: Apache-2.0
#include "engine/base/pause.h"

#include "engine/base/mutex.h"

namespace millrace::base {

void pause_until(std::chrono::steady_clock::time_point time, const std::stop_token& stop) {
  Mutex mutex;
  CondVar woken;
  const std::stop_callback on_stop(stop, [&] {
    // The lock makes sure that the waiter is not between its look and its wait.
    const MutexLock lock(mutex);
    woken.notify_all();
  });
  const MutexLock lock(mutex);
  while (!stop.stop_requested() && std::chrono::steady_clock::now() < time)
    woken.wait_until(mutex, time);
}

}  // namespace millrace::base
