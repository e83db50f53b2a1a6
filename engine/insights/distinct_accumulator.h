// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "engine/insights/accumulator.h"
#include "engine/insights/hyper_log_log.h"
#include "engine/insights/key_counts.h"

namespace millrace::insights {

// distinct: how many different keys there were. The keys themselves up to `exact_up_to`, a
// HyperLogLog of all of them beyond. Which of the two is a function of the set of keys, whatever
// the order and the partitions that they came in.
class DistinctAccumulator final : public Accumulator {
 public:
  explicit DistinctAccumulator(const Insight& insight) : exact_up_to_(insight.exact_up_to) {}

  void add(const Shard::PartCounts& counts, const Moment& moment) override;
  void merge(const Accumulator& other) override;
  [[nodiscard]] ResultValue result(Time now) const override;

  [[nodiscard]] uint64_t counted() const override { return records_; }

  void save(std::span<Encoder> chunks) const override;
  void load(Decoder& chunk) override;
  [[nodiscard]] size_t saved_size() const override;

  [[nodiscard]] size_t footprint() const override {
    return keys_.footprint() + (sketch_ ? sizeof(*sketch_) : 0);
  }

  // Empty where there is a sketch.
  [[nodiscard]] const KeyCounts& keys() const { return keys_; }

  // Null while the keys are kept.
  [[nodiscard]] const HyperLogLog* sketch() const { return sketch_.get(); }

 private:
  void add_keys(const KeyCounts& keys);
  void make_sketch();

  size_t exact_up_to_;
  uint64_t records_ = 0;
  KeyCounts keys_;
  std::unique_ptr<HyperLogLog> sketch_;
};

// What a sketch of `records` records says, of which at least `least` had different keys.
[[nodiscard]] DistinctResult estimate_of(const HyperLogLog& sketch, uint64_t least,
                                         uint64_t records);

}  // namespace millrace::insights
