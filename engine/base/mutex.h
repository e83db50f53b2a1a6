// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

// std::mutex with the annotations of clang's thread-safety analysis, so that a field marked
// GUARDED_BY cannot be touched without its lock (the clang build makes that an error).
// See https://clang.llvm.org/docs/ThreadSafetyAnalysis.html.
#if defined(__clang__)
#define MILLRACE_ANNOTATE(x) __attribute__((x))
#else
#define MILLRACE_ANNOTATE(x)
#endif
#define GUARDED_BY(x) MILLRACE_ANNOTATE(guarded_by(x))
#define REQUIRES(...) MILLRACE_ANNOTATE(requires_capability(__VA_ARGS__))
#define EXCLUDES(...) MILLRACE_ANNOTATE(locks_excluded(__VA_ARGS__))

namespace millrace::base {

class MILLRACE_ANNOTATE(capability("mutex")) Mutex {
 public:
  Mutex() = default;
  Mutex(const Mutex&) = delete;
  Mutex& operator=(const Mutex&) = delete;

  void lock() MILLRACE_ANNOTATE(acquire_capability()) { mutex_.lock(); }

  void unlock() MILLRACE_ANNOTATE(release_capability()) { mutex_.unlock(); }

  // Tells the analysis, where it cannot see it (in a lambda), that the lock is held.
  void assert_held() const MILLRACE_ANNOTATE(assert_capability(this)) {}

 private:
  friend class CondVar;
  std::mutex mutex_;
};

class MILLRACE_ANNOTATE(scoped_lockable) MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) MILLRACE_ANNOTATE(acquire_capability(mutex)) : mutex_(mutex) {
    mutex_.lock();
  }

  ~MutexLock() MILLRACE_ANNOTATE(release_capability()) { mutex_.unlock(); }

  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex& mutex_;
};

// A condition variable for Mutex. Waits return on notify, at the deadline, or spuriously: callers
// loop over their condition.
class CondVar {
 public:
  void wait(Mutex& mutex) REQUIRES(mutex) {
    std::unique_lock<std::mutex> lock(mutex.mutex_, std::adopt_lock);
    condition_.wait(lock);
    lock.release();
  }

  void wait_until(Mutex& mutex, std::chrono::steady_clock::time_point deadline) REQUIRES(mutex) {
    std::unique_lock<std::mutex> lock(mutex.mutex_, std::adopt_lock);
    condition_.wait_until(lock, deadline);
    lock.release();
  }

  void notify_one() { condition_.notify_one(); }

  void notify_all() { condition_.notify_all(); }

 private:
  std::condition_variable condition_;
};

}  // namespace millrace::base
