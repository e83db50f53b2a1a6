// SPDX-License-Identifier: Apache-2.0
#include "engine/flow/memory_budget.h"

#include <atomic>
#include <chrono>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace millrace::flow {
namespace {

using Clock = std::chrono::steady_clock;

// Longer than the test may take: a wake-up that got lost makes it time out.
Clock::time_point never() {
  return Clock::now() + std::chrono::hours{1};
}

TEST(MemoryBudget, AdmitsWhileItIsInCredit) {
  MemoryBudget budget(100);
  budget.charge(99);
  EXPECT_TRUE(budget.wait_for_room(Clock::now()));
  budget.charge(1);
  EXPECT_FALSE(budget.wait_for_room(Clock::now()));
  budget.release(1);
  EXPECT_TRUE(budget.wait_for_room(Clock::now()));
  EXPECT_EQ(budget.charged(), 99U);
}

TEST(MemoryBudget, AlwaysAdmitsWhenEmpty) {
  MemoryBudget budget(0);
  EXPECT_TRUE(budget.wait_for_room(Clock::now()));
  budget.charge(1'000'000);
  EXPECT_FALSE(budget.wait_for_room(Clock::now() + std::chrono::milliseconds{1}));
  budget.release(1'000'000);
  EXPECT_TRUE(budget.wait_for_room(Clock::now()));
}

TEST(MemoryBudgetDeathTest, DiesWhereMoreIsReleasedThanCharged) {
  MemoryBudget budget(100);
  budget.charge(10);
  EXPECT_DEATH(budget.release(11), "bytes <= charged_");
}

// One thread polls, workers charge what their outputs need and hand over what is to be released.
TEST(MemoryBudgetConcurrency, NoWakeUpIsLostAndNothingIsOverdrawnButByOneCharge) {
  constexpr size_t kLimit = 50;
  constexpr size_t kChargeMax = 40;
  constexpr int kRounds = 20'000;
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  MemoryBudget budget(kLimit);
  base::Mutex mutex;
  base::CondVar news;
  std::vector<size_t> charges;
  bool finished = false;
  std::atomic<int> wrong{0};

  const auto release_all = [&] {
    for (;;) {
      size_t bytes = 0;
      {
        base::MutexLock lock(mutex);
        while (charges.empty() && !finished) news.wait(mutex);
        if (charges.empty()) return;
        bytes = charges.back();
        charges.pop_back();
      }
      budget.charge(1);
      if (budget.charged() == 0) wrong.fetch_add(1);
      budget.release(bytes + 1);
    }
  };
  std::vector<std::thread> releasers;
  for (int i = 0; i < 3; ++i) releasers.emplace_back(release_all);
  std::mt19937 random(seed);
  for (int i = 0; i < kRounds; ++i) {
    if (!budget.wait_for_room(never())) wrong.fetch_add(1);
    const size_t bytes = 1 + random() % kChargeMax;
    budget.charge(bytes);
    // The releasers' own charges of 1 come on top.
    if (budget.charged() >= kLimit + kChargeMax + 3) wrong.fetch_add(1);
    base::MutexLock lock(mutex);
    charges.push_back(bytes);
    news.notify_one();
  }
  {
    base::MutexLock lock(mutex);
    finished = true;
    news.notify_all();
  }
  for (std::thread& releaser : releasers) releaser.join();
  EXPECT_EQ(wrong.load(), 0);
  EXPECT_EQ(budget.charged(), 0U);
}

}  // namespace
}  // namespace millrace::flow
