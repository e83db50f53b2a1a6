// SPDX-License-Identifier: Apache-2.0
#include "engine/app/insights_cache.h"

#include <latch>
#include <thread>

#include <gtest/gtest.h>

namespace millrace::app {
namespace {

using std::chrono::milliseconds;

flow::Snapshot emitted(uint64_t records) {
  flow::Snapshot snapshot;
  snapshot.given.emitted = records;
  return snapshot;
}

// What is emitted says how often it was taken.
class InsightsCacheTest : public ::testing::Test {
 protected:
  flow::Snapshot take() {
    ++taken_;
    now_ += takes_;
    return emitted(taken_);
  }

  uint64_t get() { return cache_.get().snapshot->given.emitted; }

  uint64_t taken_ = 0;
  milliseconds takes_{0};
  InsightsCache::Clock::time_point now_{std::chrono::hours{1}};
  InsightsCache cache_{[this] { return take(); }, true, [this] { return now_; }};
};

TEST_F(InsightsCacheTest, AreTakenOnceASecond) {
  EXPECT_EQ(get(), 1U);
  now_ += milliseconds{999};
  EXPECT_EQ(get(), 1U);
  now_ += milliseconds{1};
  EXPECT_EQ(get(), 2U);
  EXPECT_TRUE(cache_.get().durable);
  EXPECT_GT(cache_.get().time_ms, 0);
}

TEST_F(InsightsCacheTest, ThatTakeLongAreTakenLessOften) {
  takes_ = milliseconds{500};
  EXPECT_EQ(get(), 1U);
  now_ += milliseconds{9'999};
  EXPECT_EQ(get(), 1U);
  now_ += milliseconds{1};
  EXPECT_EQ(get(), 2U);
}

TEST_F(InsightsCacheTest, OfAFinishedRunStay) {
  EXPECT_EQ(get(), 1U);
  cache_.finish(emitted(77));
  now_ += std::chrono::hours{1};
  EXPECT_EQ(get(), 77U);
  EXPECT_EQ(taken_, 1U);
}

TEST(InsightsCacheThreads, WhoAsksMeanwhileGetsTheLastOnes) {
  std::latch begun(1);
  std::latch go_on(1);
  int taken = 0;
  InsightsCache::Clock::time_point now{std::chrono::hours{1}};
  InsightsCache cache(
      [&] {
        if (++taken == 2) {
          begun.count_down();
          go_on.wait();
        }
        return emitted(static_cast<uint64_t>(taken));
      },
      false, [&] { return now; });
  EXPECT_EQ(cache.get().snapshot->given.emitted, 1U);
  now += std::chrono::seconds{1};
  std::thread slow([&] { EXPECT_EQ(cache.get().snapshot->given.emitted, 2U); });
  begun.wait();

  EXPECT_EQ(cache.get().snapshot->given.emitted, 1U);
  go_on.count_down();
  slow.join();
  EXPECT_EQ(cache.get().snapshot->given.emitted, 2U);
}

}  // namespace
}  // namespace millrace::app
