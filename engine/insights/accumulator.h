// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "engine/insights/insight.h"
#include "engine/insights/results.h"
#include "engine/insights/shard.h"

namespace millrace::insights {

// What a live insight measures time by.
using Time = std::chrono::steady_clock::time_point;

// When a batch is counted: in the input's own time, and in ours.
struct Moment {
  int64_t epoch = 0;  // the batch's offsets / State::kEpochOffsets
  Time now;
};

// What a partition's state holds for one insight: bounded, whatever the input is. One class for
// each way of counting. Called once per batch, not per record.
//
// Threading: one owner at a time.
class Accumulator {
 public:
  // Lifetime: insight and part outlive it.
  [[nodiscard]] static std::unique_ptr<Accumulator> make(const Insight& insight, const Part& part);

  Accumulator() = default;
  Accumulator(const Accumulator&) = delete;
  Accumulator& operator=(const Accumulator&) = delete;
  virtual ~Accumulator() = default;

  // Counts what a batch's shard has. Requires: batches in the order of their offsets, so that an
  // epoch that is over does not come again.
  virtual void add(const Shard::PartCounts& counts, const Moment& moment) = 0;

  // Counts another partition's accumulator of the same insight. In whatever order partitions are
  // merged, it comes to the same, as no limit applies any more; hence nothing may be added
  // afterwards. Requires: another one than this.
  virtual void merge(const Accumulator& other) = 0;

  // `now`: for live insights.
  [[nodiscard]] virtual ResultValue result(Time now) const = 0;

  // Records that were counted, from the accumulator's own numbers: what the identity compares.
  [[nodiscard]] virtual uint64_t counted() const = 0;

  // Of these, the ones whose keys found no room.
  [[nodiscard]] virtual uint64_t not_kept() const { return 0; }

  // Bytes held beside the object itself, idle capacity included.
  [[nodiscard]] virtual size_t footprint() const = 0;
};

}  // namespace millrace::insights
