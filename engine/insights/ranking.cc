// SPDX-License-Identifier: Apache-2.0
#include "engine/insights/ranking.h"

#include <algorithm>
#include <functional>
#include <numeric>
#include <span>

#include "engine/insights/joined_key.h"

namespace millrace::insights {

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
  chosen.reserve(most);
  std::vector<size_t> ties;
  for (size_t i = 0; i < entries.size(); ++i) {
    if (entries[i].count > *least) chosen.push_back(i);
    if (entries[i].count == *least) ties.push_back(i);
  }
  const size_t room = most - chosen.size();
  if (room < ties.size()) {
    std::nth_element(
        ties.begin(), ties.begin() + static_cast<ptrdiff_t>(room), ties.end(),
        [&](size_t a, size_t b) { return comes_before(entries[a].key, entries[b].key, fields); });
    ties.resize(room);
    std::sort(ties.begin(), ties.end());
  }
  std::vector<size_t> both(most);
  std::merge(chosen.begin(), chosen.end(), ties.begin(), ties.end(), both.begin());
  return both;
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
