// SPDX-License-Identifier: Apache-2.0
#include "engine/flow/books.h"

#include <map>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "engine/flow/deliver_inbox.h"
#include "tests/concurrency/books_fixture.h"

namespace millrace::flow {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kPartitions = 3;

TEST_F(BooksTest, CountsABatchWhenItJoinsThePrefix) {
  const auto lease = open(0, 0);
  BatchInFlight* first = make(lease, 0, 10);
  BatchInFlight* second = make(lease, 10, 5);
  books_.hand_over(*first);
  books_.hand_over(*second);

  settle(second);
  EXPECT_EQ(books_.totals().consumed, 0U);
  EXPECT_EQ(books_.unsettled(), 2U);
  EXPECT_TRUE(books_.committable().offsets.empty());
  settle(first);
  EXPECT_EQ(books_.totals().consumed, 15U);
  EXPECT_EQ(books_.totals().polled, 15U);
  EXPECT_EQ(books_.settled(*lease), base::Offset{15});
  ASSERT_EQ(books_.committable().offsets.size(), 1U);
  EXPECT_EQ(books_.committable().offsets[0].next, base::Offset{15});
}

TEST_F(BooksTest, OffersAnOffsetUntilItIsCommitted) {
  const auto lease = open(0, 0);
  BatchInFlight* batch = make(lease, 0, 10);
  books_.hand_over(*batch);
  settle(batch);
  const auto begun = books_.begin_commit(Finish::kNothing);
  ASSERT_TRUE(begun.has_value());
  ASSERT_EQ(begun->offsets.size(), 1U);
  EXPECT_EQ(begun->offsets[0].previous, base::Offset{0});
  EXPECT_TRUE(books_.refused().empty());
  EXPECT_EQ(books_.committable().offsets.size(), 1U);
  EXPECT_TRUE(books_.committed(begun->offsets).empty());
  EXPECT_TRUE(books_.committable().offsets.empty());
}

TEST_F(BooksTest, NoCommitBeginsOfPartitionsThatWent) {
  const auto lease = open(0, 0);
  BatchInFlight* batch = make(lease, 0, 10);
  books_.hand_over(*batch);
  settle(batch);
  books_.release(lease->id());
  const auto begun = books_.begin_commit(Finish::kNothing);
  ASSERT_TRUE(begun.has_value());
  EXPECT_TRUE(begun->offsets.empty());
}

// Made anew, its offsets are others: those of a commit that was under way say nothing of them.
TEST_F(BooksTest, APartitionThatWentBeforeItsCommitNeedNotBeCommittedUpToItsEnd) {
  const auto lease = open(0, 100);
  BatchInFlight* batch = make(lease, 100, 5);
  ASSERT_TRUE(books_.hand_over(*batch));
  settle(batch);
  EXPECT_TRUE(books_.snapshot().accounts[0].ours);
  EXPECT_EQ(books_.snapshot().accounts[0].due, base::Offset{105});

  books_.release(lease->id());
  const Snapshot snapshot = books_.snapshot();
  EXPECT_FALSE(snapshot.accounts[0].ours);
  EXPECT_EQ(snapshot.accounts[0].due, base::Offset{100});
}

TEST_F(BooksTest, ACommitOfATopicAsItWasDoesNotHoldUpThoseOfTheNewOne) {
  const auto old = open(0, 700);
  BatchInFlight* batch = make(old, 700, 10);
  books_.hand_over(*batch);
  settle(batch);
  const auto begun = books_.begin_commit(Finish::kNothing);
  for (BatchInFlight* done : books_.end(*old)) recycle(done);
  const auto anew = std::make_shared<settlement::Lease>(old->id(), 0, base::Offset{0});
  books_.open(anew, {.resume = anew->start(), .moved = true});
  EXPECT_TRUE(books_.committed(begun->offsets).empty());

  batch = make(anew, 0, 5);
  books_.hand_over(*batch);
  settle(batch);
  ASSERT_EQ(books_.committable().offsets.size(), 1U);
  EXPECT_EQ(books_.committable().offsets[0].next, base::Offset{5});
}

TEST_F(BooksTest, NothingIsHandedOverOfALeaseThatHasEnded) {
  const auto lease = open(0, 0);
  BatchInFlight* batch = make(lease, 0, 10);
  EXPECT_TRUE(books_.end(*lease).empty());
  EXPECT_FALSE(books_.hand_over(*batch));
  books_.discard(*batch);
  recycle(batch);
}

TEST_F(BooksTest, AFailedBatchIsAHole) {
  const auto lease = open(0, 0);
  BatchInFlight* first = make(lease, 0, 10);
  BatchInFlight* second = make(lease, 10, 5);
  books_.hand_over(*first);
  books_.hand_over(*second);
  first->failed = true;
  settle(first);
  settle(second);
  EXPECT_EQ(books_.totals().consumed, 0U);
  for (BatchInFlight* done : books_.end(*lease)) recycle(done);

  const auto account = books_.snapshot().accounts.at(0);
  EXPECT_EQ(account.discarded, 15U);
  EXPECT_EQ(account.polled, 15U);
  EXPECT_EQ(budget_.charged(), 0U);
}

// Reading goes on from the prefix as it was when the lease was closed; what settles after that
// would otherwise count twice.
TEST_F(BooksTest, NothingJoinsThePrefixOfAClosedLease) {
  const auto lease = open(0, 0);
  BatchInFlight* batch = make(lease, 0, 10);
  books_.hand_over(*batch);
  lease->close();
  const base::Offset resume = books_.settled(*lease);
  settle(batch);
  EXPECT_EQ(books_.settled(*lease), resume);
  EXPECT_EQ(books_.totals().consumed, 0U);
  EXPECT_EQ(books_.snapshot().accounts.at(0).discarded, 10U);
}

TEST_F(BooksTest, ABatchThatComesBackAfterItsLeaseIsDiscarded) {
  const auto lease = open(0, 0);
  BatchInFlight* batch = make(lease, 0, 10);
  books_.hand_over(*batch);
  EXPECT_TRUE(books_.end(*lease).empty());
  settle(batch);
  EXPECT_EQ(books_.snapshot().accounts.at(0).discarded, 10U);
  EXPECT_EQ(budget_.charged(), 0U);
}

TEST_F(BooksTest, AccountsForOffsetsThatWereReadElsewhere) {
  for (BatchInFlight* done : books_.end(*open(0, 100))) recycle(done);
  for (BatchInFlight* done : books_.end(*open(0, 150))) recycle(done);
  for (BatchInFlight* done : books_.end(*open(0, 120))) recycle(done);
  const auto account = books_.snapshot().accounts.at(0);
  EXPECT_EQ(account.first, base::Offset{100});
  EXPECT_EQ(account.next, base::Offset{120});
  EXPECT_EQ(account.elsewhere, 20);
}

TEST_F(BooksTest, SnapshotsComeOncePerMultipleWhateverTheBatches) {
  std::vector<uint64_t> consumed;
  Books books(declaration_, SettleAt::kAcknowledgement, nullptr, 10,
              [&](Snapshot snapshot) { consumed.push_back(snapshot.accounts.at(0).consumed); });
  const auto lease =
      std::make_shared<settlement::Lease>(base::TopicPartition{"in", 0}, 0, base::Offset{0});
  books.open(lease, {.resume = lease->start()});
  int64_t begin = 0;
  for (const int count : {9, 1, 1, 8, 25, 1}) {
    BatchInFlight* batch = make(lease, begin, count);
    begin += count;
    books.hand_over(*batch);
    for (BatchInFlight* done : books.acknowledge(*batch)) recycle(done);
  }
  EXPECT_EQ(consumed, (std::vector<uint64_t>{10, 44}));
}

TEST_F(BooksAtCommit, NothingCountsBeforeItsTransactionIsCommitted) {
  const auto lease = open(0, 0);
  sent(lease, 0, 10);
  EXPECT_EQ(books_.totals().consumed, 0U);
  const auto begun = books_.begin_commit(Finish::kNothing);
  ASSERT_TRUE(begun.has_value());
  ASSERT_EQ(begun->offsets.size(), 1U);
  EXPECT_EQ(begun->offsets[0].next, base::Offset{10});
  recycle_all(books_.committed(begun->offsets));
  EXPECT_EQ(books_.totals().consumed, 10U);
  EXPECT_EQ(books_.unsettled(), 0U);
  EXPECT_TRUE(books_.committable().offsets.empty());
}

TEST_F(BooksAtCommit, NoCommitBeginsWhileAnAcknowledgementIsMissing) {
  const auto lease = open(0, 0);
  BatchInFlight* batch = make(lease, 0, 10);
  books_.hand_over(*batch);
  EXPECT_FALSE(books_.begin_commit(Finish::kNothing).has_value());
  EXPECT_TRUE(books_.acknowledge(*batch).empty());
  EXPECT_TRUE(books_.begin_commit(Finish::kNothing).has_value());
}

TEST_F(BooksAtCommit, WhatEndsUncommittedMakesTheIntervalVoidUntilItIsReset) {
  const auto lease = open(0, 0);
  const auto other = open(1, 0);
  sent(lease, 0, 10);
  sent(other, 0, 5);
  recycle_all(books_.end(*lease));
  EXPECT_TRUE(books_.interval_void());
  EXPECT_FALSE(books_.begin_commit(Finish::kNothing).has_value());
  recycle_all(books_.end(*other));
  books_.reset();
  EXPECT_FALSE(books_.interval_void());
  EXPECT_EQ(books_.totals().consumed, 0U);
}

TEST_F(BooksAtCommit, ALostLeaseIsNeverCommittedWithoutItsOffsets) {
  const auto lease = open(0, 0);
  sent(lease, 0, 10);
  lease->close();
  EXPECT_FALSE(books_.begin_commit(Finish::kNothing).has_value());
}

// The answer may come after the partition went, and even after it came back.
TEST_F(BooksAtCommit, ALeaseThatEndsDuringItsCommitWaitsForTheAnswer) {
  const auto lease = open(0, 0);
  sent(lease, 0, 10);
  const auto begun = books_.begin_commit(Finish::kNothing);
  books_.release(lease->id());
  EXPECT_TRUE(books_.end(*lease).empty());
  const auto again = open(0, 10);
  recycle_all(books_.committed(begun->offsets));
  EXPECT_EQ(books_.totals().consumed, 10U);
  sent(again, 10, 5);
  const auto second = books_.begin_commit(Finish::kNothing);
  ASSERT_EQ(second->offsets.size(), 1U);
  recycle_all(books_.committed(second->offsets));
  const auto account = books_.snapshot().accounts.at(0);
  EXPECT_EQ(account.next, base::Offset{15});
  EXPECT_EQ(account.consumed, 15U);
  EXPECT_EQ(account.elsewhere, 0);
}

TEST_F(BooksAtCommit, ALeaseThatEndsDuringARefusedCommitIsGivenUp) {
  const auto lease = open(0, 0);
  sent(lease, 0, 10);
  const auto begun = books_.begin_commit(Finish::kNothing);
  EXPECT_TRUE(books_.end(*lease).empty());
  recycle_all(books_.refused());
  EXPECT_TRUE(books_.interval_void());
  EXPECT_EQ(books_.snapshot().accounts.at(0).discarded, 10U);
  EXPECT_EQ(budget_.charged(), 0U);
}

// A poll-like thread (this one) opens and ends leases and makes batches, a deliver-like one hands
// them over and commits, settle-like ones settle in random order and now and then fail a batch.
class BooksUnderThreads : public BooksTest {
 protected:
  void deliver() {
    for (;;) {
      if (BatchInFlight* batch = inbox_.take()) {
        hand_over(batch);
      } else if (inbox_.requested()) {
        inbox_.answer(true);
      } else if (inbox_.closed()) {
        break;
      } else {
        inbox_.wait(Clock::now() + std::chrono::hours{1});
      }
    }
    base::MutexLock lock(queue_mutex_);
    finished_ = true;
    queue_news_.notify_all();
  }

