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

void charge(MemoryBudget& budget, size_t bytes) {
  budget.charge_estimate(bytes);
  EXPECT_EQ(budget.confirm(bytes, 0), bytes);
}

TEST(MemoryBudget, AdmitsWhileItIsInCredit) {
  MemoryBudget budget(100);
  charge(budget, 99);
  EXPECT_TRUE(budget.wait_for_room(Clock::now()));
  EXPECT_TRUE(budget.has_room());
  charge(budget, 1);
  EXPECT_FALSE(budget.wait_for_room(Clock::now()));
  EXPECT_FALSE(budget.has_room());
  budget.release(1);
  EXPECT_TRUE(budget.wait_for_room(Clock::now()));
  EXPECT_EQ(budget.charged(), 99U);
}

TEST(MemoryBudget, ChargesWhatIsNeededBeyondTheEstimate) {
  MemoryBudget budget(1000);
  budget.charge_estimate(10);
  EXPECT_EQ(budget.charged(), 10U);
  EXPECT_EQ(budget.confirm(10, 70), 70U);
  EXPECT_EQ(budget.charged(), 70U);
  budget.charge_estimate(10);
  EXPECT_EQ(budget.confirm(10, 3), 10U);
  EXPECT_EQ(budget.charged(), 80U);
  budget.release(80);
  EXPECT_EQ(budget.charged(), 0U);
}

// What is not processed yet may turn out to need many times its estimate.
TEST(MemoryBudget, AdmitsOnlyASmallPartOnEstimates) {
  constexpr size_t kMost = 10;
  MemoryBudget budget(kMost * MemoryBudget::kEstimatesPart);
  budget.charge_estimate(kMost - 1);
  EXPECT_TRUE(budget.wait_for_room(Clock::now()));
  budget.charge_estimate(1);
  EXPECT_FALSE(budget.wait_for_room(Clock::now()));
  // Nothing has to settle for that to end.
  EXPECT_TRUE(budget.has_room());
  EXPECT_EQ(budget.confirm(1, 1), 1U);
  EXPECT_TRUE(budget.wait_for_room(Clock::now()));
}

TEST(MemoryBudget, AlwaysAdmitsWhenEmpty) {
  MemoryBudget budget(0);
  EXPECT_TRUE(budget.wait_for_room(Clock::now()));
  charge(budget, 1'000'000);
  EXPECT_FALSE(budget.wait_for_room(Clock::now() + std::chrono::milliseconds{1}));
  budget.release(1'000'000);
  EXPECT_TRUE(budget.wait_for_room(Clock::now()));
}

TEST(MemoryBudgetDeathTest, DiesWhereAnEstimateIsReleased) {
  MemoryBudget budget(100);
  budget.charge_estimate(10);
  EXPECT_DEATH(budget.release(10), "<= charged_");
  EXPECT_DEATH(static_cast<void>(budget.confirm(11, 11)), "estimate <= estimated_");
}

TEST(MemoryBudgetDeathTest, DiesWhereMoreIsReleasedThanCharged) {
  MemoryBudget budget(100);
  charge(budget, 10);
  EXPECT_DEATH(budget.release(11), "<= charged_");
}

// One thread polls, others charge what their outputs need and hand over what is to be released.
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
      if (budget.confirm(bytes, bytes + 1) != bytes + 1) wrong.fetch_add(1);
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
    budget.charge_estimate(bytes);
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
