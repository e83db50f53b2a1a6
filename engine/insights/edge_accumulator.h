// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/insights/accumulator.h"
#include "engine/insights/edge_values.h"
#include "engine/insights/key_counts.h"

namespace millrace::insights {

// first and last: the value of a field in the first or the last record of each key that had one.
// The first `keys_max` keys are kept; records of others are counted together.
class EdgeAccumulator final : public Accumulator {
 public:
  EdgeAccumulator(const Insight& insight, const Part& part);

  void add(const Shard::PartCounts& counts, const Moment& moment) override;
  void merge(const Accumulator& other) override;
  [[nodiscard]] ResultValue result(Time now) const override;

  [[nodiscard]] uint64_t counted() const override { return keys_.total(); }

  [[nodiscard]] uint64_t not_kept() const override { return keys_.overflow(); }

  void save(std::span<Encoder> chunks) const override;
  void load(Decoder& chunk) override;
  [[nodiscard]] size_t saved_size() const override;

  [[nodiscard]] size_t footprint() const override { return keys_.footprint() + edges_.footprint(); }

  [[nodiscard]] const KeyCounts& keys() const { return keys_; }

  // One value for each of the keys' entries.
  [[nodiscard]] const EdgeValues& edges() const { return edges_; }

 private:
  size_t fields_;
  size_t edge_ = 0;  // of the part's
  Edge which_ = Edge::kFirst;
  KeyCounts keys_;
  EdgeValues edges_{1};
};

}  // namespace millrace::insights
