// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/clock.h"
#include "engine/base/ids.h"
#include "engine/base/limits.h"
#include "engine/base/repeat_limit.h"
#include "engine/flow/batch_pool.h"
#include "engine/flow/books.h"
#include "engine/flow/deliver_inbox.h"
#include "engine/flow/flow_failure.h"
#include "engine/flow/memory_budget.h"
#include "engine/flow/poll_inbox.h"
#include "engine/flow/process_graph.h"
#include "engine/flow/restorer.h"
#include "engine/io/source.h"
#include "engine/settlement/lease.h"

namespace millrace::flow {

// The poll thread's work: reads records while the memory budget has room, groups them by partition
// into batches, and puts these into the graph; keeps the leases in step with the assignment.
//
// A poll begins with a record, and ends when it is full or `batch_wait` is over. While it is light
// it does not wait for the next record, which would wake it for each answer of a broker, but pauses
// and then takes all that has come: at most 10 ms at once, so that the group is served, and no
// longer than until a stop.
//
// Threading: run() on a thread of its own, which alone touches the source; what is for show
// any.
class PollLoop final : private io::AssignmentListener {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  struct Parts {
    io::Source& source;
    Books& books;
    Restorer& restorer;
    BatchPool& pool;
    MemoryBudget& budget;
    DeliverInbox& deliver;
    PollInbox& inbox;
    const base::Clock& clock;
  };

  struct Options {
    size_t batch_records_max = 1000;
    std::chrono::milliseconds batch_wait{5};
    // How often a member that does not read for want of memory still serves its group.
    std::chrono::milliseconds serve_every{1000};
    // How long a revoke may take to settle and commit what was handed over. Below the session
    // timeout, so that the next owner cannot have begun.
    std::chrono::milliseconds cut_deadline{5000};
    // Read each partition up to here and stop; nothing: read for ever. Partitions that are missing
    // here did not exist at the start and are not read.
    std::optional<std::map<base::TopicPartition, base::Offset>> until;
    // A record that was refused twice becomes a dead letter; else its partition stops.
    bool refused_become_dead_letters = false;
    size_t refusals_max = base::limits::kRefusalsMax;
  };

  // Puts batches into the graph; sequence numbers have no holes. A poll is light that ended because
  // nothing more came, and that read at most kLightRecords and kLightBytes: its last batches may be
  // processed in the call.
  using Dispatch = std::function<void(std::span<BatchInFlight* const>, Load)>;

  // Few enough that another thread would not be done with them much sooner than this one.
  static constexpr size_t kLightRecords = 512;
  static constexpr size_t kLightBytes = size_t{128} << 10;

  PollLoop(const Parts& parts, Options options, Dispatch dispatch, Fail fail);

  // Joins the group. Once, before the first run().
  [[nodiscard]] base::Status subscribe();

  // Reads until the inbox says stop, every partition has reached `until`, or reading fails. May be
  // called again, if a delivery failed meanwhile and a partition has to be read again.
  void run();

  // After run(): how many batches were put into the graph, in all.
  [[nodiscard]] uint64_t dispatched() const { return next_sequence_; }

  // After run(): whether it ended because everything up to `until` was read.
  [[nodiscard]] bool reached_end() const { return reached_end_; }

  // Assignments that began, and partitions that were read again behind a delivery that failed or
  // was given up. Any thread.
  [[nodiscard]] uint64_t rebalances() const { return rebalances_.load(std::memory_order_relaxed); }

  [[nodiscard]] uint64_t rewinds() const { return rewinds_.load(std::memory_order_relaxed); }

  // After the drain: the leases that are left, of which nothing is under way any more.
  void end_leases();

 private:
  struct Slot {
    std::shared_ptr<settlement::Lease> lease;
    BatchInFlight* batch = nullptr;     // being filled in this poll
    base::Offset expected;              // the next offset
    base::Offset resume;                // below this, records are only counted again
    std::optional<base::Offset> until;  // read no further
    // Offsets that held no record when we passed them and that are not settled yet, in order.
    std::vector<std::pair<base::Offset, base::Offset>> gaps;
    bool done = false;     // `until` reached, or stopped
    bool stopped = false;  // for good, in this run
    // A record was dropped for want of memory: what comes now is passed over, until the partition
    // is read again from `expected`.
    bool dropped = false;
  };

  // What is known of a record whose output was refused.
  struct Refusal {
    bool final = false;  // twice: it is to become a dead letter
    std::string reason;
  };

  using Refusals = std::map<base::Offset, Refusal>;

  void choose_starts(std::span<io::AssignedPartition> partitions) override;
  void on_assigned(std::span<const io::AssignedPartition> partitions) override;
  void on_revoked(bool lost) override;

  void poll_once();
  void serve_group();
  void read_dropped_again();
  [[nodiscard]] bool take_event(std::chrono::milliseconds timeout);
  void take_record(Slot& slot);
  void take_end(Slot& slot, base::Offset end);
  void take_moved(Slot& slot, base::Offset start);
  void give_up_drain(const Slot& anew);
  void take_late(Slot& slot, base::Offset offset);
  void accept_gap(Slot& slot, base::Offset end);
  void mark_if_refused(const Slot& slot, BatchInFlight& batch) const;
  [[nodiscard]] BatchInFlight* open_batch(Slot& slot);
  [[nodiscard]] bool light() const;
  [[nodiscard]] BatchInFlight* close_batch(Slot& slot);
  void dispatch(Slot& slot);
  void dispatch_all(Load load);
  void serve_rewinds();
  [[nodiscard]] std::string note_refusal(const DeliveryFailure& failure);
  [[nodiscard]] bool settle(Handover::Kind kind, std::chrono::milliseconds deadline, bool commit);
  void begin_lease(uint32_t slot, std::shared_ptr<settlement::Lease> lease, Opening opening);
  void end_recount(Slot& slot, base::Offset next);
  void stop_partition(Slot& slot, std::string reason);
  void finish_if_reached(Slot& slot);
  [[nodiscard]] bool all_done() const;

  Parts parts_;
  Options options_;
  Dispatch dispatch_;
  Fail fail_;
  std::vector<Slot> slots_;
  std::vector<BatchInFlight*> closed_;  // by dispatch_all(), which keeps its memory
  io::SourceEvent event_;
  std::map<base::TopicPartition, Refusals> refusals_;
  base::RepeatLimit refusals_said_{std::chrono::seconds(10)};
  uint64_t next_sequence_ = 0;
  size_t poll_records_ = 0;
  size_t poll_bytes_ = 0;
  // Without room in the budget: records that may be taken all the same, until there is room again.
  size_t reserve_ = 0;
  bool full_ = false;
  bool assigned_ = false;  // between an assignment and its revocation
  bool failed_ = false;
  bool draining_ = false;
  bool reached_end_ = false;
  // For show.
  std::atomic<uint64_t> rebalances_{0};
  std::atomic<uint64_t> rewinds_{0};
};

}  // namespace millrace::flow
