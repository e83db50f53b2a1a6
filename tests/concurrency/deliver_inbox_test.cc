// SPDX-License-Identifier: Apache-2.0
#include "engine/flow/deliver_inbox.h"

#include <atomic>
#include <chrono>
#include <memory>
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

DeliveryFailure failure(const char* reason) {
  DeliveryFailure failure;
  failure.reason = reason;
  return failure;
}

class DeliverInboxTest : public ::testing::Test {
 protected:
  insights::Declaration declaration_;
  DeliverInbox inbox_;
};

TEST_F(DeliverInboxTest, GivesBatchesAndFailuresInTheirOrder) {
  BatchInFlight first(declaration_);
  BatchInFlight second(declaration_);
  inbox_.push(&first);
  inbox_.push(&second);
  inbox_.post_failure(failure("a"));
  inbox_.post_failure(failure("b"));

  EXPECT_EQ(inbox_.take(), &first);
  EXPECT_EQ(inbox_.take(), &second);
  EXPECT_EQ(inbox_.take(), nullptr);
  EXPECT_EQ(inbox_.take_failure()->reason, "a");
  EXPECT_EQ(inbox_.take_failure()->reason, "b");
  EXPECT_FALSE(inbox_.take_failure().has_value());
}

TEST_F(DeliverInboxTest, AWaitReturnsForWhatCameSinceTheLast) {
  BatchInFlight batch(declaration_);
  inbox_.push(&batch);
  inbox_.wait(never());
  inbox_.post_failure(failure(""));
  inbox_.wait(never());
  inbox_.notify_acknowledged();
  inbox_.wait(never());
  inbox_.close();
  inbox_.wait(never());
  EXPECT_TRUE(inbox_.closed());
}

TEST_F(DeliverInboxTest, AWaitWithoutNewsEndsAtItsDeadline) {
  const auto deadline = Clock::now() + std::chrono::milliseconds{2};
  inbox_.wait(deadline);
  EXPECT_GE(Clock::now(), deadline);
}

TEST_F(DeliverInboxTest, AcknowledgementsEndAWaitForThemAndNoOther) {
  inbox_.notify_acknowledged();
  inbox_.wait(never());
  inbox_.notify_acknowledged();
  const auto deadline = Clock::now() + std::chrono::milliseconds{2};
  inbox_.wait(deadline, DeliverInbox::For::kAllButAcknowledgements);
  EXPECT_GE(Clock::now(), deadline);
  inbox_.notify_given_up();
  inbox_.wait(never(), DeliverInbox::For::kAllButAcknowledgements);
}

TEST_F(DeliverInboxTest, NoAcknowledgementIsMissedBetweenTheLookAndTheWait) {
  constexpr int kAcknowledgements = 20'000;
  std::atomic<int> made{0};
  std::atomic<int> seen{0};
  std::thread settle([&] {
    for (int i = 1; i <= kAcknowledgements; ++i) {
      made.store(i);
      inbox_.notify_acknowledged();
      while (seen.load() < i) std::this_thread::yield();
    }
  });
  while (seen.load() < kAcknowledgements) {
    if (made.load() > seen.load()) {
      seen.store(made.load());
    } else {
      inbox_.wait(never());
    }
  }
  settle.join();
}

TEST_F(DeliverInboxTest, ClosingLeavesWhatIsQueued) {
  BatchInFlight batch(declaration_);
  inbox_.push(&batch);
  inbox_.close();
  EXPECT_EQ(inbox_.take(), &batch);
}

TEST_F(DeliverInboxTest, EveryRequestGetsItsOwnAnswer) {
  constexpr uint64_t kRequests = 20'000;
  std::atomic<uint64_t> wrong{0};
  std::thread deliver([&] {
    uint64_t expected = 0;
    for (;;) {
      if (const auto request = inbox_.requested()) {
        if (request->sequence_end != expected++) wrong.fetch_add(1);
        inbox_.answer(request->sequence_end % 3 == 0);
        if (inbox_.requested().has_value() && inbox_.requested()->sequence_end < expected)
          wrong.fetch_add(1);
        continue;
      }
      if (inbox_.closed()) return;
      inbox_.wait(never());
    }
  });
  for (uint64_t i = 0; i < kRequests; ++i) {
    Handover handover;
    handover.sequence_end = i;
    if (inbox_.request(handover) != (i % 3 == 0)) wrong.fetch_add(1);
  }
  inbox_.close();
  deliver.join();
  EXPECT_EQ(wrong.load(), 0U);
}

TEST_F(DeliverInboxTest, NoBatchIsLostOrRepeatedUnderThreads) {
  constexpr uint64_t kPushers = 3;
  constexpr uint64_t kEach = 3000;
  std::vector<std::unique_ptr<BatchInFlight>> batches;
  for (uint64_t i = 0; i < kPushers * kEach; ++i) {
    batches.push_back(std::make_unique<BatchInFlight>(declaration_));
    batches.back()->sequence = i;
  }
  std::vector<std::thread> pushers;
  for (uint64_t pusher = 0; pusher < kPushers; ++pusher) {
    pushers.emplace_back([&, pusher] {
      for (uint64_t i = 0; i < kEach; ++i) inbox_.push(batches[pusher * kEach + i].get());
    });
  }
  std::vector<uint64_t> next(kPushers, 0);
  for (uint64_t taken = 0; taken < kPushers * kEach;) {
    const BatchInFlight* batch = inbox_.take();
    if (batch == nullptr) {
      inbox_.wait(never());
      continue;
    }
    ++taken;
    ASSERT_EQ(batch->sequence % kEach, next[batch->sequence / kEach]++);
  }
  for (std::thread& pusher : pushers) pusher.join();
  EXPECT_EQ(inbox_.take(), nullptr);
}

using DeliverInboxDeathTest = DeliverInboxTest;

TEST_F(DeliverInboxDeathTest, DiesOnAnAnswerThatNobodyAskedFor) {
  EXPECT_DEATH(inbox_.answer(true), "request_");
}

}  // namespace
}  // namespace millrace::flow
