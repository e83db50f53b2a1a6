// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "engine/base/mutex.h"
#include "engine/flow/batch_in_flight.h"
#include "engine/flow/batch_pool.h"
#include "engine/flow/books.h"
#include "engine/flow/delivery_failure.h"
#include "engine/flow/flow_failure.h"
#include "engine/flow/flow_vitals.h"
#include "engine/flow/memory_budget.h"
#include "engine/io/committer.h"
#include "engine/io/sink.h"
#include "engine/settlement/commit_timer.h"

namespace millrace::flow {

// Commits and resets: what makes the work of the deliver thread durable, or void.
//
// At least once: every so often the settled offsets are committed, beside the hand-over, one commit
// at a time. Exactly once: every so often the interval is cut: hand-over pauses, what was handed
// over is acknowledged, its offsets join the transaction that holds its outputs, and that commits;
// if anything of the interval fails, all of it is void: the sink is reset and the partitions are
// read again from what was committed.
//
// It never waits: step() looks at what has happened and begins what is next.
//
// Threading: the deliver thread; state(), since() and numbers() any.
class CommitCycle {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  // Tells the poll thread to read a partition again from what is settled.
  using Rewind = std::function<void(const DeliveryFailure&)>;

  enum class State : uint8_t {
    kOpen,        // hand-over goes on
    kCutting,     // exactly once: no hand-over; waits for the acknowledgements
    kCommitting,  // the commit is under way; exactly once: no hand-over
    kResetting,   // the sink is being made ready again; no hand-over
    kDead,        // nothing can be delivered or committed any more
  };

  struct Parts {
    Books& books;
    BatchPool& pool;
    MemoryBudget& budget;
    io::Sink& sink;
    io::Committer& committer;
  };

  struct Options {
    SettleAt settle_at = SettleAt::kAcknowledgement;
    std::chrono::milliseconds every{100};
    // How long a transaction may be open. An interval that takes a good part of it is followed by a
    // smaller one: a broker too slow for what was handed over would else never commit any of it.
    std::chrono::milliseconds transaction_timeout{10'000};
  };

  CommitCycle(const Parts& parts, const Options& options, Rewind rewind, Fail fail);

  // Does what can be done now. `between_batches`: no batch is half handed over, so that the
  // interval may be cut.
  void step(bool between_batches);

  // A batch is handed over.
  void note_batch(const BatchInFlight& batch) {
    ++interval_batches_;
    interval_bytes_ += batch.charged;
  }

  // Whether a batch may be handed over, or more of one.
  [[nodiscard]] bool open() const {
    const State now = state();
    return now == State::kOpen || (now == State::kCommitting && !exactly_once_);
  }

  // Whether it is being decided what of the leases counts, so that it cannot be said where to read
  // them again from.
  [[nodiscard]] bool deciding() const { return exactly_once_ && state() == State::kCommitting; }

  [[nodiscard]] State state() const { return state_.load(std::memory_order_relaxed); }

  // The next step() cuts, whatever the time.
  void cut_soon() { cut_soon_ = true; }

  // What the next commits are to say beyond what is due.
  void finish(Finish finish) { finish_ = finish; }

  // Whether everything handed over is settled and, if `commit`, committed.
  [[nodiscard]] bool complete(bool commit) const;

  // Ends a lease of which something will not be delivered, and has its partition read again.
  // Requires: not deciding().
  void fail_lease(DeliveryFailure failure);

  // Gives up what is not settled, resets the sink, and has the partitions read again: exactly once,
  // or with a sink that cannot go on. Requires: no commit or reset under way.
  void give_up(const std::string& reason);

  // Gives up what is not settled for good: nothing is read again, and of what is still to come
  // nothing is handed over. Requires: open().
  void give_up_for_good();

  // Since when it is in this state. Any thread.
  [[nodiscard]] TimePoint since() const {
    return TimePoint(TimePoint::duration(since_.load(std::memory_order_relaxed)));
  }

  // Any thread.
  [[nodiscard]] CommitNumbers numbers() const;

  // When step() should be called next, if nothing else happens.
  [[nodiscard]] TimePoint next_deadline() const;

 private:
  static constexpr size_t kUnlimited = size_t{1} << 20;

  void cut_if_due(bool between_batches);
  void begin_commit();
  void begin_reset();
  void finish_commit(const io::CommitResult& result);
  void count_commit(bool committed);
  void finish_reset(const base::Status& status);
  void end_lease(const settlement::Lease& lease);
  void end_all_leases();
  void recycle(const std::vector<BatchInFlight*>& done);
  void die(const std::string& why);
  [[nodiscard]] bool interval_full() const;
  void begin_interval();
  void shrink_interval();
  void fit_interval();

  void enter(State state);

  Parts parts_;
  const bool exactly_once_;
  const std::chrono::milliseconds interval_time_max_;
  const Rewind rewind_;
  const Fail fail_;
  settlement::CommitTimer timer_;
  // Written by deliver; others only show it.
  std::atomic<State> state_{State::kOpen};
  std::atomic<TimePoint::rep> since_{0};
  std::vector<io::PartitionCommit> committing_;
  std::string void_reason_;  // why a lease of the interval failed
  // Exactly once: batches handed over since the last cut, what they were charged of the budget, and
  // how many there may be.
  size_t interval_batches_ = 0;
  size_t interval_bytes_ = 0;
  size_t interval_batches_max_ = kUnlimited;
  TimePoint cut_at_;
  bool cut_soon_ = false;
  Finish finish_ = Finish::kNothing;
  bool commits_fail_ = false;  // said once, until they work again
  mutable base::Mutex mutex_;
  CommitNumbers numbers_ GUARDED_BY(mutex_);
};

}  // namespace millrace::flow
