// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/insights/accumulator.h"

namespace millrace::insights {

// count: how many records.
class CountAccumulator final : public Accumulator {
 public:
  void add(const Shard::PartCounts& counts, const Moment& moment) override;
  void merge(const Accumulator& other) override;
  [[nodiscard]] ResultValue result(Time now) const override;

  [[nodiscard]] uint64_t counted() const override { return records_; }

  void save(std::span<Encoder> chunks) const override;
  void load(Decoder& chunk) override;
  [[nodiscard]] size_t saved_size() const override;

  [[nodiscard]] size_t footprint() const override { return 0; }

 private:
  uint64_t records_ = 0;
};

}  // namespace millrace::insights
