// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/insights/accumulator.h"
#include "engine/insights/key_counts.h"

namespace millrace::insights {

// count_by: how many records of each key, exactly. The first `keys_max` keys are kept; records of
// others are counted together.
class CountByAccumulator final : public Accumulator {
 public:
  CountByAccumulator(const Insight& insight, const Part& part)
      : fields_(part.fields), keys_(insight.keys_max) {}

  void add(const Shard::PartCounts& counts, const Moment& moment) override;
  void merge(const Accumulator& other) override;
  [[nodiscard]] ResultValue result(Time now) const override;

  [[nodiscard]] uint64_t counted() const override { return keys_.total(); }

  [[nodiscard]] uint64_t not_kept() const override { return keys_.overflow(); }

  void save(std::span<Encoder> chunks) const override;
  void load(Decoder& chunk) override;
  [[nodiscard]] size_t saved_size() const override;

  [[nodiscard]] size_t footprint() const override { return keys_.footprint(); }

  [[nodiscard]] const KeyCounts& keys() const { return keys_; }

 private:
  size_t fields_;
  KeyCounts keys_;
};

}  // namespace millrace::insights
