// SPDX-License-Identifier: Apache-2.0
#include "engine/flow/deliver_loop.h"

#include <algorithm>
#include <optional>
#include <span>
#include <utility>

#include "engine/base/limits.h"

namespace millrace::flow {
namespace {

using Clock = std::chrono::steady_clock;

// A drain or a cut that has settled still needs its commit answered: at least this long.
constexpr std::chrono::milliseconds kCommitGrace{500};
// What a commit that also carries state may take.
constexpr std::chrono::milliseconds kStateTime{2000};

}  // namespace

void DeliverLoop::run() {
  for (;;) {
    serve_failures();
    parts_.cycle.finish(finishing());
    parts_.cycle.step(true);
    serve_request();
    const bool dead = parts_.cycle.state() == CommitCycle::State::kDead;
    if (dead || parts_.cycle.open()) {
      if (BatchInFlight* batch = parts_.inbox.take()) {
        ++taken_;
        if (dead) {
          discard(batch);
        } else {
          hand_over(batch);
        }
        continue;
      }
    }
    // What is left then waits for a commit or a reset that nobody waits for any more.
    if (parts_.inbox.closed()) break;
    // While hand-over goes on, what is settled is looked at when the next commit is due. A cut, a
    // commit and an answer wait for it.
    const bool settling =
        parts_.cycle.state() != CommitCycle::State::kOpen || parts_.inbox.requested().has_value();
    parts_.inbox.wait(next_deadline(), settling ? DeliverInbox::For::kAnything
                                                : DeliverInbox::For::kAllButAcknowledgements);
  }
  while (BatchInFlight* batch = parts_.inbox.take()) discard(batch);
}

DeliverLoop::TimePoint DeliverLoop::next_deadline() const {
  TimePoint deadline =
      std::min(Clock::now() + base::limits::kWaitMax, parts_.cycle.next_deadline());
  if (const auto request = parts_.inbox.requested())
    deadline = std::min(deadline, answer_by(*request));
  return deadline;
}

// A commit that is under way, or about to be, gets a little longer.
DeliverLoop::TimePoint DeliverLoop::answer_by(const Handover& request) const {
  const bool settled =
      parts_.books.unsettled() == 0 || parts_.cycle.state() == CommitCycle::State::kCommitting;
  return request.deadline + (request.commit && settled ? kCommitGrace : Clock::duration::zero());
}

void DeliverLoop::discard(BatchInFlight* batch) {
  if (!batch->recount) parts_.books.discard(*batch);
  parts_.pool.recycle(batch);
}

// Whether it may be sent. Once tripped, nothing may, of a lease that began after that neither.
bool DeliverLoop::admit(BatchInFlight& batch) {
  if (!batch.lease->open()) return false;
  if (parts_.breaker == nullptr) return true;
  if (parts_.breaker->tripped()) return false;
  if (parts_.breaker->admit(batch.batch.outcomes(), batch.shard)) return true;
  trip();
  return false;
}

void DeliverLoop::hand_over(BatchInFlight* batch) {
  if (batch->recount) {
    // Of a lease that ended it is not even discarded: nobody counted it as read.
    static_cast<void>(parts_.books.recount(*batch));
    parts_.pool.recycle(batch);
    return;
  }
  if (!admit(*batch) || !parts_.books.hand_over(*batch)) {
    discard(batch);
    return;
  }
  parts_.cycle.note_batch(*batch);
  parts_.samples.look_at(*batch, batch->handed_over);
  batch->ticket.open(batch->batch.outputs().size());
  send_rest(batch);
}

// Too many dead letters: nothing of this batch, and nothing that is not committed yet, goes out.
void DeliverLoop::trip() {
  parts_.cycle.give_up_for_good();
  fail_(base::ExitCode::kDataProtected, parts_.breaker->sentence());
}

void DeliverLoop::send_rest(BatchInFlight* batch) {
  const std::span<const record::OutputRecord> outputs = batch->batch.outputs();
  while (batch->sent < outputs.size()) {
    const size_t taken = parts_.sink.send(outputs.subspan(batch->sent), batch);
    batch->sent += taken;
    if (taken > 0) continue;
    // The queue is full: the rest waits, in order, until acknowledgements make room.
    serve_failures();
    parts_.cycle.step(false);
    if (give_up_sending(*batch)) {
      batch->abandoned = true;
      break;
    }
    parts_.inbox.wait(next_deadline());
  }
  batch->taken = Clock::now();
  const size_t unsent = outputs.size() - batch->sent;
  if (batch->ticket.release(unsent + 1))
    for (BatchInFlight* done : parts_.books.acknowledge(*batch)) parts_.pool.recycle(done);
}

bool DeliverLoop::give_up_sending(const BatchInFlight& batch) const {
  if (batch.lease->closed()) return true;
  const auto request = parts_.inbox.requested();
  return request.has_value() && Clock::now() >= request->deadline;
}

void DeliverLoop::serve_failures() {
  if (parts_.cycle.deciding()) return;  // step() ends that, and they are still there
  while (auto failure = parts_.inbox.take_failure()) parts_.cycle.fail_lease(std::move(*failure));
}

bool DeliverLoop::everything_taken(const Handover& handover) const {
  return handover.kind != Handover::Kind::kDrain || taken_ >= handover.sequence_end;
}

// Insights are written down with the last commit. On a cut only while there is time for another
// one: the next owner can count again what is missing.
Finish DeliverLoop::finishing() const {
  const auto request = parts_.inbox.requested();
  if (!request || !request->commit || !everything_taken(*request)) return Finish::kNothing;
  if (request->kind == Handover::Kind::kDrain) return Finish::kRun;
  return Clock::now() + kStateTime < request->deadline ? Finish::kPartitions : Finish::kNothing;
}

void DeliverLoop::serve_request() {
  const auto request = parts_.inbox.requested();
  if (!request) return;
  // What failed before the request came has to be known to who gets the answer.
  serve_failures();
  if (everything_taken(*request)) {
    if (parts_.cycle.complete(request->commit)) {
      parts_.inbox.answer(true);
      return;
    }
    parts_.cycle.cut_soon();
  }
  if (Clock::now() >= answer_by(*request) || parts_.cycle.state() == CommitCycle::State::kDead)
    parts_.inbox.answer(false);
}

}  // namespace millrace::flow
