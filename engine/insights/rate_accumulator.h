// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <optional>

#include "engine/insights/accumulator.h"

namespace millrace::insights {

// rate: records per second, over the last kSeconds whole seconds; before that many have passed,
// over the time since the first batch, but at least over one second. A record counts when its batch
// does. Rates of partitions add up, as long as they are measured by one clock.
class RateAccumulator final : public Accumulator {
 public:
  static constexpr int64_t kSeconds = 60;

  void add(const Shard::PartCounts& counts, const Moment& moment) override;
  void merge(const Accumulator& other) override;
  [[nodiscard]] ResultValue result(Time now) const override;

  [[nodiscard]] uint64_t counted() const override { return records_; }

  // What the clock said in one process means nothing in another: nothing is written.
  void save(std::span<Encoder> /*chunks*/) const override {}

  void load(Decoder& /*chunk*/) override {}

  [[nodiscard]] size_t saved_size() const override { return 0; }

  [[nodiscard]] size_t footprint() const override { return 0; }

 private:
  // The records of one second of the clock.
  struct Second {
    int64_t number = 0;
    uint64_t records = 0;
  };

  void count(int64_t second, uint64_t records);

  uint64_t records_ = 0;
  std::optional<Time> begin_;
  // By its number modulo their number: the whole seconds, and the one that is not over.
  std::array<Second, kSeconds + 1> seconds_{};
};

}  // namespace millrace::insights
