// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "engine/insights/accumulator.h"

namespace millrace::insights {

// hours_of_day: how many records of each hour.
class HoursAccumulator final : public Accumulator {
 public:
  void add(const Shard::PartCounts& counts, const Moment& moment) override;
  void merge(const Accumulator& other) override;
  [[nodiscard]] ResultValue result(Time now) const override;
  [[nodiscard]] uint64_t counted() const override;

  void save(std::span<Encoder> chunks) const override;
  void load(Decoder& chunk) override;
  [[nodiscard]] size_t saved_size() const override;

  [[nodiscard]] size_t footprint() const override { return 0; }

 private:
  void add(const std::array<uint64_t, 24>& hours);

  std::array<uint64_t, 24> hours_{};
};

}  // namespace millrace::insights