  void hand_over(BatchInFlight* batch) {
    if (!batch->lease->open()) {
      books_.discard(*batch);
      recycle(batch);
      return;
    }
    const size_t outputs = batch->batch.records().size() % 4;
    const auto lease = batch->lease;
    batch->ticket.open(outputs);
    books_.hand_over(*batch);
    if (outputs > 0) {
      base::MutexLock lock(queue_mutex_);
      queue_.emplace_back(batch, outputs);
      queue_news_.notify_one();
    }
    if (batch->ticket.release(1)) settle(batch);
    const auto begun = books_.begin_commit(Finish::kNothing);
    for (const io::PartitionCommit& offset : begun->offsets) {
      const base::Offset settled = books_.settled(*lease);
      if (offset.id == lease->id() && settled.valid() && offset.next > settled) wrong_.fetch_add(1);
    }
    if (!books_.committed(begun->offsets).empty()) wrong_.fetch_add(1);
  }

  // Waits for several to choose from, so that batches overtake each other.
  void settle_all(uint32_t seed) {
    std::mt19937 random(seed);
    for (;;) {
      std::pair<BatchInFlight*, size_t> next;
      {
        base::MutexLock lock(queue_mutex_);
        while (queue_.size() < 6 && !finished_) queue_news_.wait(queue_mutex_);
        if (queue_.empty()) return;
        std::swap(queue_[random() % queue_.size()], queue_.back());
        next = queue_.back();
        queue_.pop_back();
      }
      if (random() % 100 == 0) next.first->failed = true;
      for (; next.second > 0; --next.second)
        if (next.first->ticket.release(1)) settle(next.first);
    }
  }

