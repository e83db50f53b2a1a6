// SPDX-License-Identifier: Apache-2.0
#include "engine/base/mutex.h"

#include <chrono>
#include <thread>

#include <gtest/gtest.h>

namespace millrace::base {
namespace {

TEST(CondVar, AWaitEndsAtItsDeadline) {
  Mutex mutex;
  CondVar condition;
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds{5};
  MutexLock lock(mutex);
  while (std::chrono::steady_clock::now() < deadline) condition.wait_until(mutex, deadline);
  SUCCEED();
}

TEST(CondVar, AWaitHandsTheLockOverAndTakesItBack) {
  Mutex mutex;
  CondVar condition;
  int turn = 0;
  std::thread other([&] {
    MutexLock lock(mutex);
    while (turn != 1) condition.wait(mutex);
    turn = 2;
    condition.notify_all();
  });
  {
    MutexLock lock(mutex);
    turn = 1;
    condition.notify_one();
    while (turn != 2) condition.wait(mutex);
    EXPECT_EQ(turn, 2);
  }
  other.join();
}

}  // namespace
}  // namespace millrace::base
