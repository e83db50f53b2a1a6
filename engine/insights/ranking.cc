// SPDX-License-Identifier: Apache-2.0
#include "engine/insights/ranking.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <functional>
#include <numeric>
#include <span>

#include "engine/insights/joined_key.h"

namespace millrace::insights {
namespace {

// One of many entries with the same count. Most keys differ in their first bytes, which are looked
// at once here: the keys themselves lie all over the memory.
struct Tie {
  uint64_t head;
  size_t entry;
};

// The first bytes of a key's first value, so that of two that differ the smaller one's value comes
// first.
uint64_t head_of(std::string_view key, size_t fields) {
  const std::string_view value = first_value(key, fields);
  std::array<char, sizeof(uint64_t)> bytes{};
  value.copy(bytes.data(), bytes.size());
  const auto head = std::bit_cast<uint64_t>(bytes);
  return std::endian::native == std::endian::little ? __builtin_bswap64(head) : head;
}

// `ties` without those whose values do not come first: `most` are left, in any order.
void keep_first(std::vector<Tie>& ties, std::span<const KeyCounts::Entry> entries, size_t fields,
                size_t most) {
  std::nth_element(ties.begin(), ties.begin() + static_cast<ptrdiff_t>(most), ties.end(),
                   [&](const Tie& a, const Tie& b) {
                     if (a.head != b.head) return a.head < b.head;
                     return comes_before(entries[a.entry].key, entries[b.entry].key, fields);
                   });
  ties.resize(most);
}

}  // namespace

std::vector<size_t> by_values(const KeyCounts& keys, size_t fields) {
  const std::span<const KeyCounts::Entry> entries = keys.entries();
  std::vector<size_t> order(entries.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return comes_before(entries[a].key, entries[b].key, fields);
  });
  return order;
}

std::vector<size_t> largest_unordered(const KeyCounts& keys, size_t fields, size_t most) {
  const std::span<const KeyCounts::Entry> entries = keys.entries();
  std::vector<size_t> chosen;
  if (most == 0) return chosen;
  if (most >= entries.size()) {
    chosen.resize(entries.size());
    std::iota(chosen.begin(), chosen.end(), size_t{0});
    return chosen;
  }
  // The least count that is chosen is found among the counts alone: only where it is that of too
  // many have keys to be compared, which lie all over the memory.
  std::vector<uint64_t> counts;
  counts.reserve(entries.size());
  for (const KeyCounts::Entry& entry : entries) counts.push_back(entry.count);
  const auto least = counts.begin() + static_cast<ptrdiff_t>(most) - 1;
  std::nth_element(counts.begin(), least, counts.end(), std::greater<>());
  std::vector<bool> is_chosen(entries.size());
  std::vector<Tie> ties;
  size_t room = most;
  for (size_t i = 0; i < entries.size(); ++i) {
    if (entries[i].count > *least) {
      is_chosen[i] = true;
      --room;
    } else if (entries[i].count == *least) {
      ties.push_back({head_of(entries[i].key, fields), i});
    }
  }
  if (room < ties.size()) keep_first(ties, entries, fields, room);
  for (const Tie& tie : ties) is_chosen[tie.entry] = true;
  chosen.reserve(most);
  for (size_t i = 0; i < entries.size(); ++i)
    if (is_chosen[i]) chosen.push_back(i);
  return chosen;
}

std::vector<size_t> largest(const KeyCounts& keys, size_t fields, size_t most) {
  const std::span<const KeyCounts::Entry> entries = keys.entries();
  std::vector<size_t> order = largest_unordered(keys, fields, most);
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    if (entries[a].count != entries[b].count) return entries[a].count > entries[b].count;
    return comes_before(entries[a].key, entries[b].key, fields);
  });
  return order;
}

std::vector<std::string> owned_values(std::string_view key, size_t fields) {
  const std::vector<std::string_view> values = values_of(key, fields);
  return {values.begin(), values.end()};
}

}  // namespace millrace::insights
