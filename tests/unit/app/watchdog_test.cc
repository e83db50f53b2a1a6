// SPDX-License-Identifier: Apache-2.0
#include "engine/app/watchdog.h"

#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace millrace::app {
namespace {

using report::Status;
using std::chrono::milliseconds;

// A partition that was stopped, which is ill at the first look, and a count of the looks.
class World {
 public:
  HealthSampler::Seams seams() {
    return {[this] { return progress(); }, [] { return kafka::PartitionWatch::View{}; },
            [](std::span<const base::TopicPartition>) { return std::vector<kafka::LogEnds>{}; }};
  }

  void heal() {
    const base::MutexLock lock(mutex_);
    stopped_.clear();
  }

  [[nodiscard]] int looks() {
    const base::MutexLock lock(mutex_);
    return looks_;
  }

  // A look that began after the call is over when the next has begun.
  void wait_for_two_looks() {
    const base::MutexLock lock(mutex_);
    for (const int until = looks_ + 2; looks_ < until;) looked_.wait(mutex_);
  }

 private:
  flow::Progress progress() {
    const base::MutexLock lock(mutex_);
    ++looks_;
    looked_.notify_all();
    flow::Progress progress;
    progress.partitions.push_back({});
    progress.partitions[0].id = {"in", 0};
    progress.partitions[0].position = base::Offset{5};
    progress.partitions[0].stopped = stopped_;
    return progress;
  }

  base::Mutex mutex_;
  base::CondVar looked_;
  int looks_ GUARDED_BY(mutex_) = 0;
  std::string stopped_ GUARDED_BY(mutex_) = "bad checksum";
};

TEST(Watchdog, SeesWhatBeginsAndWhatEnds) {
  World world;
  Watchdog watchdog(world.seams(), milliseconds{30'000}, milliseconds{1});
  world.wait_for_two_looks();
  EXPECT_EQ(watchdog.current().status, Status::kUnhealthy);
  ASSERT_EQ(watchdog.current().partitions.size(), 1U);
  EXPECT_EQ(watchdog.current().partitions[0].reason, "it was stopped: bad checksum");
  world.heal();
  world.wait_for_two_looks();
  EXPECT_EQ(watchdog.current().status, Status::kHealthy);
}

TEST(Watchdog, EndsAtOnceAndKeepsWhatItSawLast) {
  World world;
  Watchdog watchdog(world.seams(), milliseconds{30'000}, milliseconds{1});
  world.wait_for_two_looks();
  watchdog.stop();
  const int looks = world.looks();
  world.heal();
  watchdog.stop();
  EXPECT_EQ(watchdog.current().status, Status::kUnhealthy);
  EXPECT_EQ(world.looks(), looks);
}

// Between two looks it waits for as long as it is told to, but not for that when it ends.
TEST(Watchdog, DoesNotWaitForTheNextLookToEnd) {
  World world;
  const auto begin = std::chrono::steady_clock::now();
  { const Watchdog watchdog(world.seams(), milliseconds{30'000}, std::chrono::hours{1}); }
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::minutes{1});
  EXPECT_LE(world.looks(), 1);
}

TEST(Watchdog, TellsFromOtherThreadsWhileItLooks) {
  World world;
  Watchdog watchdog(world.seams(), milliseconds{30'000}, milliseconds{0});
  std::vector<std::thread> readers;
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&watchdog] {
      for (int j = 0; j < 1000; ++j) {
        const report::Health health = watchdog.current();
        EXPECT_EQ(health.partitions.size(), health.status == Status::kUnhealthy ? 1U : 0U);
      }
    });
  }
  for (std::thread& reader : readers) reader.join();
}

}  // namespace
}  // namespace millrace::app
