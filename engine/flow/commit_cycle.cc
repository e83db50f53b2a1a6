// SPDX-License-Identifier: Apache-2.0
#include "engine/flow/commit_cycle.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "engine/base/check.h"
#include "engine/base/limits.h"
#include "engine/base/log.h"

namespace millrace::flow {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

// How soon what is under way is looked at again when nothing else happens.
constexpr milliseconds kLookAgain{5};
// The part of the transaction timeout that an interval may take from its cut to its commit.
constexpr int kIntervalPart = 4;

}  // namespace

CommitCycle::CommitCycle(const Parts& parts, const Options& options, Rewind rewind, Fail fail)
    : parts_(parts),
      exactly_once_(options.settle_at == SettleAt::kCommit),
      interval_time_max_(options.transaction_timeout / kIntervalPart),
      rewind_(std::move(rewind)),
      fail_(std::move(fail)),
      timer_(options.every, Clock::now()) {}

void CommitCycle::enter(State state) {
  since_.store(Clock::now().time_since_epoch().count(), std::memory_order_relaxed);
  state_.store(state, std::memory_order_relaxed);
}

void CommitCycle::step(bool between_batches) {
  if (state() == State::kCommitting) {
    if (const auto result = parts_.committer.poll_commit(milliseconds{0})) finish_commit(*result);
  } else if (state() == State::kResetting) {
    if (const auto status = parts_.sink.poll_reset(milliseconds{0})) finish_reset(*status);
  }
  if (state() == State::kOpen || state() == State::kCutting) {
    if (parts_.books.interval_void()) {
      give_up(void_reason_.empty() ? "a part of it went with its partition" : void_reason_);
    } else if (const std::string fatal = parts_.sink.fatal_error(); !fatal.empty()) {
      give_up(fatal);
    } else {
      cut_if_due(between_batches);
    }
  }
}

void CommitCycle::cut_if_due(bool between_batches) {
  if (state() == State::kOpen) {
    const bool full = exactly_once_ && interval_full();
    if (!cut_soon_ && !full && !timer_.due(Clock::now())) return;
    if (exactly_once_ && !between_batches) return;
    cut_soon_ = false;
    timer_.began(Clock::now());
    cut_at_ = Clock::now();
    if (!parts_.books.wants_commit(finish_)) return;
    enter(State::kCutting);
  }
  begin_commit();
}

// What is not committed holds its memory under exactly once: without room, the time has come. But
// while most of the memory is held by what is still to be handed over, a commit would free little
// and be followed by the next one: with a backlog on 100 partitions there was one every 20 ms.
bool CommitCycle::interval_full() const {
  if (interval_batches_ >= interval_batches_max_) return true;
  return interval_bytes_ >= parts_.budget.limit() / 2 && !parts_.budget.has_room();
}

void CommitCycle::begin_interval() {
  interval_batches_ = 0;
  interval_bytes_ = 0;
}

void CommitCycle::begin_commit() {
  auto committable = parts_.books.begin_commit(finish_);
  if (!committable) return;  // acknowledgements are still to come
  if (committable->offsets.empty()) {
    // The partitions went since the cut began.
    enter(State::kOpen);
    return;
  }
  committing_ = std::move(committable->offsets);
  enter(State::kCommitting);
  parts_.committer.begin_commit(committing_, committable->assignment, committable->carried);
}

void CommitCycle::finish_commit(const io::CommitResult& result) {
  count_commit(result.kind == io::CommitResult::Kind::kCommitted);
  enter(State::kOpen);
  if (result.kind == io::CommitResult::Kind::kCommitted) {
    if (commits_fail_) base::log::info("Commits work again.");
    commits_fail_ = false;
    fit_interval();
    recycle(parts_.books.committed(committing_));
    return;
  }
  recycle(parts_.books.refused());
  if (result.kind == io::CommitResult::Kind::kFatal) {
    die(result.message);
  } else if (exactly_once_) {
    give_up(result.message);
  } else {
    // Nothing is lost: the offsets stay committable, and the next commit says them again. Where the
    // partition moves on, the next owner reads the records once more.
    if (!std::exchange(commits_fail_, true))
      base::log::warn("Could not commit offsets; trying again: {}.", result.message);
  }
}

