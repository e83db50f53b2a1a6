// SPDX-License-Identifier: Apache-2.0
#include "engine/insights/count_by_accumulator.h"

#include <utility>

#include "engine/insights/ranking.h"

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

}  // namespace millrace::insights
