// SPDX-License-Identifier: Apache-2.0
// Books that settle at the commit of a transaction (exactly once).
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "engine/flow/deliver_inbox.h"
#include "engine/flow/poll_inbox.h"
#include "tests/concurrency/books_fixture.h"

namespace millrace::flow {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kPartitions = 3;

// A poll-like thread (this one) opens and ends leases in all the ways there are and makes batches;
// a deliver-like one hands them over, cuts, commits, is refused, and resets; settle-like ones
// acknowledge in random order, late, and now and then fail a batch.
//
// The model beside it is a list of what was sent since the last decision, and what the group has:
// a commit moves the one to the other, whatever became of the leases meanwhile.
class BooksAtCommitUnderThreads : public BooksAtCommit {
 protected:
  enum class State { kOpen, kCutting, kCommitting, kResetting };

  struct Sent {
    BatchInFlight* batch;
    int partition;
    int64_t begin;
    int64_t end;
    int64_t records;
  };

  void expect(bool holds, const char* what) {
    if (!holds && wrong_.fetch_add(1) < 10) ADD_FAILURE() << what;
  }

  void deliver(uint32_t seed) {
    random_.seed(seed);
    for (;;) {
      step();
      if (inbox_.requested()) serve_request();
      if (state_ == State::kOpen) {
        if (BatchInFlight* batch = inbox_.take()) {
          hand_over(batch);
          continue;
        }
        if (inbox_.closed() && interval_.empty() && !books_.interval_void()) break;
      }
      if (state_ == State::kCommitting || state_ == State::kResetting) {
        std::this_thread::yield();
      } else {
        if (inbox_.closed() || !interval_.empty()) enter(State::kCutting);
        inbox_.wait(Clock::now() + std::chrono::milliseconds{20});
      }
    }
    base::MutexLock lock(queue_mutex_);
    finished_ = true;
    queue_news_.notify_all();
  }

  void enter(State state) {
    state_ = state;
    turns_ = random_() % 30;
    base::MutexLock lock(queue_mutex_);
    hurry_ = state == State::kCutting;
    queue_news_.notify_all();
  }

  void step() {
    if (state_ == State::kCommitting || state_ == State::kResetting) {
      if (turns_-- > 0) return;
      if (state_ == State::kCommitting) {
        answer();
      } else {
        books_.reset();
        enter(State::kOpen);
      }
      return;
    }
    if (books_.interval_void()) {
      give_up();
      return;
    }
    if (random_() % 8 == 0) enter(State::kCutting);
    if (state_ == State::kCutting) begin_commit();
  }

  void begin_commit() {
    // Who asks the group for its offsets now waits for the outcome.
    set_pending(true);
    const auto begun = books_.begin_commit(Finish::kNothing);
    if (!begun.has_value() || begun->offsets.empty()) {
      set_pending(false);
      if (begun.has_value()) {
        expect(interval_.empty() || books_.interval_void(), "something sent has no offset");
        enter(State::kOpen);
      }
      return;
    }
    enter(State::kCommitting);
    offsets_ = begun->offsets;
    std::map<int, int64_t> ends;
    for (const Sent& sent : interval_) ends[sent.partition] = sent.end;
    std::map<int, int64_t> said;
    for (const io::PartitionCommit& offset : offsets_) {
      said[offset.id.partition] = offset.next.value;
      base::MutexLock lock(group_mutex_);
      expect(offset.previous.value == group_[offset.id.partition], "previous is not the group's");
    }
    expect(said == ends, "the offsets are not those of what was sent");
    base::MutexLock lock(queue_mutex_);
    for (const Sent& sent : interval_)
      expect(acknowledged_.count(sent.batch) == 1, "committed without an acknowledgement");
  }

  // The outcome is a fact before anyone here hears of it.
  void answer() {
    const bool committed = random_() % 4 != 0;
    if (committed) {
      base::MutexLock lock(group_mutex_);
      for (const Sent& sent : interval_) {
        expect(sent.begin == group_[sent.partition], "a loss or a repeat");
        group_[sent.partition] = sent.end;
        for (int64_t record = 0; record < sent.records; ++record)
          ++expected_[key_of(sent.partition, sent.begin + record)];
      }
    }
    set_pending(false);
    for (uint64_t turns = random_() % 20; turns > 0; --turns) std::this_thread::yield();
    const auto done = committed ? books_.committed(offsets_) : books_.refused();
    if (committed) {
      std::set<BatchInFlight*> settled(done.begin(), done.end());
      for (const Sent& sent : interval_)
        expect(settled.erase(sent.batch) == 1, "not everything that was committed settled");
      expect(settled.empty(), "something settled that was not committed");
    }
    recycle_all(done);
    interval_.clear();
    enter(State::kOpen);
    if (!committed) give_up();
  }

