// SPDX-License-Identifier: Apache-2.0
#include "engine/record/json_names.h"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <numeric>
#include <span>
#include <string_view>
#include <vector>

namespace millrace::record {

namespace {

// Up to here comparing each with each is faster than hashing.
constexpr size_t kPairwiseMax = 8;
constexpr size_t kEntriesKept = size_t{64} << 10;
// The longest row of taken slots to search; only hashes made to collide have longer ones.
constexpr size_t kProbesMax = 32;

template <typename Word>
uint64_t load(const char* from) noexcept {
  Word word;
  std::memcpy(&word, from, sizeof(word));
  return word;
}

// Most names differ in length or in the last byte, and this sees it without a call.
bool may_be_equal(std::string_view a, std::string_view b) noexcept {
  return a.size() == b.size() && (a.empty() || a.back() == b.back());
}

bool surely_distinct_pairwise(std::span<const std::string_view> names) noexcept {
  for (size_t i = 1; i < names.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      if (may_be_equal(names[i], names[j]) && names[i] == names[j]) return false;
    }
  }
  return true;
}

// Shorter names first: any order puts equal names side by side, and lengths are the cheapest.
bool comes_before(std::string_view a, std::string_view b) noexcept {
  if (a.size() != b.size()) return a.size() < b.size();
  return std::memcmp(a.data(), b.data(), a.size()) < 0;
}

}  // namespace

uint32_t hash_name(std::string_view name) noexcept {
  constexpr uint64_t kOdd = 0x9E3779B97F4A7C15;
  const char* from = name.data();
  size_t left = name.size();
  uint64_t bits = left * kOdd;
  for (; left > 8; left -= 8, from += 8) {
    bits = (bits ^ load<uint64_t>(from)) * kOdd;
    bits ^= bits >> 32;
  }
  // The rest in two loads that overlap where it is shorter than both.
  if (left >= 4) {
    bits ^= load<uint32_t>(from) | load<uint32_t>(from + left - 4) << 32;
  } else if (left > 0) {
    bits ^= load<uint8_t>(from) | load<uint8_t>(from + left / 2) << 8 |
            load<uint8_t>(from + left - 1) << 16;
  }
  bits = (bits ^ bits >> 32) * kOdd;
  return static_cast<uint32_t>(bits >> 32) | 1;
}

bool DuplicateFinder::surely_distinct(std::span<const std::string_view> names) {
  if (names.size() <= kPairwiseMax) return surely_distinct_pairwise(names);
  const size_t slots = std::bit_ceil(names.size() * 2);
  const int shift = 32 - std::countr_zero(slots);  // a hash is best mixed at its upper end
  hashes_.assign(slots, 0);
  for (const std::string_view name : names) {
    const uint32_t name_hash = hash_name(name);
    size_t slot = name_hash >> shift;
    for (size_t probes = 0; hashes_[slot] != 0; ++probes, slot = (slot + 1) & (slots - 1)) {
      if (hashes_[slot] == name_hash || probes == kProbesMax) return false;
    }
    hashes_[slot] = name_hash;
  }
  return true;
}

bool DuplicateFinder::find(std::span<const std::string_view> names) {
  if (surely_distinct(names)) return false;
  order_.resize(names.size());
  std::iota(order_.begin(), order_.end(), 0U);
  std::sort(order_.begin(), order_.end(), [names](uint32_t a, uint32_t b) {
    return names[a] == names[b] ? a < b : comes_before(names[a], names[b]);
  });
  last_of_.resize(names.size());
  std::iota(last_of_.begin(), last_of_.end(), 0U);
  bool found = false;
  uint32_t first = order_.front();  // of the places with the name at hand
  for (const uint32_t place : std::span(order_).subspan(1)) {
    if (names[place] != names[first]) {
      first = place;
      continue;
    }
    last_of_[first] = place;
    last_of_[place] = kDropped;
    found = true;
  }
  return found;
}

void DuplicateFinder::release_if_huge() {
  if (hashes_.capacity() + order_.capacity() > kEntriesKept) [[unlikely]] {
    hashes_ = {};
    order_ = {};
    last_of_ = {};
  }
}

}  // namespace millrace::record
