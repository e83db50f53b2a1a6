// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/insights/accumulator.h"
#include "engine/insights/exact_sum.h"
#include "engine/insights/number.h"

namespace millrace::insights {

// sum, min, max and mean: of numbers, exactly.
class NumbersAccumulator final : public Accumulator {
 public:
  explicit NumbersAccumulator(const Insight& insight) : kind_(insight.kind) {}

  void add(const Shard::PartCounts& counts, const Moment& moment) override;
  void merge(const Accumulator& other) override;
  [[nodiscard]] ResultValue result(Time now) const override;

  [[nodiscard]] uint64_t counted() const override { return sum_.count(); }

  void save(std::span<Encoder> chunks) const override;
  void load(Decoder& chunk) override;
  [[nodiscard]] size_t saved_size() const override;

  [[nodiscard]] size_t footprint() const override { return sum_.footprint(); }

  [[nodiscard]] const ExactSum& sum() const { return sum_; }

  [[nodiscard]] const NumberRange& range() const { return range_; }

 private:
  Kind kind_;
  ExactSum sum_;
  NumberRange range_;
};

}  // namespace millrace::insights
