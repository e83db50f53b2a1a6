// SPDX-License-Identifier: Apache-2.0
#include "engine/insights/count_accumulator.h"

namespace millrace::insights {

void CountAccumulator::add(const Shard::PartCounts& counts, const Moment& /*moment*/) {
  records_ += counts.counted;
}

void CountAccumulator::merge(const Accumulator& other) {
  records_ += static_cast<const CountAccumulator&>(other).records_;
}

ResultValue CountAccumulator::result(Time /*now*/) const {
  return CountResult{records_};
}

void CountAccumulator::save(std::span<Encoder> chunks) const {
  chunks.front().number(records_);
}

void CountAccumulator::load(Decoder& chunk) {
  if (is_first_chunk()) records_ = chunk.number();
}

size_t CountAccumulator::saved_size() const {
  return sizeof(records_);
}

}  // namespace millrace::insights
