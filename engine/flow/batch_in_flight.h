// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "engine/insights/shard.h"
#include "engine/record/batch.h"
#include "engine/settlement/lease.h"
#include "engine/settlement/ticket.h"

namespace millrace::flow {

// A batch with all that travels with it: the unit that the graph, the deliver thread and the settle
// thread hand to each other as a pointer.
//
// Threading: one owner at a time: poll, a worker, deliver; from the hand-over on, deliver and
// settle together until the ticket's last release names the owner. Lifetime: owned by the
// BatchPool; recycled when settled or discarded.
struct BatchInFlight {
  explicit BatchInFlight(const insights::Declaration& declaration) : shard(declaration) {}

  record::Batch batch;
  insights::Shard shard;
  settlement::Ticket ticket;
  // Shared: the lease ends while batches of it are still under way.
  std::shared_ptr<settlement::Lease> lease;

  uint64_t sequence = 0;  // place in poll order, without holes
  // When it passed from one stage of its life to the next; each by the owner at that moment.
  std::chrono::steady_clock::time_point read;         // its first record (poll)
  std::chrono::steady_clock::time_point begun;        // a worker took it
  std::chrono::steady_clock::time_point processed;    // and was done with it
  std::chrono::steady_clock::time_point handed_over;  // (under the books' lock)
  std::chrono::steady_clock::time_point taken;        // the sink has its last output (deliver)
  size_t output_bytes = 0;                            // keys and values of its outputs (worker)
  uint64_t ledger_number = 0;                         // given at the hand-over
  // Read again from where the insights' state was left: counted, and not delivered.
  bool recount = false;
  size_t charged = 0;       // bytes taken from the memory budget
  size_t sent = 0;          // outputs taken over by the sink (deliver)
  size_t acknowledged = 0;  // outputs acknowledged (settle)
  bool abandoned = false;   // deliver gave the rest of the hand-over up
  bool given_up = false;    // counted as discarded while still under way (under the books' lock)
  bool failed = false;      // settle was told that an output will not be delivered
  bool refused = false;     // and that it was that output's own fault
};

}  // namespace millrace::flow
