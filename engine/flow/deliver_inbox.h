// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>

#include "engine/base/ids.h"
#include "engine/base/mutex.h"
#include "engine/flow/batch_in_flight.h"
#include "engine/flow/delivery_failure.h"

namespace millrace::flow {

// What the poll thread asks of the deliver thread, and waits for.
struct Handover {
  enum class Kind {
    kCut,    // everything handed over so far settles and commits; the rest is dropped
    kDrain,  // every batch below `sequence_end` is handed over, settles and commits
  };

  Kind kind = Kind::kCut;
  bool commit = true;  // false: the partitions may be somebody else's already
  uint64_t sequence_end = 0;
  std::chrono::steady_clock::time_point deadline;
};

// The deliver thread's one place to wait: batches in poll order from the graph, and requests. The
// queue of batches is bounded by the memory budget, which every batch in it is charged to: so
// pushing never waits, and nothing in the graph ever waits for Kafka.
//
// Threading: one deliver thread takes; anyone posts.
class DeliverInbox {
 public:
  // The graph's end.
  void push(BatchInFlight* batch);

  // The settle thread: an output failed for good.
  void post_failure(DeliveryFailure failure);

  // The settle thread: acknowledgements came, so the sink has room again. It ends a wait for them
  // only: there are hundreds in a second, and mostly they change nothing of what deliver does next.
  void notify_acknowledged();

  // The poll thread: what deliver may be waiting for was given up.
  void notify_given_up();

  // The poll thread: asks and waits until deliver answered, at the latest shortly after the
  // deadline. True if everything asked for was done by then.
  [[nodiscard]] bool request(const Handover& handover);

  // Ends the deliver thread once the queue is empty.
  void close();

  enum class For : uint8_t { kAnything, kAllButAcknowledgements };

  // Deliver thread. Waits until there is something new since the last wait, or `deadline`.
  void wait(std::chrono::steady_clock::time_point deadline, For what = For::kAnything);

  [[nodiscard]] BatchInFlight* take();
  [[nodiscard]] std::optional<DeliveryFailure> take_failure();
  // The request under way, if any; stays until answer().
  [[nodiscard]] std::optional<Handover> requested() const;
  void answer(bool done);
  [[nodiscard]] bool closed() const;

  // Batches that wait for deliver. Any thread.
  [[nodiscard]] size_t queued() const;

 private:
  mutable base::Mutex mutex_;
  base::CondVar for_deliver_;
  base::CondVar for_requester_;
  std::deque<BatchInFlight*> batches_ GUARDED_BY(mutex_);
  std::deque<DeliveryFailure> failures_ GUARDED_BY(mutex_);
  std::optional<Handover> request_ GUARDED_BY(mutex_);
  std::optional<bool> answer_ GUARDED_BY(mutex_);
  // Since wait() returned last: whether there were acknowledgements, and anything else.
  bool acknowledged_ GUARDED_BY(mutex_) = false;
  bool news_ GUARDED_BY(mutex_) = false;
  bool for_acknowledgements_ GUARDED_BY(mutex_) = false;  // a wait that these end is under way
  bool closed_ GUARDED_BY(mutex_) = false;
};

}  // namespace millrace::flow
