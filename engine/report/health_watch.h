// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/ids.h"
#include "engine/report/health.h"

namespace millrace::report {

// What is known of one partition at one moment.
struct PartitionSample {
  base::TopicPartition id;
  base::Offset position;              // the next offset to settle
  std::optional<base::Offset> until;  // reading ends there; nothing: never
  base::Offset log_end;               // invalid: not known (the last one known still counts)
  base::Offset stable_end;            // read_committed readers end here; invalid: not known
  size_t unsettled = 0;               // batches handed over that have not settled
  std::chrono::milliseconds oldest_unsettled{0};  // since the oldest of these was handed over
  std::string error;  // why reading failed last, a sentence; empty: it did not
  std::chrono::milliseconds error_age{0};
  std::string stopped;  // why it was stopped, else empty
};

// What is known of the instance at one moment. Durations: how long it has been under way, nothing
// where it is not.
struct InstanceSample {
  std::vector<PartitionSample> partitions;
  bool budget_spent = false;
  std::optional<std::chrono::milliseconds> rebalance;
  std::optional<std::chrono::milliseconds> commit;
  std::optional<std::chrono::milliseconds> reset;  // the producer is made anew
  std::optional<std::chrono::milliseconds> away;   // no broker of the input can be reached
  std::string away_reason;                         // a sentence
};

// Tells from samples, say one a second, which partitions stand still though they have lag (I10). A
// partition is unhealthy at once where it was stopped, and otherwise where it has offsets to read
// and its position has not changed for `stalled_after`. The reason is the first that fits:
//   stopped
//   somebody's open transaction: nothing is readable (waiting, not ill), unless reading fails too
//   a rebalance, a new producer, a commit that take their time
//   batches that wait for their outputs
//   reading fails
//   the memory budget, spent by other partitions
//   none that is known
// The instance itself is unhealthy where no broker of the input can be reached for so long, or
// where it has no partition and a rebalance takes so long. While a rebalance is under way the
// partitions from before it are still watched, so that rebalances without end show.
//
// Threading: one thread at a time. Time comes in as an argument.
class HealthWatch {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // One partition's, or the instance's, turn for the worse or the better: for the log.
  struct Transition {
    Status to = Status::kHealthy;
    std::string sentence;  // without a full stop
  };

  explicit HealthWatch(std::chrono::milliseconds stalled_after);

  // Takes a sample; returns what changed, in the order of the partitions.
  [[nodiscard]] std::vector<Transition> observe(const InstanceSample& sample, Time now);

  // As of the last sample.
  [[nodiscard]] const Health& health() const { return health_; }

  // Partitions that have not moved for a third of `stalled_after` or longer, as of the last sample:
  // of these a fresh look at the log's ends is worth a request.
  [[nodiscard]] std::vector<base::TopicPartition> still() const;

 private:
  struct Watched {
    PartitionSample last;
    Time moved;        // the position's last change
    Time stands_from;  // it has had lag and not moved since
    Status status = Status::kHealthy;
    bool present = false;  // in this sample
  };

  void take(const PartitionSample& sample, Time now);
  void judge(Watched& watched, const InstanceSample& sample, Time now,
             std::vector<Transition>& transitions);
  void judge_instance(const InstanceSample& sample, std::vector<Transition>& transitions);

  const std::chrono::milliseconds stalled_after_;
  std::map<base::TopicPartition, Watched> watched_;
  Time now_;
  bool instance_ill_ = false;
  Health health_;
};

}  // namespace millrace::report
