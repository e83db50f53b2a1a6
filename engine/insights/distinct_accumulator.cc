// SPDX-License-Identifier: Apache-2.0
#include "engine/insights/distinct_accumulator.h"

#include <algorithm>

#include "engine/insights/stable_hash.h"

namespace millrace::insights {

void DistinctAccumulator::add(const Shard::PartCounts& counts, const Moment& /*moment*/) {
  for (const KeyCounts::Entry& entry : counts.keys.entries()) records_ += entry.count;
  add_keys(counts.keys);
}

void DistinctAccumulator::merge(const Accumulator& other) {
  const auto& from = static_cast<const DistinctAccumulator&>(other);
  records_ += from.records_;
  if (from.sketch_) {
    make_sketch();
    sketch_->merge(*from.sketch_);
  }
  add_keys(from.keys_);
}

void DistinctAccumulator::add_keys(const KeyCounts& keys) {
  if (sketch_) {
    for (const KeyCounts::Entry& entry : keys.entries()) sketch_->add(stable_hash(entry.key));
    return;
  }
  keys_.merge(keys);
  if (keys_.entries().size() > exact_up_to_) make_sketch();
}

void DistinctAccumulator::make_sketch() {
  if (sketch_) return;
  sketch_ = std::make_unique<HyperLogLog>();
  for (const KeyCounts::Entry& entry : keys_.entries()) sketch_->add(stable_hash(entry.key));
  keys_ = KeyCounts();
}

ResultValue DistinctAccumulator::result(Time /*now*/) const {
  if (sketch_) return estimate_of(*sketch_, exact_up_to_ + 1, records_);
  const uint64_t keys = keys_.entries().size();
  return DistinctResult{keys, keys, keys, true};
}

DistinctResult estimate_of(const HyperLogLog& sketch, uint64_t least, uint64_t records) {
  const HyperLogLog::Estimate estimate = sketch.estimate();
  // What is certain is better than what is likely.
  const auto possible = [&](uint64_t keys) { return std::clamp(keys, least, records); };
  return {possible(estimate.value), possible(estimate.low), possible(estimate.high), false};
}

}  // namespace millrace::insights
