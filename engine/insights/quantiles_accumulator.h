// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/insights/accumulator.h"
#include "engine/insights/magnitude_counts.h"

namespace millrace::insights {

// quantiles: of numbers, from how many there are of each magnitude.
class QuantilesAccumulator final : public Accumulator {
 public:
  explicit QuantilesAccumulator(const Insight& insight) : insight_(insight) {}

  void add(const Shard::PartCounts& counts, const Moment& moment) override;
  void merge(const Accumulator& other) override;
  [[nodiscard]] ResultValue result(Time now) const override;

  [[nodiscard]] uint64_t counted() const override { return magnitudes_.total(); }

  void save(std::span<Encoder> chunks) const override;
  void load(Decoder& chunk) override;
  [[nodiscard]] size_t saved_size() const override;

  [[nodiscard]] size_t footprint() const override { return magnitudes_.footprint(); }

  [[nodiscard]] const MagnitudeCounts& magnitudes() const { return magnitudes_; }

 private:
  const Insight& insight_;
  MagnitudeCounts magnitudes_;
};

}  // namespace millrace::insights
