// SPDX-License-Identifier: Apache-2.0
#include "engine/insights/top_accumulator.h"

#include <utility>

#include "engine/base/check.h"
#include "engine/insights/joined_key.h"
#include "engine/insights/ranking.h"
#include "engine/insights/saved_keys.h"

namespace millrace::insights {

TopAccumulator::TopAccumulator(const Insight& insight, const Part& part)
    : insight_(insight), part_(part), edges_(insight.edges.size()) {}

void TopAccumulator::add(const Shard::PartCounts& counts, const Moment& moment) {
  MILLRACE_CHECK(added_ == 0);
  // (A topic that was made anew begins at its first epoch again.)
  if (std::exchange(epoch_, moment.epoch) != moment.epoch &&
      keys_.entries().size() > insight_.exact_up_to) {
    forget_smallest();
  }
  const std::span<const KeyCounts::Entry> from = counts.keys.entries();
  keys_.merge(counts.keys, floor_, [&](size_t i, size_t entry, bool /*is_new*/) {
    records_ += from[i].count;
    for (size_t e = 0; e < insight_.edges.size(); ++e) {
      const size_t edge = insight_.edges[e];
      if (const auto value = counts.edges.get(i, edge))
        edges_.set(entry, e, part_.edges[edge].edge, *value);
    }
  });
  errors_.resize(keys_.entries().size(), floor_);  // of the new ones
}

// In every table all counts are at least the floor: new keys begin above it, and it rises to no
// more than what is kept. So the largest count that is forgotten is the new floor.
void TopAccumulator::forget_smallest() {
  const Largest kept = largest_unordered(keys_, part_.fields, insight_.exact_up_to, floor_);
  floor_ = std::max(floor_, kept.left_out);
  EdgeValues edges(insight_.edges.size());
  size_t next = 0;
  for (const size_t i : kept.entries) {
    errors_[next] = errors_[i];
    for (size_t e = 0; e < insight_.edges.size(); ++e) {
      if (const auto value = edges_.get(i, e))
        edges.set(next, e, part_.edges[insight_.edges[e]].edge, *value);
    }
    ++next;
  }
  keys_.keep_only(kept.entries);
  errors_.resize(next);
  edges_ = std::move(edges);
}

// A key that one side does not have may have been there as often as that side's floor. So of all
// keys here the other's floor is added, and of those that it has taken away again: not each of the
// others has to be looked up.
void TopAccumulator::merge(const Accumulator& other) {
  const auto& from = static_cast<const TopAccumulator&>(other);
  const uint64_t start = floor_ - added_ - from.floor_ + from.added_;
  keys_.merge(from.keys_, start, [&](size_t i, size_t entry, bool is_new) {
    if (is_new) {
      errors_.push_back(start + from.errors_[i]);
    } else {
      keys_.add_at(entry, from.added_ - from.floor_);
      errors_[entry] += from.errors_[i] + from.added_ - from.floor_;
    }
    for (size_t e = 0; e < insight_.edges.size(); ++e) {
      if (const auto value = from.edges_.get(i, e))
        edges_.merge(entry, e, part_.edges[insight_.edges[e]].edge, *value);
    }
  });
  added_ += from.floor_;
  records_ += from.records_;
  floor_ += from.floor_;
}

ResultValue TopAccumulator::result(Time /*now*/) const {
  TopResult result;
  result.keys = keys_.entries().size();
  for (const size_t entry : largest(keys_, part_.fields, insight_.limit)) {
    const KeyCounts::Entry& of = keys_.entries()[entry];
    TopResult::Item item{owned_values(of.key, part_.fields), count(entry), error(entry), {}};
    for (size_t e = 0; e < insight_.edges.size(); ++e) {
      const auto value = edges_.get(entry, e);
      item.also.push_back(value ? std::optional<OwnedEdgeValue>(owned(*value)) : std::nullopt);
    }
    result.items.push_back(std::move(item));
  }
  return result;
}

size_t TopAccumulator::footprint() const {
  return keys_.footprint() + errors_.capacity() * sizeof(uint64_t) + edges_.footprint();
}

void TopAccumulator::save(std::span<Encoder> chunks) const {
  Encoder& first = chunks.front();
  first.number(records_);
  first.number(floor_);
  first.signed_number(epoch_);
  save_keys(keys_, chunks, [this](size_t entry, Encoder& to) {
    to.number(count(entry));
    to.number(error(entry));
    edges_.save(entry, to);
  });
}

void TopAccumulator::load(Decoder& chunk) {
  if (is_first_chunk()) {
    records_ = chunk.number();
    floor_ = chunk.number();
    epoch_ = chunk.signed_number();
  }
  load_keys(chunk, keys_, [this](size_t entry, Decoder& from) {
    const uint64_t count = from.number();
    const uint64_t error = from.number();
    // (What is forgotten relies on it that no count is below the floor.)
    if (error > count || count < floor_) return from.fail();
    if (!is_key(keys_.entries()[entry].key, part_.fields)) return from.fail();
    keys_.add_at(entry, count);
    errors_.push_back(error);
    edges_.load(entry, from);
  });
}

size_t TopAccumulator::saved_size() const {
  constexpr size_t kCountBytes = 2;
  constexpr size_t kErrorBytes = 1;
  return saved_size_of(keys_) + keys_.entries().size() * (kCountBytes + kErrorBytes) +
         edges_.saved_size();
}

}  // namespace millrace::insights
