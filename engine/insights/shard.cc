// SPDX-License-Identifier: Apache-2.0
#include "engine/insights/shard.h"

#include <algorithm>
#include <numeric>
#include <optional>

#include "engine/base/check.h"
#include "engine/insights/window_counts.h"

namespace millrace::insights {

// Adds to what the part counts, or to what each of its windows does that the record at hand is in.
template <typename Add>
size_t Shard::count(size_t part, const Add& add) {
  PartCounts& counts = parts_[part];
  if (counts.windows == nullptr) [[likely]]
    return add(counts);
  counts.windows->count(add);
  return 0;
}

Shard::Shard(const Declaration& declaration)
    : declaration_(declaration),
      dead_letters_(declaration.rules.size()),
      selected_(declaration.selections) {
  parts_.reserve(declaration.parts.size());
  for (const Part& part : declaration.parts) {
    MILLRACE_CHECK(part.selection < declaration.selections);
    parts_.emplace_back(part, PartCounts::Of::kPart);
  }
}

void Shard::set_time(size_t part, int64_t time_ms, base::Offset offset) {
  MILLRACE_CHECK(parts_[part].windows != nullptr);
  parts_[part].windows->begin_record(time_ms, offset);
}

void Shard::add_ahead(size_t part) {
  parts_[part].windows->add_ahead();
}

void Shard::add_one(size_t part) {
  count(part, [](PartCounts& counts) {
    ++counts.counted;
    return size_t{0};
  });
}

size_t Shard::add_to_few(PartCounts& counts, std::span<const std::string_view> values) {
  const size_t entry = counts.keys.add(key_of(values), 1);
  if (entry < RecentKeys::kFew) counts.recent_keys.remember(values, entry);
  return entry;
}

size_t Shard::add_key_in_windows(size_t part, std::span<const std::string_view> values) {
  const std::string_view key = key_of(values);
  // The key is hashed once, in however many windows it counts.
  std::optional<uint64_t> hash;
  return count(part, [&](PartCounts& window) {
    ++window.counted;
    if (hash) return window.keys.add_hashed(key, *hash, 1);
    const size_t entry = window.keys.add(key, 1);
    hash = window.keys.entries()[entry].hash;
    return entry;
  });
}

void Shard::set_edge(size_t part, size_t entry, size_t edge, const EdgeValue& value) {
  const Edge which = declaration_.parts[part].edges[edge].edge;
  PartCounts& counts = parts_[part];
  if (counts.windows == nullptr) {
    counts.edges.set(entry, edge, which, value);
    return;
  }
  counts.windows->set_edges([&](PartCounts& window, size_t entry_of_window) {
    window.edges.set(entry_of_window, edge, which, value);
  });
}

void Shard::add_hour_in_windows(size_t part, unsigned hour) {
  count(part, [hour](PartCounts& counts) {
    ++counts.counted;
    ++counts.hours[hour];
    return size_t{0};
  });
}

void Shard::add_number(size_t part, const Number& number) {
  const bool sketch = declaration_.parts[part].kind == PartKind::kSketch;
  count(part, [sketch, &number](PartCounts& counts) {
    ++counts.counted;
    if (sketch) {
      counts.magnitudes.add(number);
    } else {
      counts.sum.add(number);
      counts.range.add(number);
    }
    return size_t{0};
  });
}

void Shard::clear() {
  emitted_ = 0;
  filtered_ = 0;
  outputs_ = {};
  std::fill(dead_letters_.begin(), dead_letters_.end(), 0);
  std::fill(selected_.begin(), selected_.end(), 0);
  for (PartCounts& counts : parts_) counts.clear();
}

uint64_t Shard::dead_lettered() const {
  return std::accumulate(dead_letters_.begin(), dead_letters_.end(), uint64_t{0});
}

size_t Shard::footprint() const {
  size_t bytes = (dead_letters_.capacity() + selected_.capacity()) * sizeof(uint64_t) +
                 parts_.capacity() * sizeof(PartCounts) + joined_.capacity();
  for (const PartCounts& counts : parts_) bytes += counts.footprint();
  return bytes;
}

}  // namespace millrace::insights
