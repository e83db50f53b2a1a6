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

#include "engine/record/json_walk.h"

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

// Never 0. Good for ordinary names; that a sender can make names collide costs a sort, no more.
uint32_t hash(std::string_view name) noexcept {
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

// Most names differ in length or in the last byte, and this sees it without a call.
bool may_be_equal(std::string_view a, std::string_view b) noexcept {
  return a.size() == b.size() && (a.empty() || a.back() == b.back());
}

template <typename NameAt>
bool surely_distinct_pairwise(size_t count, NameAt name_at) noexcept {
  for (size_t i = 1; i < count; ++i) {
    const std::string_view name = name_at(i);
    for (size_t j = 0; j < i; ++j) {
      if (may_be_equal(name, name_at(j)) && name == name_at(j)) return false;
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

template <typename NameAt>
bool DuplicateFinder::surely_distinct(size_t count, NameAt name_at) {
  if (count <= kPairwiseMax) return surely_distinct_pairwise(count, name_at);
  const size_t slots = std::bit_ceil(count * 2);
  const int shift = 32 - std::countr_zero(slots);  // a hash is best mixed at its upper end
  hashes_.assign(slots, 0);
  for (size_t i = 0; i < count; ++i) {
    const uint32_t name_hash = hash(name_at(i));
    size_t slot = name_hash >> shift;
    for (size_t probes = 0; hashes_[slot] != 0; ++probes, slot = (slot + 1) & (slots - 1)) {
      if (hashes_[slot] == name_hash || probes == kProbesMax) return false;
    }
    hashes_[slot] = name_hash;
  }
  return true;
}

bool DuplicateFinder::has_duplicates(std::span<std::string_view> names) {
  if (surely_distinct(names.size(), [names](size_t i) { return names[i]; })) return false;
  std::sort(names.begin(), names.end(), comes_before);
  return std::adjacent_find(names.begin(), names.end()) != names.end();
}

bool DuplicateFinder::resolve(std::vector<Member>& members) {
  if (surely_distinct(members.size(), [&members](size_t i) { return members[i].name; })) {
    return false;
  }
  order_.resize(members.size());
  std::iota(order_.begin(), order_.end(), 0U);
  std::sort(order_.begin(), order_.end(), [&members](uint32_t a, uint32_t b) {
    const std::string_view left = members[a].name;
    const std::string_view right = members[b].name;
    return left == right ? a < b : comes_before(left, right);
  });
  bool found = false;
  size_t first = 0;  // of the members with the name at hand, by its place in order_
  for (size_t i = 1; i < order_.size(); ++i) {
    Member& member = members[order_[i]];
    Member& earlier = members[order_[first]];
    if (member.name != earlier.name) {
      first = i;
      continue;
    }
    earlier.value = member.value;
    member.name_text = {};  // this has at least its quotes otherwise, so it marks what goes
    found = true;
  }
  if (found) std::erase_if(members, [](const Member& member) { return member.name_text.empty(); });
  return found;
}

void DuplicateFinder::release_if_huge() {
  if (hashes_.capacity() > kEntriesKept) [[unlikely]]
    hashes_ = {};
}

}  // namespace millrace::record
