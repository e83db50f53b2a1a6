// SPDX-License-Identifier: Apache-2.0
#include "engine/insights/edge_accumulator.h"

#include <utility>

#include "engine/base/check.h"
#include "engine/insights/joined_key.h"
#include "engine/insights/ranking.h"
#include "engine/insights/saved_keys.h"

namespace millrace::insights {

EdgeAccumulator::EdgeAccumulator(const Insight& insight, const Part& part)
    : fields_(part.fields), keys_(insight.keys_max) {
  MILLRACE_CHECK(insight.edges.size() == 1);
  edge_ = insight.edges[0];
  which_ = part.edges[edge_].edge;
}

void EdgeAccumulator::add(const Shard::PartCounts& counts, const Moment& /*moment*/) {
  keys_.merge(counts.keys, 0, [&](size_t i, size_t entry, bool) {
    if (entry == KeyCounts::kNone) return;
    if (const auto value = counts.edges.get(i, edge_)) edges_.set(entry, 0, which_, *value);
  });
}

void EdgeAccumulator::merge(const Accumulator& other) {
  const auto& from = static_cast<const EdgeAccumulator&>(other);
  keys_.lift_limit();
  keys_.merge(from.keys_, 0, [&](size_t i, size_t entry, bool) {
    if (const auto value = from.edges_.get(i, 0)) edges_.merge(entry, 0, which_, *value);
  });
}

ResultValue EdgeAccumulator::result(Time /*now*/) const {
  EdgeResult result;
  for (const size_t entry : by_values(keys_, fields_)) {
    const auto value = edges_.get(entry, 0);
    if (!value) continue;
    result.rows.push_back({owned_values(keys_.entries()[entry].key, fields_), owned(*value)});
  }
  return result;
}

void EdgeAccumulator::save(std::span<Encoder> chunks) const {
  chunks.front().number(keys_.overflow());
  save_keys(keys_, chunks, [this](size_t entry, Encoder& to) {
    to.number(keys_.entries()[entry].count);
    edges_.save(entry, to);
  });
}

void EdgeAccumulator::load(Decoder& chunk) {
  if (is_first_chunk()) keys_.add_overflow(chunk.number());
  load_keys(chunk, keys_, [this](size_t entry, Decoder& from) {
    if (!is_key(keys_.entries()[entry].key, fields_)) return from.fail();
    keys_.add_at(entry, from.number());
    edges_.load(entry, from);
  });
}

size_t EdgeAccumulator::saved_size() const {
  constexpr size_t kCountBytes = 2;
  return saved_size_of(keys_) + keys_.entries().size() * kCountBytes + edges_.saved_size();
}

}  // namespace millrace::insights
