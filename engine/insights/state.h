// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "engine/base/ids.h"
#include "engine/insights/accumulator.h"
#include "engine/insights/insight.h"
#include "engine/insights/output_counts.h"
#include "engine/insights/results.h"
#include "engine/insights/shard.h"

namespace millrace::insights {

// The insights of one input partition up to an offset: a function of the plan and of the input up
// to there, and of nothing else (what reads the clock is marked `live`). It does not matter how the
// input was cut into batches, as long as no batch spans a multiple of kEpochOffsets.
//
// Threading: one owner at a time. Lifetime: the declaration outlives it.
class State {
 public:
  // Batches end before an offset that is a multiple of this: what has to be forgotten for want of
  // room (top) is chosen there, and nowhere else, so that the choice is a function of the input.
  static constexpr int64_t kEpochOffsets = 65'536;

  explicit State(const Declaration& declaration);
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  // Of a record. Only records of one epoch share a batch.
  [[nodiscard]] static int64_t epoch_of(base::Offset offset) {
    return offset.value / kEpochOffsets;
  }

  // Counts a batch; `begin` is the offset of its first record, `now` is for live insights.
  // Requires: the batch has records; batches come in the order of their offsets.
  void add(const Shard& shard, base::Offset begin, Time now = std::chrono::steady_clock::now());

  // Counts another partition's state: the fleet's is made so. States of different partitions may be
  // merged in any order. Nothing may be added afterwards. Requires: another state of the same
  // declaration.
  void merge(const State& other);

  [[nodiscard]] const Declaration& declaration() const { return declaration_; }

  [[nodiscard]] uint64_t emitted() const { return emitted_; }

  [[nodiscard]] uint64_t filtered() const { return filtered_; }

  [[nodiscard]] uint64_t dead_lettered() const;

  [[nodiscard]] const OutputCounts& outputs() const { return outputs_; }

  // By rule, in the declaration's order.
  [[nodiscard]] std::span<const uint64_t> dead_letters() const { return dead_letters_; }

  // What the report shows. Lifetime: the declaration outlives it.
  [[nodiscard]] Result result(size_t insight, Time now = std::chrono::steady_clock::now()) const;
  [[nodiscard]] std::vector<Result> results(Time now = std::chrono::steady_clock::now()) const;

  [[nodiscard]] const Accumulator& accumulator(size_t insight) const {
    return *accumulators_[insight];
  }

  // Bytes held from the system, idle capacity included.
  [[nodiscard]] size_t footprint() const;

 private:
  const Declaration& declaration_;
  uint64_t emitted_ = 0;
  uint64_t filtered_ = 0;
  OutputCounts outputs_;
  std::vector<uint64_t> dead_letters_;
  std::vector<uint64_t> selected_;                          // by selection, from the second on
  std::vector<uint64_t> missing_;                           // by part
  std::vector<std::unique_ptr<Accumulator>> accumulators_;  // by insight
};

}  // namespace millrace::insights
