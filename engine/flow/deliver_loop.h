// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>

#include "engine/flow/batch_in_flight.h"
#include "engine/flow/batch_pool.h"
#include "engine/flow/books.h"
#include "engine/flow/commit_cycle.h"
#include "engine/flow/dead_letter_breaker.h"
#include "engine/flow/deliver_inbox.h"
#include "engine/flow/flow_failure.h"
#include "engine/flow/letter_samples.h"
#include "engine/io/sink.h"

namespace millrace::flow {

// The deliver thread's work: hands batches over to the sink in poll order, has them committed
// (CommitCycle), and answers cuts and drains.
//
// It never waits for the poll thread (which may be waiting for it), and never for a broker: what
// that does is looked at in passing.
//
// Threading: run() on a thread of its own; the rest is called from there.
class DeliverLoop {
 public:
  struct Parts {
    DeliverInbox& inbox;
    Books& books;
    BatchPool& pool;
    io::Sink& sink;
    CommitCycle& cycle;
    DeadLetterBreaker* breaker;  // null: no limit
    LetterSamples& samples;
  };

  DeliverLoop(const Parts& parts, Fail fail) : parts_(parts), fail_(std::move(fail)) {}

  // Returns after the inbox was closed and emptied.
  void run();

 private:
  using TimePoint = std::chrono::steady_clock::time_point;

  void hand_over(BatchInFlight* batch);
  void send_rest(BatchInFlight* batch);
  [[nodiscard]] bool admit(BatchInFlight& batch);
  void discard(BatchInFlight* batch);
  void trip();
  void serve_failures();
  void serve_request();
  [[nodiscard]] Finish finishing() const;
  [[nodiscard]] bool everything_taken(const Handover& handover) const;
  [[nodiscard]] TimePoint next_deadline() const;
  [[nodiscard]] TimePoint answer_by(const Handover& request) const;
  [[nodiscard]] bool give_up_sending(const BatchInFlight& batch) const;

  Parts parts_;
  Fail fail_;
  uint64_t taken_ = 0;  // batches taken: all sequence numbers below it
};

}  // namespace millrace::flow
