// SPDX-License-Identifier: Apache-2.0
#include "engine/flow/deliver_loop.h"

#include <algorithm>
#include <span>
#include <utility>

#include "engine/base/limits.h"
#include "engine/base/log.h"

namespace millrace::flow {
namespace {

using Clock = std::chrono::steady_clock;

// How soon the answer of a commit under way is looked at again when nothing else happens.
constexpr std::chrono::milliseconds kCommitAnswerWait{5};
// A drain or a cut that has settled still needs its commit answered: at least this long.
constexpr std::chrono::milliseconds kCommitGrace{500};

}  // namespace

DeliverLoop::DeliverLoop(const Parts& parts, std::chrono::milliseconds commit_every, Rewind rewind)
    : parts_(parts), rewind_(std::move(rewind)), timer_(commit_every, Clock::now()) {}

void DeliverLoop::run() {
  for (;;) {
    serve_failures();
    serve_request();
    commit_in_passing();
    if (BatchInFlight* batch = parts_.inbox.take()) {
      ++taken_;
      hand_over(batch);
      continue;
    }
    if (parts_.inbox.closed()) return;
    parts_.inbox.wait(next_deadline());
  }
}

DeliverLoop::TimePoint DeliverLoop::next_deadline() const {
  TimePoint deadline = Clock::now() + base::limits::kWaitMax;
  if (commit_under_way_) {
    deadline = std::min(deadline, Clock::now() + kCommitAnswerWait);
  } else {
    // Where nothing is settled yet there is nothing to be in time for: acknowledgements wake us.
    deadline = std::min(deadline, std::max(timer_.next(), Clock::now() + kCommitAnswerWait));
  }
  if (const auto request = parts_.inbox.requested())
    deadline = std::min(deadline, request->deadline);
  return deadline;
}

void DeliverLoop::hand_over(BatchInFlight* batch) {
  if (!batch->lease->open()) {
    parts_.books.discard(*batch);
    parts_.pool.recycle(batch);
    return;
  }
  batch->ticket.open(batch->batch.outputs().size());
  parts_.books.hand_over(*batch);
  send_rest(batch);
}

void DeliverLoop::send_rest(BatchInFlight* batch) {
  const std::span<const record::OutputRecord> outputs = batch->batch.outputs();
  while (batch->sent < outputs.size()) {
    const size_t taken = parts_.sink.send(outputs.subspan(batch->sent), batch);
    batch->sent += taken;
    if (taken > 0) continue;
    // The queue is full: the rest waits, in order, until acknowledgements make room.
    serve_failures();
    commit_in_passing();
    if (give_up_sending(*batch)) {
      batch->abandoned = true;
      // A sink that died with nothing under way reports no failure of its own: without this one the
      // run would go on and deliver nothing.
      if (std::string fatal = parts_.sink.fatal_error(); !fatal.empty())
        parts_.inbox.post_failure({batch->lease, batch->batch.range_begin(), std::move(fatal), {}});
      break;
    }
    parts_.inbox.wait(next_deadline());
  }
  const size_t unsent = outputs.size() - batch->sent;
  if (batch->ticket.release(unsent + 1)) settle(batch);
}

bool DeliverLoop::give_up_sending(const BatchInFlight& batch) const {
  if (batch.lease->closed() || !parts_.sink.fatal_error().empty()) return true;
  const auto request = parts_.inbox.requested();
  return request.has_value() && Clock::now() >= request->deadline;
}

void DeliverLoop::settle(BatchInFlight* batch) {
  for (BatchInFlight* done : parts_.books.settle(*batch)) parts_.pool.recycle(done);
}

void DeliverLoop::serve_failures() {
  while (auto failure = parts_.inbox.take_failure()) {
    // One rewind per lease: later failures of it are of batches that are given up anyway.
    if (failure->lease->closed()) continue;
    failure->lease->close();
    failure->resume = parts_.books.settled(*failure->lease);
    for (BatchInFlight* done : parts_.books.end(*failure->lease)) parts_.pool.recycle(done);
    rewind_(*failure);
  }
}

void DeliverLoop::serve_request() {
  const auto request = parts_.inbox.requested();
  if (!request) return;
  const bool late = Clock::now() >= request->deadline;
  if (!complete(*request) && !late) return;
  const bool settled = complete(*request);
  bool committed = true;
  if (request->commit)
    committed = commit_now(std::max(request->deadline, Clock::now() + kCommitGrace));
  parts_.inbox.answer(settled && committed);
}

bool DeliverLoop::complete(const Handover& handover) const {
  if (handover.kind == Handover::Kind::kDrain && taken_ < handover.sequence_end) return false;
  return parts_.books.unsettled() == 0;
}

// Commits everything settled and waits for the answer; tries again while there is time.
bool DeliverLoop::commit_now(TimePoint deadline) {
  for (;;) {
    if (!commit_under_way_) {
      begin_commit();
      if (!commit_under_way_ && committing_.empty()) return true;
    }
    while (commit_under_way_) {
      const auto left =
          std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
      if (left.count() <= 0) return false;
      if (const auto status = parts_.committer.poll_commit(std::min(left, base::limits::kWaitMax)))
        finish_commit(*status);
    }
    if (parts_.books.committable().empty()) return true;
    if (Clock::now() >= deadline) return false;
    parts_.inbox.wait(std::min(deadline, Clock::now() + kCommitAnswerWait));
  }
}

void DeliverLoop::commit_in_passing() {
  if (commit_under_way_) {
    if (const auto status = parts_.committer.poll_commit(std::chrono::milliseconds{0}))
      finish_commit(*status);
  }
  if (!commit_under_way_ && timer_.due(Clock::now())) begin_commit();
}

void DeliverLoop::begin_commit() {
  timer_.began(Clock::now());
  committing_ = parts_.books.committable();
  if (committing_.empty()) return;
  const base::Status status = parts_.committer.begin_commit(committing_);
  if (status.ok()) {
    commit_under_way_ = true;
  } else {
    finish_commit(status);
  }
}

void DeliverLoop::finish_commit(const base::Status& status) {
  commit_under_way_ = false;
  if (status.ok()) {
    if (commit_failing_) base::log::info("Commits work again.");
    commit_failing_ = false;
    parts_.books.committed(committing_);
    return;
  }
  // Nothing is lost: the offsets stay committable, and the next commit says them again. Where the
  // partition moves on, the next owner reads the records once more.
  if (!commit_failing_)
    base::log::warn("Could not commit offsets; trying again: {}", status.message());
  commit_failing_ = true;
}

}  // namespace millrace::flow
