// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "engine/flow/batch_pool.h"
#include "engine/flow/books.h"
#include "engine/flow/deliver_inbox.h"
#include "engine/io/committer.h"
#include "engine/io/sink.h"
#include "engine/settlement/commit_timer.h"

namespace millrace::flow {

// The deliver thread's work: hands batches over to the sink in poll order, commits the settled
// prefixes every so often, and answers cuts and drains. Commits run beside the hand-over: at most
// one is under way, and its answer is looked at in passing.
//
// It never waits for the poll thread (which may be waiting for it).
//
// Threading: run() on a thread of its own; the rest is called from there.
class DeliverLoop {
 public:
  // Tells the poll thread to read a partition again from its settled prefix.
  using Rewind = std::function<void(const DeliveryFailure&)>;

  struct Parts {
    DeliverInbox& inbox;
    Books& books;
    BatchPool& pool;
    io::Sink& sink;
    io::Committer& committer;
  };

  DeliverLoop(const Parts& parts, std::chrono::milliseconds commit_every, Rewind rewind);

  // Returns after the inbox was closed and emptied.
  void run();

 private:
  using TimePoint = std::chrono::steady_clock::time_point;

  void hand_over(BatchInFlight* batch);
  void send_rest(BatchInFlight* batch);
  void settle(BatchInFlight* batch);
  void serve_failures();
  void serve_request();
  [[nodiscard]] bool complete(const Handover& handover) const;
  [[nodiscard]] bool commit_now(TimePoint deadline);
  void commit_in_passing();
  void begin_commit();
  void finish_commit(const base::Status& status);
  [[nodiscard]] TimePoint next_deadline() const;
  [[nodiscard]] bool give_up_sending(const BatchInFlight& batch) const;

  Parts parts_;
  Rewind rewind_;
  settlement::CommitTimer timer_;
  std::vector<io::PartitionOffset> committing_;
  bool commit_under_way_ = false;
  bool commit_failing_ = false;  // said once, until it works again
  uint64_t taken_ = 0;           // batches taken: all sequence numbers below it
};

}  // namespace millrace::flow
