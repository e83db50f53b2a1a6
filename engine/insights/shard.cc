// SPDX-License-Identifier: Apache-2.0
#include "engine/insights/shard.h"

#include <algorithm>
#include <numeric>

#include "engine/base/check.h"
#include "engine/insights/joined_key.h"

namespace millrace::insights {

Shard::Shard(const Declaration& declaration)
    : declaration_(declaration),
      dead_letters_(declaration.rules.size()),
      selected_(declaration.selections) {
  parts_.reserve(declaration.parts.size());
  for (const Part& part : declaration.parts) {
    MILLRACE_CHECK(part.selection < declaration.selections);
    parts_.emplace_back();
    if (!part.edges.empty()) parts_.back().edges = EdgeValues(part.edges.size());
  }
}

size_t Shard::add_key(size_t part, std::span<const std::string_view> values) {
  PartCounts& counts = parts_[part];
  ++counts.counted;
  if (values.size() == 1) return counts.keys.add(values[0], 1);
  join_key(values, joined_);
  return counts.keys.add({joined_.data(), joined_.size()}, 1);
}

void Shard::set_edge(size_t part, size_t entry, size_t edge, const EdgeValue& value) {
  parts_[part].edges.set(entry, edge, declaration_.parts[part].edges[edge].edge, value);
}

void Shard::add_hour(size_t part, unsigned hour) {
  PartCounts& counts = parts_[part];
  ++counts.counted;
  ++counts.hours[hour];
}

void Shard::add_number(size_t part, const Number& number) {
  PartCounts& counts = parts_[part];
  ++counts.counted;
  if (declaration_.parts[part].kind == PartKind::kSketch) {
    counts.magnitudes.add(number);
  } else {
    counts.sum.add(number);
    counts.range.add(number);
  }
}

void Shard::clear() {
  emitted_ = 0;
  filtered_ = 0;
  outputs_ = {};
  std::fill(dead_letters_.begin(), dead_letters_.end(), 0);
  std::fill(selected_.begin(), selected_.end(), 0);
  for (PartCounts& counts : parts_) {
    counts.counted = 0;
    counts.missing = 0;
    counts.keys.clear();
    counts.edges.clear();
    counts.hours = {};
    counts.sum.clear();
    counts.range.clear();
    counts.magnitudes.clear();
  }
}

uint64_t Shard::dead_lettered() const {
  return std::accumulate(dead_letters_.begin(), dead_letters_.end(), uint64_t{0});
}

size_t Shard::footprint() const {
  size_t bytes = (dead_letters_.capacity() + selected_.capacity()) * sizeof(uint64_t) +
                 parts_.capacity() * sizeof(PartCounts) + joined_.capacity();
  for (const PartCounts& counts : parts_) {
    bytes += counts.keys.footprint() + counts.edges.footprint() + counts.sum.footprint() +
             counts.magnitudes.footprint();
  }
  return bytes;
}

}  // namespace millrace::insights
