// SPDX-License-Identifier: Apache-2.0
#include "engine/insights/distinct_accumulator.h"

#include <algorithm>

#include "engine/insights/saved_keys.h"
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

// (Of the keys it does not matter how many records they have: so a chunk stays as it is until it
// gets another key.)
void DistinctAccumulator::save(std::span<Encoder> chunks) const {
  Encoder& first = chunks.front();
  first.number(records_);
  first.number(sketch_ ? 1 : 0);
  if (sketch_) sketch_->save(first);
  save_keys(keys_, chunks, [](size_t, Encoder&) {});
}

void DistinctAccumulator::load(Decoder& chunk) {
  if (is_first_chunk()) {
    records_ = chunk.number();
    const uint64_t sketches = chunk.number();
    if (sketches == 1) {
      sketch_ = std::make_unique<HyperLogLog>();
      sketch_->load(chunk);
    }
    // A sketch is of more than `exact_up_to` keys.
    if (sketches > 1 || (sketches == 1 && records_ <= exact_up_to_)) chunk.fail();
  }
  load_keys(chunk, keys_, [this](size_t, Decoder& from) {
    if (sketch_) from.fail();
  });
}

size_t DistinctAccumulator::saved_size() const {
  return saved_size_of(keys_) + (sketch_ ? sketch_->saved_size() : 0);
}

}  // namespace millrace::insights
