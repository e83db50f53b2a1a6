// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "engine/base/ids.h"
#include "engine/insights/edge_values.h"
#include "engine/insights/insight.h"
#include "engine/insights/joined_key.h"
#include "engine/insights/number.h"
#include "engine/insights/output_counts.h"
#include "engine/insights/part_counts.h"

namespace millrace::insights {

// The statistics of one batch: filled by the worker that has the batch, without locks or atomics,
// then added to the state of its partition (state.h). It keeps every key that the batch has: all
// limits are the state's. Its size follows what was counted; clear() keeps the memory, so that
// filling a recycled shard allocates nothing in the steady state.
//
// Threading: one owner at a time. Lifetime: the declaration outlives it.
class Shard {
 public:
  using PartCounts = insights::PartCounts;

  explicit Shard(const Declaration& declaration);
  Shard(const Shard&) = delete;
  Shard& operator=(const Shard&) = delete;
  Shard(Shard&&) noexcept = default;
  Shard& operator=(Shard&&) = delete;

  void count_emitted() { ++emitted_; }

  void count_filtered() { ++filtered_; }

  void count_dead_letter(size_t rule) { ++dead_letters_[rule]; }

  void count_outputs(const OutputCounts& counts) { outputs_ += counts; }

  // A record that selection `selection` takes; its parts then count it, or miss what they read. The
  // first selection needs no call: count_emitted() counts it.
  void select(size_t selection) { ++selected_[selection]; }

  void add_missing(size_t part) { ++parts_[part].missing; }

  // Of a part with windows, before the calls below: the event time of the record at hand, and its
  // offset. What is added of it counts in the windows that hold the time. A record that has none is
  // missing; one whose time is too far ahead of it is neither missing nor added.
  void set_time(size_t part, int64_t time_ms, base::Offset offset);
  void add_ahead(size_t part);

  // kCounter.
  void add_one(size_t part);

  // kKeys: one value for each field, in their order, each already cut by cut_key(). Returns the
  // key's entry, for set_edge() (of a part with windows: any number). Requires: as many values as
  // the part has fields.
  [[gnu::always_inline]] size_t add_key(size_t part, std::span<const std::string_view> values) {
    PartCounts& counts = parts_[part];
    if (counts.windows != nullptr) [[unlikely]]
      return add_key_in_windows(part, values);
    ++counts.counted;
    if (counts.keys.entries().size() > RecentKeys::kFew) return counts.keys.add(key_of(values), 1);
    const size_t entry = counts.recent_keys.find(values, counts.keys);
    if (entry == KeyCounts::kNone) return add_to_few(counts, values);
    counts.keys.add_at(entry, 1);
    return entry;
  }

  // kKeys with edges, after add_key() of the same record: the value of edge field `edge`. Without a
  // call the record has none, and an earlier record's stays.
  void set_edge(size_t part, size_t entry, size_t edge, const EdgeValue& value);

  // kHours. Requires: hour < 24.
  void add_hour(size_t part, unsigned hour) {
    PartCounts& counts = parts_[part];
    if (counts.windows != nullptr) [[unlikely]]
      return add_hour_in_windows(part, hour);
    ++counts.counted;
    ++counts.hours[hour];
  }

  // kNumbers and kSketch.
  void add_number(size_t part, const Number& number);

  // Forgets all counts and keeps the memory.
  void clear();

  [[nodiscard]] const Declaration& declaration() const { return declaration_; }

  [[nodiscard]] uint64_t emitted() const { return emitted_; }

  [[nodiscard]] uint64_t filtered() const { return filtered_; }

  [[nodiscard]] uint64_t dead_lettered() const;

  [[nodiscard]] const OutputCounts& outputs() const { return outputs_; }

  // By rule, in the declaration's order.
  [[nodiscard]] std::span<const uint64_t> dead_letters() const { return dead_letters_; }

  // By selection, from the second on. Of the first one it is emitted().
  [[nodiscard]] std::span<const uint64_t> selected() const { return selected_; }

  [[nodiscard]] const PartCounts& part(size_t part) const { return parts_[part]; }

  [[nodiscard]] size_t footprint() const;

 private:
  // Valid until the next one.
  [[nodiscard]] std::string_view key_of(std::span<const std::string_view> values) {
    return values.size() == 1 ? values[0] : join_key(values, joined_);
  }

  template <typename Add>
  size_t count(size_t part, const Add& add);
  // A key that is none of the recent ones, to a table of few.
  size_t add_to_few(PartCounts& counts, std::span<const std::string_view> values);
  size_t add_key_in_windows(size_t part, std::span<const std::string_view> values);
  void add_hour_in_windows(size_t part, unsigned hour);

  const Declaration& declaration_;
  uint64_t emitted_ = 0;
  uint64_t filtered_ = 0;
  OutputCounts outputs_;
  std::vector<uint64_t> dead_letters_;
  std::vector<uint64_t> selected_;
  std::vector<PartCounts> parts_;
  std::vector<char> joined_;  // add_key()'s key of several fields, kept for its memory
};

}  // namespace millrace::insights