  void give_up() {
    for (const auto& lease : books_.unsettled_leases()) {
      if (lease->closed()) continue;
      lease->close();
      DeliveryFailure failure;
      failure.lease = lease;
      failure.resume = books_.settled(*lease);
      recycle_all(books_.end(*lease));
      rewinds_.post_rewind(failure);
    }
    interval_.clear();
    enter(State::kResetting);
  }

  // A revoke may have to go on at its deadline, in the middle of anything.
  void serve_request() {
    if (interval_.empty() || random_() % 8 == 0) {
      inbox_.answer(interval_.empty());
    } else if (state_ == State::kOpen) {
      enter(State::kCutting);
    }
  }

  void hand_over(BatchInFlight* batch) {
    const Sent sent = {batch, batch->lease->id().partition, batch->batch.range_begin().value,
                       batch->batch.range_end().value,
                       static_cast<int64_t>(batch->batch.records().size())};
    const bool open = batch->lease->open();
    if (random_() % 4 == 0) std::this_thread::yield();
    {
      base::MutexLock lock(queue_mutex_);
      acknowledged_.erase(batch);
    }
    if (!open || !books_.hand_over(*batch)) {
      books_.discard(*batch);
      recycle(batch);
      return;
    }
    interval_.push_back(sent);
    const size_t outputs = batch->batch.records().size() % 4;
    batch->ticket.open(outputs);
    size_t unsent = 0;
    if (random_() % 100 == 0) {  // given up half way
      batch->abandoned = true;
      unsent = outputs / 2;
    }
    if (outputs > unsent) {
      base::MutexLock lock(queue_mutex_);
      queue_.emplace_back(batch, outputs - unsent);
      queue_news_.notify_one();
    }
    if (batch->ticket.release(unsent + 1)) acknowledge(batch);
  }

  void acknowledge(BatchInFlight* batch) {
    if (!batch->failed && !batch->abandoned) {
      base::MutexLock lock(queue_mutex_);
      acknowledged_.insert(batch);
    }
    settle(batch);
    inbox_.notify_acknowledged();
  }

  // Waits for several to choose from, so that batches overtake each other, and many come back when
  // their lease is long over.
  void settle_all(uint32_t seed) {
    std::mt19937 random(seed);
    for (;;) {
      std::pair<BatchInFlight*, size_t> next;
      {
        base::MutexLock lock(queue_mutex_);
        while (!finished_ && (queue_.empty() || (queue_.size() < 8 && !hurry_)))
          queue_news_.wait(queue_mutex_);
        if (queue_.empty()) return;
        std::swap(queue_[random() % queue_.size()], queue_.back());
        next = queue_.back();
        queue_.pop_back();
      }
      if (random() % 100 == 0) next.first->failed = true;
      for (; next.second > 0; --next.second)
        if (next.first->ticket.release(1)) acknowledge(next.first);
    }
  }

  void set_pending(bool pending) {
    base::MutexLock lock(group_mutex_);
    pending_ = pending;
    group_news_.notify_all();
  }

  // What the group has, once no commit of it is under way.
  int64_t stable(int partition, int64_t move = 0) {
    base::MutexLock lock(group_mutex_);
    while (pending_) group_news_.wait(group_mutex_);
    return group_[partition] += move;
  }

  // Poll thread: as a revoke, a loss, or where there is no time to wait for anyone.
  void end_lease(settlement::Lease& lease, uint64_t how) {
    if (how == 0) {
      lease.cut();
      static_cast<void>(inbox_.request({}));
    } else if (how == 1) {
      lease.close();
      books_.release(lease.id());
      Handover lost;
      lost.commit = false;
      static_cast<void>(inbox_.request(lost));
    }
    lease.close();
    if (how != 2) books_.release(lease.id());
    recycle_all(books_.end(lease));
    inbox_.notify_acknowledged();
  }

