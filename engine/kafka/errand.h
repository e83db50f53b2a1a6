// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <thread>

#include "engine/base/mutex.h"

// Internal to kafka/.
namespace millrace::kafka {

// A thread of its own for calls that block, one at a time, on behalf of a thread that must not.
// What the call wrote is there for whoever saw wait() return true.
//
// Threading: one thread begins and waits. Lifetime: the destructor waits for the call under way.
class Errand {
 public:
  Errand();
  Errand(const Errand&) = delete;
  Errand& operator=(const Errand&) = delete;
  ~Errand();

  // Requires: none under way.
  void begin(std::function<void()> call) EXCLUDES(mutex_);

  // Whether none is under way, waiting for that up to `timeout`.
  [[nodiscard]] bool wait(std::chrono::milliseconds timeout) EXCLUDES(mutex_);

 private:
  void run() EXCLUDES(mutex_);

  base::Mutex mutex_;
  base::CondVar changed_;
  std::function<void()> call_ GUARDED_BY(mutex_);
  bool end_ GUARDED_BY(mutex_) = false;
  std::thread thread_;  // last: it uses the others
};

}  // namespace millrace::kafka
