// SPDX-License-Identifier: Apache-2.0
#include "engine/insights/ranking.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <functional>
#include <limits>
#include <numeric>
#include <span>

#include "engine/insights/equal_short.h"
#include "engine/insights/joined_key.h"

namespace millrace::insights {
namespace {

// One of many entries with the same count. Most keys differ in a few bytes, which are looked at
// once here: the keys themselves lie all over the memory.
struct Tie {
  uint64_t head;
  size_t entry;
};

std::string_view value_of(std::string_view key, size_t fields) {
  return fields == 1 ? key : first_value(key, fields);
}

// Bytes of a key's first value, from `offset` on, so that of two that differ the smaller one's
// value comes first, if what stands before is the same. Requires: offset <= the value's size.
uint64_t head_of(std::string_view key, size_t fields, size_t offset) {
  const std::string_view value = value_of(key, fields).substr(offset);
  uint64_t head = 0;
  if (value.size() >= sizeof(head)) [[likely]] {
    std::memcpy(&head, value.data(), sizeof(head));
  } else if (!value.empty()) {
    std::memcpy(&head, value.data(), value.size());
  }
  return std::endian::native == std::endian::little ? __builtin_bswap64(head) : head;
}

// Marks ties that come first, and leaves those of which not each one does: with the same head.
// Heads are told apart by their first byte, then those of the byte that `most` falls into by the
// next one, and so on: by counting, as of comparisons of mixed keys a processor guesses every other
// one wrongly. Requires: 0 < most <= ties.size(). Returns how many of the ones that are left come
// first.
size_t choose_by_heads(std::vector<Tie>& ties, size_t most, std::vector<bool>& is_chosen) {
  uint64_t different = 0;
  for (const Tie& tie : ties) different |= tie.head ^ ties.front().head;
  for (int shift = 56; shift >= 0; shift -= 8) {
    if ((different >> shift & 0xFF) == 0) continue;
    const auto byte_of = [shift](const Tie& tie) { return tie.head >> shift & 0xFF; };
    std::array<size_t, 256> of_byte{};
    for (const Tie& tie : ties) ++of_byte[byte_of(tie)];
    size_t last = 0;  // the byte that `most` falls into
    for (; of_byte[last] < most; ++last) most -= of_byte[last];
    size_t left = 0;
    for (const Tie tie : ties) {
      const uint64_t byte = byte_of(tie);
      is_chosen[tie.entry] = byte < last;
      ties[left] = tie;
      left += size_t{byte == last};
    }
    ties.resize(left);
  }
  return most;
}

// How many bytes the ties' first values have in common.
size_t common_bytes(const std::vector<Tie>& ties, std::span<const KeyCounts::Entry> entries,
                    size_t fields) {
  const std::string_view first = value_of(entries[ties.front().entry].key, fields);
  size_t common = first.size();
  for (const Tie& tie : ties) {
    const std::string_view value = value_of(entries[tie.entry].key, fields);
    if (value.size() >= common && equal_short(value.data(), first.data(), common)) continue;
    const size_t both = std::min(common, value.size());
    common = static_cast<size_t>(
        std::mismatch(first.begin(), first.begin() + static_cast<ptrdiff_t>(both), value.begin())
            .first -
        first.begin());
  }
  return common;
}

// Marks the `most` ties whose values come first. Requires: most <= ties.size().
void choose_first(std::vector<Tie>& ties, std::span<const KeyCounts::Entry> entries, size_t fields,
                  size_t most, std::vector<bool>& is_chosen) {
  static constexpr size_t kFew = 512;  // for which comparisons are as good
  size_t offset = 0;                   // of the heads
  while (most > 0 && most < ties.size() && ties.size() > kFew) {
    most = choose_by_heads(ties, most, is_chosen);
    // (Less than a whole head, where a value ends: zeros of others look like its end.)
    const size_t common = common_bytes(ties, entries, fields);
    if (common < offset + sizeof(Tie::head)) break;
    offset = common;
    for (Tie& tie : ties) tie.head = head_of(entries[tie.entry].key, fields, offset);
  }
  if (most < ties.size()) {
    std::nth_element(ties.begin(), ties.begin() + static_cast<ptrdiff_t>(most), ties.end(),
                     [&](const Tie& a, const Tie& b) {
                       if (a.head != b.head) return a.head < b.head;
                       return comes_before(entries[a.entry].key, entries[b.entry].key, fields);
                     });
    ties.resize(most);
  }
  for (const Tie& tie : ties) is_chosen[tie.entry] = true;
}

// The `most`-th largest count. Requires: 0 < most <= entries.size(), and no count below `least`.
uint64_t nth_largest_count(std::span<const KeyCounts::Entry> entries, size_t most, uint64_t least) {
  // Most are close to the least one: these are only counted, and only the others put in order.
  static constexpr size_t kClose = 1024;
  std::array<size_t, kClose> of_count{};
  std::vector<uint64_t> others;
  for (const KeyCounts::Entry& entry : entries) {
    if (entry.count - least < kClose) {
      ++of_count[entry.count - least];
    } else {
      others.push_back(entry.count);
    }
  }
  if (most <= others.size()) {
    const auto nth = others.begin() + static_cast<ptrdiff_t>(most) - 1;
    std::nth_element(others.begin(), nth, others.end(), std::greater<>());
    return *nth;
  }
  size_t found = others.size();
  size_t close = kClose;
  while (found < most) found += of_count[--close];
  return least + close;
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

Largest largest_unordered(const KeyCounts& keys, size_t fields, size_t most, uint64_t least) {
  const std::span<const KeyCounts::Entry> entries = keys.entries();
  Largest largest;
  if (most >= entries.size()) {
    largest.entries.resize(entries.size());
    std::iota(largest.entries.begin(), largest.entries.end(), size_t{0});
    return largest;
  }
  // The least count that is chosen is found among the counts alone: only where it is that of too
  // many have keys to be compared, which lie all over the memory.
  const uint64_t last =
      most == 0 ? std::numeric_limits<uint64_t>::max() : nth_largest_count(entries, most, least);
  std::vector<bool> is_chosen(entries.size());
  std::vector<Tie> ties;
  size_t room = most;
  for (size_t i = 0; i < entries.size(); ++i) {
    if (entries[i].count == last) {
      ties.push_back({head_of(entries[i].key, fields, 0), i});
    } else if (entries[i].count > last) {
      is_chosen[i] = true;
      --room;
    } else {
      largest.left_out = std::max(largest.left_out, entries[i].count);
    }
  }
  if (room < ties.size()) largest.left_out = last;
  choose_first(ties, entries, fields, room, is_chosen);
  // (A place for one more: what is not chosen is written too, and then written over.)
  largest.entries.resize(most + 1);
  size_t chosen = 0;
  for (size_t i = 0; i < entries.size(); ++i) {
    largest.entries[chosen] = i;
    chosen += size_t{is_chosen[i]};
  }
  largest.entries.resize(most);
  return largest;
}

std::vector<size_t> largest(const KeyCounts& keys, size_t fields, size_t most) {
  const std::span<const KeyCounts::Entry> entries = keys.entries();
  std::vector<size_t> order = largest_unordered(keys, fields, most).entries;
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
