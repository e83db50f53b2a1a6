// SPDX-License-Identifier: Apache-2.0
#include "engine/insights/numbers_accumulator.h"

namespace millrace::insights {

void NumbersAccumulator::add(const Shard::PartCounts& counts, const Moment& /*moment*/) {
  sum_.merge(counts.sum);
  range_.merge(counts.range);
}

void NumbersAccumulator::merge(const Accumulator& other) {
  const auto& from = static_cast<const NumbersAccumulator&>(other);
  sum_.merge(from.sum_);
  range_.merge(from.range_);
}

ResultValue NumbersAccumulator::result(Time /*now*/) const {
  if (kind_ == Kind::kSum) return NumberResult{sum_.sum()};
  if (kind_ == Kind::kMin) return NumberResult{range_.least};
  if (kind_ == Kind::kMax) return NumberResult{range_.greatest};
  if (sum_.count() == 0) return NumberResult{};
  return NumberResult{sum_.mean()};
}

void NumbersAccumulator::save(std::span<Encoder> chunks) const {
  sum_.save(chunks.front());
  range_.save(chunks.front());
}

void NumbersAccumulator::load(Decoder& chunk) {
  if (!is_first_chunk()) return;
  sum_.load(chunk);
  range_.load(chunk);
}

size_t NumbersAccumulator::saved_size() const {
  return sizeof(*this) + sum_.footprint();
}

}  // namespace millrace::insights
