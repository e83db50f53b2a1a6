// SPDX-License-Identifier: Apache-2.0
#include "engine/insights/distinct_by_accumulator.h"

#include <algorithm>

#include "engine/insights/distinct_accumulator.h"
#include "engine/insights/joined_key.h"
#include "engine/insights/ranking.h"
#include "engine/insights/saved_keys.h"
#include "engine/insights/stable_hash.h"

namespace millrace::insights {

void DistinctByAccumulator::add(const Shard::PartCounts& counts, const Moment& /*moment*/) {
  link_loaded_pairs();
  for (const KeyCounts::Entry& pair : counts.keys.entries()) {
    const std::string_view key = first_values(pair.key, by_);
    size_t index = groups_.find(key);
    if (index == KeyCounts::kNone) {
      if (groups_.entries().size() == groups_max_) {
        not_kept_ += pair.count;
        continue;
      }
      index = groups_.add(key, 0);
      of_groups_.emplace_back();
    }
    groups_.add_at(index, pair.count);
    if (pairs_.find_hashed(pair.key, pair.hash) != KeyCounts::kNone) continue;
    Group& group = of_groups_[index];
    if (group.values < exact_up_to_ && pairs_.entries().size() < pairs_max_) {
      keep_pair(pair, group);
    } else {
      add_beyond(pair, group);
    }
  }
}

void DistinctByAccumulator::keep_pair(const KeyCounts::Entry& pair, Group& group) {
  link_pair(pairs_.add_hashed(pair.key, pair.hash, 0), group);
  ++group.values;
}

void DistinctByAccumulator::link_pair(size_t pair, Group& group) {
  pair_before_.push_back(group.last_pair);
  group.last_pair = static_cast<uint32_t>(pair) + 1;
}

void DistinctByAccumulator::add_beyond(const KeyCounts::Entry& pair, Group& group) {
  // (Once there are as many as may be, there always are: no group gets one later.)
  if (sketches_ < kSketchesMax) make_sketch(group);
  if (group.sketch) {
    group.sketch->add(stable_hash(pair.key));
  } else {
    group.beyond += pair.count;
  }
}

void DistinctByAccumulator::make_sketch(Group& group) {
  if (group.sketch) return;
  ++sketches_;
  group.sketch = std::make_unique<HyperLogLog>();
  for (uint32_t pair = group.last_pair; pair != 0; pair = pair_before_[pair - 1]) {
    group.sketch->add(stable_hash(pairs_.entries()[pair - 1].key));
  }
}

// What both keep is kept, and a group has a sketch where one of them has: so it does not depend on
// the order.
void DistinctByAccumulator::merge(const Accumulator& other) {
  const auto& from = static_cast<const DistinctByAccumulator&>(other);
  link_loaded_pairs();
  not_kept_ += from.not_kept_;
  groups_.merge(from.groups_, 0, [&](size_t i, size_t index, bool is_new) {
    if (is_new) of_groups_.emplace_back();
    Group& group = of_groups_[index];
    group.beyond += from.of_groups_[i].beyond;
    if (!from.of_groups_[i].sketch) return;
    make_sketch(group);
    group.sketch->merge(*from.of_groups_[i].sketch);
  });
  for (const KeyCounts::Entry& pair : from.pairs_.entries()) {
    if (pairs_.find_hashed(pair.key, pair.hash) != KeyCounts::kNone) continue;
    const size_t index = groups_.find(first_values(pair.key, by_));
    if (index == KeyCounts::kNone) continue;  // of damaged state only
    Group& group = of_groups_[index];
    keep_pair(pair, group);
    if (group.sketch) group.sketch->add(stable_hash(pair.key));
  }
}

DistinctResult DistinctByAccumulator::result_of(size_t index) const {
  const Group& group = of_groups_[index];
  const uint64_t records = groups_.entries()[index].count;
  // There was one at least, also where there was no room for it.
  const uint64_t least = std::max<uint64_t>(group.values, 1);
  if (!group.sketch) {
    return {least, least, group.values + group.beyond, group.beyond == 0};
  }
  DistinctResult result = estimate_of(*group.sketch, least, records);
  // What another partition had no sketch for may be anything.
  result.high = std::min(result.high + group.beyond, records);
  return result;
}

ResultValue DistinctByAccumulator::result(Time /*now*/) const {
  DistinctByResult result;
  result.rows.reserve(of_groups_.size());
  // Groups are joined keys also where they are of one field.
  const std::span<const KeyCounts::Entry> groups = groups_.entries();
  std::vector<size_t> order(groups.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::vector<std::vector<std::string_view>> values;
  values.reserve(groups.size());
  for (const KeyCounts::Entry& group : groups) values.push_back(split_key(group.key, by_));
  std::sort(order.begin(), order.end(),
            [&values](size_t a, size_t b) { return values[a] < values[b]; });
  for (const size_t index : order) {
    result.rows.push_back({{values[index].begin(), values[index].end()}, result_of(index)});
  }
  return result;
}

uint64_t DistinctByAccumulator::counted() const {
  return groups_.total() + not_kept_;
}

size_t DistinctByAccumulator::footprint() const {
  return pairs_.footprint() + pair_before_.capacity() * sizeof(uint32_t) + groups_.footprint() +
         of_groups_.capacity() * sizeof(Group) + sketches_ * sizeof(HyperLogLog);
}

void DistinctByAccumulator::save(std::span<Encoder> chunks) const {
  chunks.front().number(not_kept_);
  save_keys(groups_, chunks, [this](size_t index, Encoder& to) {
    const Group& group = of_groups_[index];
    to.number(groups_.entries()[index].count);
    to.number(group.values);
    to.number(group.beyond);
    to.number(group.sketch ? 1 : 0);
    if (group.sketch) group.sketch->save(to);
  });
  // Pairs have chunks of their own keys: the values of one group may be more than a chunk holds.
  save_keys(pairs_, chunks, [](size_t, Encoder&) {});
}

void DistinctByAccumulator::load(Decoder& chunk) {
  if (is_first_chunk()) not_kept_ = chunk.number();
  load_keys(chunk, groups_, [this](size_t index, Decoder& from) { load_group(index, from); });
  load_keys(chunk, pairs_, [this](size_t pair, Decoder& from) {
    if (!is_joined_key(pairs_.entries()[pair].key, fields_)) from.fail();
  });
}

void DistinctByAccumulator::load_group(size_t index, Decoder& from) {
  Group& group = of_groups_.emplace_back();
  const uint64_t records = from.number();
  group.values = from.number();
  group.beyond = from.number();
  const uint64_t sketches = from.number();
  // Each value has a record, and no record is counted twice.
  const bool fits =
      records > 0 && group.values <= records && group.beyond <= records - group.values;
  if (!fits || !is_joined_key(groups_.entries()[index].key, by_)) return from.fail();
  groups_.add_at(index, records);
  if (sketches == 0) return;
  // (A few bytes may be a sketch, which takes many.)
  if (sketches > 1 || sketches_ == kSketchesMax) return from.fail();
  ++sketches_;
  group.sketch = std::make_unique<HyperLogLog>();
  group.sketch->load(from);
}

// Pairs that were loaded: their groups may have come in a later chunk. In damaged state a group may
// be missing; then nothing asks for its pairs.
void DistinctByAccumulator::link_loaded_pairs() {
  for (size_t pair = pair_before_.size(); pair < pairs_.entries().size(); ++pair) {
    const size_t index = groups_.find(first_values(pairs_.entries()[pair].key, by_));
    if (index == KeyCounts::kNone) {
      pair_before_.push_back(0);
      continue;
    }
    link_pair(pair, of_groups_[index]);
  }
}

size_t DistinctByAccumulator::saved_size() const {
  constexpr size_t kNumberBytes = 5;  // of a group: three numbers and whether there is a sketch
  size_t bytes =
      saved_size_of(groups_) + groups_.entries().size() * kNumberBytes + saved_size_of(pairs_);
  for (const Group& group : of_groups_) bytes += group.sketch ? group.sketch->saved_size() : 0;
  return bytes;
}

}  // namespace millrace::insights
