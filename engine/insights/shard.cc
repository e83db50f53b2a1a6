// SPDX-License-Identifier: Apache-2.0
#include "engine/insights/shard.h"

#include <numeric>

#include "engine/base/check.h"
#include "engine/base/limits.h"

namespace millrace::insights {
namespace {

// A length is written in base 128, the low digits first, each but the last with its top bit set.
constexpr size_t kDigit = 0x80;

void append_length(size_t length, std::vector<char>& to) {
  for (; length >= kDigit; length /= kDigit) {
    to.push_back(static_cast<char>(length % kDigit + kDigit));
  }
  to.push_back(static_cast<char>(length));
}

size_t take_length(std::string_view& from) {
  size_t length = 0;
  for (unsigned shift = 0;; shift += 7) {
    MILLRACE_CHECK(!from.empty() && shift < 63);
    const auto digit = static_cast<unsigned char>(from.front());
    from.remove_prefix(1);
    length += (digit % kDigit) << shift;
    if (digit < kDigit) return length;
  }
}

}  // namespace

Shard::Shard(const Declaration& declaration)
    : declaration_(declaration), dead_letters_(declaration.rules.size()) {
  series_.reserve(declaration.insights.size());
  for (size_t i = 0; i < declaration.insights.size(); ++i) {
    series_.push_back({.keys = KeyCounts(base::limits::kInsightKeysMax)});
  }
}

void Shard::add(size_t insight, std::span<const std::string_view> values) {
  if (values.size() == 1) {
    series_[insight].keys.add(values[0], 1);
    return;
  }
  join_key(values, joined_);
  series_[insight].keys.add({joined_.data(), joined_.size()}, 1);
}

void Shard::add_hour(size_t insight, unsigned hour) {
  ++series_[insight].hours[hour];
}

void Shard::add_missing(size_t insight) {
  ++series_[insight].missing;
}

void Shard::merge(const Shard& other) {
  MILLRACE_CHECK(&other != this);
  MILLRACE_CHECK(other.dead_letters_.size() == dead_letters_.size());
  MILLRACE_CHECK(other.series_.size() == series_.size());
  emitted_ += other.emitted_;
  filtered_ += other.filtered_;
  outputs_ += other.outputs_;
  for (size_t i = 0; i < dead_letters_.size(); ++i) dead_letters_[i] += other.dead_letters_[i];
  for (size_t i = 0; i < series_.size(); ++i) {
    const Series& from = other.series_[i];
    series_[i].keys.merge(from.keys);
    for (size_t hour = 0; hour < from.hours.size(); ++hour) {
      series_[i].hours[hour] += from.hours[hour];
    }
    series_[i].missing += from.missing;
  }
}

void Shard::clear() {
  emitted_ = 0;
  filtered_ = 0;
  outputs_ = {};
  dead_letters_.assign(dead_letters_.size(), 0);
  for (Series& series : series_) {
    series.keys.clear();
    series.hours = {};
    series.missing = 0;
  }
}

uint64_t Shard::dead_lettered() const {
  return std::accumulate(dead_letters_.begin(), dead_letters_.end(), uint64_t{0});
}

size_t Shard::footprint() const {
  size_t bytes = dead_letters_.capacity() * sizeof(uint64_t) + series_.capacity() * sizeof(Series) +
                 joined_.capacity();
  for (const Series& series : series_) bytes += series.keys.footprint();
  return bytes;
}

void join_key(std::span<const std::string_view> values, std::vector<char>& to) {
  to.clear();
  for (const std::string_view value : values) {
    append_length(value.size(), to);
    to.insert(to.end(), value.begin(), value.end());
  }
}

std::vector<std::string_view> split_key(std::string_view key, size_t values) {
  std::vector<std::string_view> split;
  split.reserve(values);
  for (size_t i = 0; i < values; ++i) {
    const size_t length = take_length(key);
    MILLRACE_CHECK(length <= key.size());
    split.push_back(key.substr(0, length));
    key.remove_prefix(length);
  }
  MILLRACE_CHECK(key.empty());
  return split;
}

}  // namespace millrace::insights
