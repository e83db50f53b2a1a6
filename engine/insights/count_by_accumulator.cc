// SPDX-License-Identifier: Apache-2.0
#include "engine/insights/count_by_accumulator.h"

#include <utility>

#include "engine/insights/joined_key.h"
#include "engine/insights/ranking.h"
#include "engine/insights/saved_keys.h"

namespace millrace::insights {

void CountByAccumulator::add(const Shard::PartCounts& counts, const Moment& /*moment*/) {
  keys_.merge(counts.keys);
}

void CountByAccumulator::merge(const Accumulator& other) {
  keys_.lift_limit();
  keys_.merge(static_cast<const CountByAccumulator&>(other).keys_);
}

ResultValue CountByAccumulator::result(Time /*now*/) const {
  CountByResult result;
  result.rows.reserve(keys_.entries().size());
  for (const size_t entry : by_values(keys_, fields_)) {
    const KeyCounts::Entry& of = keys_.entries()[entry];
    result.rows.push_back({owned_values(of.key, fields_), of.count});
  }
  return result;
}

void CountByAccumulator::save(std::span<Encoder> chunks) const {
  chunks.front().number(keys_.overflow());
  save_keys(keys_, chunks,
            [this](size_t entry, Encoder& to) { to.number(keys_.entries()[entry].count); });
}

void CountByAccumulator::load(Decoder& chunk) {
  if (is_first_chunk()) keys_.add_overflow(chunk.number());
  load_keys(chunk, keys_, [this](size_t entry, Decoder& from) {
    if (!is_key(keys_.entries()[entry].key, fields_)) return from.fail();
    keys_.add_at(entry, from.number());
  });
}

size_t CountByAccumulator::saved_size() const {
  constexpr size_t kCountBytes = 2;
  return saved_size_of(keys_) + keys_.entries().size() * kCountBytes;
}

}  // namespace millrace::insights
