// SPDX-License-Identifier: Apache-2.0
#include "engine/insights/hours_accumulator.h"

#include <numeric>

namespace millrace::insights {

void HoursAccumulator::add(const std::array<uint64_t, 24>& hours) {
  for (size_t hour = 0; hour < hours.size(); ++hour) hours_[hour] += hours[hour];
}

void HoursAccumulator::add(const Shard::PartCounts& counts, const Moment& /*moment*/) {
  add(counts.hours);
}

void HoursAccumulator::merge(const Accumulator& other) {
  add(static_cast<const HoursAccumulator&>(other).hours_);
}

ResultValue HoursAccumulator::result(Time /*now*/) const {
  return HoursResult{hours_};
}

uint64_t HoursAccumulator::counted() const {
  return std::accumulate(hours_.begin(), hours_.end(), uint64_t{0});
}

void HoursAccumulator::save(std::span<Encoder> chunks) const {
  for (const uint64_t records : hours_) chunks.front().number(records);
}

void HoursAccumulator::load(Decoder& chunk) {
  if (!is_first_chunk()) return;
  for (uint64_t& records : hours_) records = chunk.number();
}

size_t HoursAccumulator::saved_size() const {
  return sizeof(hours_);
}

}  // namespace millrace::insights