void CommitCycle::count_commit(bool committed) {
  const TimePoint now = Clock::now();
  const auto took = now - since();
  const base::MutexLock lock(mutex_);
  if (committed) {
    numbers_.times.add(took);
    numbers_.last = now;
  } else {
    ++numbers_.failed;
  }
}

CommitNumbers CommitCycle::numbers() const {
  const base::MutexLock lock(mutex_);
  return numbers_;
}

bool CommitCycle::complete(bool commit) const {
  if (parts_.books.unsettled() > 0) return false;
  if (!commit) return true;
  return state() != State::kCommitting && !parts_.books.wants_commit(finish_);
}

void CommitCycle::end_lease(const settlement::Lease& lease) {
  recycle(parts_.books.end(lease));
}

void CommitCycle::end_all_leases() {
  for (const std::shared_ptr<settlement::Lease>& lease : parts_.books.leases()) {
    lease->close();
    end_lease(*lease);
  }
}

void CommitCycle::fail_lease(DeliveryFailure failure) {
  MILLRACE_CHECK(!deciding());
  // One rewind per lease: later failures of it are of batches that are given up anyway.
  if (failure.lease->closed()) return;
  failure.lease->close();
  failure.resume = parts_.books.settled(*failure.lease);
  void_reason_ = failure.reason;
  end_lease(*failure.lease);
  rewind_(failure);
}

void CommitCycle::give_up(const std::string& reason) {
  const auto leases = parts_.books.unsettled_leases();
  base::log::warn("What is not {} yet is given up and done again: {}.",
                  exactly_once_ ? "committed" : "acknowledged", reason);
  for (const std::shared_ptr<settlement::Lease>& lease : leases) {
    DeliveryFailure failure;
    failure.lease = lease;
    failure.reason = reason;
    fail_lease(std::move(failure));
  }
  begin_reset();
}

void CommitCycle::give_up_for_good() {
  end_all_leases();
  // What at least once has sent already stays sent.
  if (exactly_once_) begin_reset();
}

void CommitCycle::begin_reset() {
  void_reason_.clear();
  shrink_interval();
  enter(State::kResetting);
  parts_.sink.begin_reset();
}

void CommitCycle::finish_reset(const base::Status& status) {
  // Not before: nothing was handed over since, so what was given up meanwhile (by the poll thread,
  // by acknowledgements that come late) is of the interval that was reset, and not of the next.
  parts_.books.reset();
  enter(State::kOpen);
  timer_.began(Clock::now());
  if (!status.ok()) die(status.message());
}

// After a void interval: it may have been more than the broker takes in a transaction's time.
void CommitCycle::shrink_interval() {
  if (interval_batches_ > 0)
    interval_batches_max_ =
        std::max<size_t>(1, std::min(interval_batches_, interval_batches_max_) / 2);
  begin_interval();
}

// After a committed one: by the time that it took to be acknowledged and committed.
void CommitCycle::fit_interval() {
  const auto took = std::chrono::duration_cast<milliseconds>(Clock::now() - cut_at_);
  if (took > interval_time_max_) {
    const auto ratio =
        static_cast<double>(interval_time_max_.count()) / static_cast<double>(took.count());
    interval_batches_max_ =
        std::max<size_t>(1, static_cast<size_t>(static_cast<double>(interval_batches_) * ratio));
  } else {
    interval_batches_max_ =
        std::min(kUnlimited, interval_batches_max_ + interval_batches_max_ / 4 + 1);
  }
  begin_interval();
}

void CommitCycle::die(const std::string& why) {
  enter(State::kDead);
  end_all_leases();
  fail_(base::ExitCode::kFailed, why);
}

void CommitCycle::recycle(const std::vector<BatchInFlight*>& done) {
  for (BatchInFlight* batch : done) parts_.pool.recycle(batch);
}

CommitCycle::TimePoint CommitCycle::next_deadline() const {
  const TimePoint now = Clock::now();
  switch (state()) {
    case State::kCommitting:
    case State::kResetting:
      return now + kLookAgain;
    case State::kOpen:
      // An interval that is not due is nothing to be in time for; what makes it due early is new
      // batches, failures and requests, which wake us.
      return std::max(timer_.next(), now + kLookAgain);
    case State::kCutting:
    case State::kDead:
      break;
  }
  return now + base::limits::kWaitMax;
}

}  // namespace millrace::flow
