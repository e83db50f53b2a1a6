// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "engine/insights/insight.h"
#include "engine/insights/key_counts.h"
#include "engine/insights/output_counts.h"

namespace millrace::insights {

// The statistics of one batch: filled by the worker that has the batch, without locks or atomics,
// then merged into the state of its partition. The same type, never cleared, is that state.
//
// Merging is exact and depends only on what was counted, not on how it was cut into batches. (Past
// the limit of different keys it depends on their order too: the keys seen first are kept.)
//
// Threading: one owner at a time. Lifetime: the declaration outlives it.
class Shard {
 public:
  explicit Shard(const Declaration& declaration);
  Shard(const Shard&) = delete;
  Shard& operator=(const Shard&) = delete;
  Shard(Shard&&) noexcept = default;
  Shard& operator=(Shard&&) = delete;

  void count_emitted() { ++emitted_; }

  void count_filtered() { ++filtered_; }

  void count_dead_letter(size_t rule) { ++dead_letters_[rule]; }

  void count_outputs(const OutputCounts& counts) { outputs_ += counts; }

  // A value of each of the insight's fields, in their order, each already cut by cut_key(). For
  // count_by, distinct and top. Requires: as many values as fields.
  void add(size_t insight, std::span<const std::string_view> values);

  // hours_of_day: an event at this hour of the day, UTC. Requires: hour < 24.
  void add_hour(size_t insight, unsigned hour);

  // A record that lacks a field of the insight, or has a value there that it cannot count.
  void add_missing(size_t insight);

  // Requires: a shard of the same declaration, and not this one.
  void merge(const Shard& other);

  // Forgets all counts and keeps the memory.
  void clear();

  [[nodiscard]] const Declaration& declaration() const { return declaration_; }

  [[nodiscard]] uint64_t emitted() const { return emitted_; }

  [[nodiscard]] uint64_t filtered() const { return filtered_; }

  [[nodiscard]] uint64_t dead_lettered() const;

  [[nodiscard]] const OutputCounts& outputs() const { return outputs_; }

  // By rule, in the declaration's order.
  [[nodiscard]] std::span<const uint64_t> dead_letters() const { return dead_letters_; }

  [[nodiscard]] const KeyCounts& keys(size_t insight) const { return series_[insight].keys; }

  [[nodiscard]] const std::array<uint64_t, 24>& hours(size_t insight) const {
    return series_[insight].hours;
  }

  [[nodiscard]] uint64_t missing(size_t insight) const { return series_[insight].missing; }

  [[nodiscard]] size_t footprint() const;

 private:
  struct Series {
    KeyCounts keys;
    std::array<uint64_t, 24> hours{};
    uint64_t missing = 0;
  };

  const Declaration& declaration_;
  uint64_t emitted_ = 0;
  uint64_t filtered_ = 0;
  OutputCounts outputs_;
  std::vector<uint64_t> dead_letters_;
  std::vector<Series> series_;
  std::vector<char> joined_;  // add()'s key of several fields, kept for its memory
};

// A key of several fields is each value behind its length (so that no two keys share their bytes).
// These two are each other's inverse; `join` writes into `to` (cleared first).
void join_key(std::span<const std::string_view> values, std::vector<char>& to);
[[nodiscard]] std::vector<std::string_view> split_key(std::string_view key, size_t values);

}  // namespace millrace::insights
