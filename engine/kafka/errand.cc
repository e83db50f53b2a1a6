// SPDX-License-Identifier: Apache-2.0
#include "engine/kafka/errand.h"

#include <utility>

#include "engine/base/check.h"

namespace millrace::kafka {

Errand::Errand() : thread_([this] { run(); }) {}

Errand::~Errand() {
  {
    const base::MutexLock lock(mutex_);
    end_ = true;
    changed_.notify_all();
  }
  thread_.join();
}

void Errand::begin(std::function<void()> call) {
  const base::MutexLock lock(mutex_);
  MILLRACE_CHECK(!call_);
  call_ = std::move(call);
  changed_.notify_all();
}

bool Errand::wait(std::chrono::milliseconds timeout) {
  const auto until = std::chrono::steady_clock::now() + timeout;
  const base::MutexLock lock(mutex_);
  while (call_ && std::chrono::steady_clock::now() < until) changed_.wait_until(mutex_, until);
  return !call_;
}

void Errand::run() {
  while (true) {
    std::function<void()> call;
    {
      const base::MutexLock lock(mutex_);
      while (!call_ && !end_) changed_.wait(mutex_);
      if (!call_) return;
      call = call_;
    }
    call();
    const base::MutexLock lock(mutex_);
    call_ = nullptr;
    changed_.notify_all();
  }
}

}  // namespace millrace::kafka
