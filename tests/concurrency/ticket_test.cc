// SPDX-License-Identifier: Apache-2.0
#include "engine/settlement/ticket.h"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "engine/base/mutex.h"

namespace millrace::settlement {
namespace {

// Where two threads wait for each other. Not std::barrier: on a busy machine 40,000 meetings at
// libstdc++ 12's did now and then not end within 15 s.
class Rendezvous {
 public:
  void arrive_and_wait() {
    base::MutexLock lock(mutex_);
    const uint64_t arrival = arrivals_++;
    if (arrival % 2 == 1) both_.notify_all();
    while (arrivals_ / 2 == arrival / 2) both_.wait(mutex_);
  }

 private:
  base::Mutex mutex_;
  base::CondVar both_;
  uint64_t arrivals_ GUARDED_BY(mutex_) = 0;
};

// Two sides release what they have at once. Each writes a plain number before; who is told that it
// was the last reads both, which ThreadSanitizer would report if the ticket did not order them.
TEST(TicketConcurrency, ExactlyOneReleaseOwnsTheBatchAndSeesTheOthersWrites) {
  constexpr int kRounds = 3000;
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  std::vector<size_t> outputs(kRounds);
  for (size_t& count : outputs) count = random() % 4;

  Ticket ticket;
  int deliver_wrote = 0;
  int settle_wrote = 0;
  std::atomic<int> owners{0};
  std::atomic<int> wrong{0};
  Rendezvous round;

  const auto own = [&](int expected) {
    owners.fetch_add(1, std::memory_order_relaxed);
    if (deliver_wrote != expected || settle_wrote != expected) wrong.fetch_add(1);
  };
  std::thread settle([&] {
    for (int i = 0; i < kRounds; ++i) {
      round.arrive_and_wait();
      settle_wrote = i;
      for (size_t left = outputs[static_cast<size_t>(i)]; left > 0; --left)
        if (ticket.release(1)) own(i);
      round.arrive_and_wait();
    }
  });
  for (int i = 0; i < kRounds; ++i) {
    const size_t count = outputs[static_cast<size_t>(i)];
    owners.store(0);
    ticket.open(count);
    round.arrive_and_wait();
    deliver_wrote = i;
    // With no output there is no other side to wait for, and its number may not be read.
    if (ticket.release(1)) {
      if (count > 0) own(i);
      if (count == 0) owners.fetch_add(1);
    }
    round.arrive_and_wait();
    if (owners.load() != 1) wrong.fetch_add(1);
  }
  settle.join();
  EXPECT_EQ(wrong.load(), 0);
}

}  // namespace
}  // namespace millrace::settlement
