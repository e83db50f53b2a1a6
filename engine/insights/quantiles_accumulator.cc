// SPDX-License-Identifier: Apache-2.0
#include "engine/insights/quantiles_accumulator.h"

namespace millrace::insights {

void QuantilesAccumulator::add(const Shard::PartCounts& counts, const Moment& /*moment*/) {
  magnitudes_.merge(counts.magnitudes);
}

void QuantilesAccumulator::merge(const Accumulator& other) {
  magnitudes_.merge(static_cast<const QuantilesAccumulator&>(other).magnitudes_);
}

ResultValue QuantilesAccumulator::result(Time /*now*/) const {
  QuantilesResult result{{}, MagnitudeCounts::kRelativeError};
  if (magnitudes_.total() == 0) return result;
  for (const double q : insight_.quantiles) result.values.push_back(magnitudes_.quantile(q));
  return result;
}

void QuantilesAccumulator::save(std::span<Encoder> chunks) const {
  magnitudes_.save(chunks.front());
}

void QuantilesAccumulator::load(Decoder& chunk) {
  if (is_first_chunk()) magnitudes_.load(chunk);
}

size_t QuantilesAccumulator::saved_size() const {
  constexpr size_t kBytesEach = 4;
  return magnitudes_.buckets().size() * kBytesEach;
}

}  // namespace millrace::insights