  void serve_rewinds() {
    while (const auto failure = rewinds_.take_rewind()) {
      const int partition = failure->lease->id().partition;
      if (leases_[failure->lease->slot()] != failure->lease) continue;
      expect(failure->resume.value == stable(partition), "a rewind to where the group is not");
      leases_[failure->lease->slot()] = open(partition, failure->resume.value);
      next_[failure->lease->slot()] = failure->resume.value;
    }
  }

  void poll(uint32_t seed) {
    std::mt19937 random(seed);
    for (int partition = 0; partition < kPartitions; ++partition)
      leases_.push_back(open(partition, 0));
    next_.resize(kPartitions, 0);
    for (int i = 0; i < 4000; ++i) {
      serve_rewinds();
      const size_t slot = random() % kPartitions;
      const int partition = static_cast<int>(slot);
      if (random() % 60 == 0) {
        const uint64_t how = random() % 3;
        end_lease(*leases_[slot], how);
        // Mostly on from there; now and then after somebody else had the partition.
        next_[slot] = stable(partition, how != 2 && random() % 4 == 0 ? 7 : 0);
        leases_[slot] = open(partition, next_[slot]);
      }
      if (leases_[slot]->closed()) {
        std::this_thread::yield();
        continue;
      }
      const int count = static_cast<int>(random() % 6);
      const int gap = random() % 5 == 0 ? 2 : 0;
      inbox_.push(make(leases_[slot], next_[slot], count, gap));
      next_[slot] += count + gap;
      // Not so far ahead that most of it is discarded.
      while (budget_.charged() > 400) std::this_thread::yield();
    }
  }

  DeliverInbox inbox_;
  PollInbox rewinds_;

  // Deliver thread.
  std::mt19937 random_;
  State state_ = State::kOpen;
  uint64_t turns_ = 0;
  std::vector<Sent> interval_;  // sent since the last decision
  std::vector<io::PartitionCommit> offsets_;

  // Poll thread.
  std::vector<std::shared_ptr<settlement::Lease>> leases_;
  std::vector<int64_t> next_;

  base::Mutex queue_mutex_;
  base::CondVar queue_news_;
  std::vector<std::pair<BatchInFlight*, size_t>> queue_ GUARDED_BY(queue_mutex_);
  std::set<BatchInFlight*> acknowledged_ GUARDED_BY(queue_mutex_);
  bool hurry_ GUARDED_BY(queue_mutex_) = false;
  bool finished_ GUARDED_BY(queue_mutex_) = false;

  base::Mutex group_mutex_;
  base::CondVar group_news_;
  std::map<int, int64_t> group_ GUARDED_BY(group_mutex_);
  bool pending_ GUARDED_BY(group_mutex_) = false;
  std::map<std::string, uint64_t> expected_ GUARDED_BY(group_mutex_);
};

TEST_F(BooksAtCommitUnderThreads, CountExactlyWhatWasCommitted) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::thread deliver_thread([this, seed] { deliver(seed); });
  std::vector<std::thread> settlers;
  for (uint32_t i = 1; i <= 3; ++i)
    settlers.emplace_back([this, seed, i] { settle_all(seed + i); });
  poll(seed + 4);
  inbox_.close();
  deliver_thread.join();
  for (std::thread& settler : settlers) settler.join();
  for (const auto& lease : leases_) end_lease(*lease, 2);

  EXPECT_EQ(wrong_.load(), 0);
  base::MutexLock group_lock(group_mutex_);
  EXPECT_GT(expected_.size(), 1000U);
  EXPECT_EQ(counted(), expected_);
  for (const auto& account : books_.snapshot().accounts) {
    EXPECT_EQ(account.polled, account.consumed + account.discarded);
    EXPECT_EQ(account.next.value - account.first.value,
              static_cast<int64_t>(account.consumed + account.gaps) + account.elsewhere);
    EXPECT_EQ(account.emitted, account.consumed);
    EXPECT_EQ(account.next.value, group_[account.id.partition]);
  }
  EXPECT_EQ(budget_.charged(), 0U);
  base::MutexLock lock(mutex_);
  EXPECT_TRUE(held_.empty());
}

}  // namespace
}  // namespace millrace::flow