  // As a revoke or a rewind does: cut, wait for deliver, close, give up the rest. What is settled
  // when the lease is closed is what counts.
  int64_t end_lease(const std::shared_ptr<settlement::Lease>& lease) {
    lease->cut();
    if (!inbox_.request({})) wrong_.fetch_add(1);
    return finish_lease(lease);
  }

  int64_t finish_lease(const std::shared_ptr<settlement::Lease>& lease) {
    lease->close();
    const int64_t settled = books_.settled(*lease).value;
    for (BatchInFlight* done : books_.end(*lease)) recycle(done);
    for (int64_t offset = lease->start().value; offset < settled; ++offset)
      ++expected_[key_of(lease->id().partition, offset)];
    return settled;
  }

  DeliverInbox inbox_;
  base::Mutex queue_mutex_;
  base::CondVar queue_news_;
  std::vector<std::pair<BatchInFlight*, size_t>> queue_ GUARDED_BY(queue_mutex_);
  bool finished_ GUARDED_BY(queue_mutex_) = false;
  std::map<std::string, uint64_t> expected_;  // this thread only
};

TEST_F(BooksUnderThreads, CountExactlyThePrefixesOfTheLeases) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  std::thread deliver_thread([this] { deliver(); });
  std::vector<std::thread> settlers;
  for (uint32_t i = 0; i < 3; ++i) settlers.emplace_back([this, seed, i] { settle_all(seed + i); });

  std::vector<std::shared_ptr<settlement::Lease>> leases;
  std::vector<int64_t> next(kPartitions, 0);
  for (int partition = 0; partition < kPartitions; ++partition)
    leases.push_back(open(partition, 0));
  for (int i = 0; i < 6000; ++i) {
    const size_t chosen = random() % kPartitions;
    const int partition = static_cast<int>(chosen);
    if (random() % 60 == 0) {
      const int64_t settled = end_lease(leases[chosen]);
      // Mostly on from the prefix; now and then after somebody else had the partition.
      next[chosen] = settled + (random() % 4 == 0 ? 7 : 0);
      leases[chosen] = open(partition, next[chosen]);
      continue;
    }
    const int count = static_cast<int>(random() % 6);
    inbox_.push(make(leases[chosen], next[chosen], count));
    next[chosen] += count;
  }
  inbox_.close();
  deliver_thread.join();
  for (std::thread& settler : settlers) settler.join();
  for (const auto& lease : leases) finish_lease(lease);

  EXPECT_EQ(wrong_.load(), 0);
  EXPECT_EQ(counted(), expected_);
  for (const auto& account : books_.snapshot().accounts) {
    EXPECT_EQ(account.polled, account.consumed + account.discarded);
    EXPECT_EQ(account.next.value - account.first.value,
              static_cast<int64_t>(account.consumed + account.gaps) + account.elsewhere);
    EXPECT_EQ(account.emitted, account.consumed);
  }
  EXPECT_EQ(budget_.charged(), 0U);
  base::MutexLock lock(mutex_);
  EXPECT_TRUE(held_.empty());
}

}  // namespace
}  // namespace millrace::flow
