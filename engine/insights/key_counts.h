// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>
#include <vector>

#include "engine/base/check.h"
#include "engine/base/limits.h"
#include "engine/record/arena.h"

namespace millrace::insights {

// `value` where it is short enough for a key, else its first bytes: at most
// limits::kInsightKeyBytesMax of them, and no part of a UTF-8 character. Cut so, keys of text are
// text, and different keys stay different when they are written as JSON.
[[nodiscard]] std::string_view cut_long_key(std::string_view value);

[[nodiscard]] inline std::string_view cut_key(std::string_view value) {
  return value.size() <= base::limits::kInsightKeyBytesMax ? value : cut_long_key(value);
}

// How often each key was seen, exactly: an open-addressing table whose entries stand in the order
// of first sight. The keys' bytes are copied into the table's own arena. clear() keeps the memory,
// so that a table that lives in a recycled shard allocates nothing in the steady state.
//
// A full table keeps the keys that came first, so what it keeps depends on the order of the keys,
// but not on how they were cut into batches.
//
// The hash is seeded per process, so that keys made to collide cannot slow a table down; results
// never depend on it.
//
// Threading: one owner at a time.
class KeyCounts {
 public:
  struct Entry {
    std::string_view key;
    uint64_t hash;
    uint64_t count;
  };

  // As many as its slots can number.
  static constexpr size_t kNoLimit = std::numeric_limits<uint32_t>::max() - 1;
  // No entry.
  static constexpr size_t kNone = std::numeric_limits<size_t>::max();

  // `keys_max`: keys beyond it are not kept apart; their counts go into overflow().
  explicit KeyCounts(size_t keys_max = kNoLimit);
  KeyCounts(const KeyCounts&) = delete;
  KeyCounts& operator=(const KeyCounts&) = delete;
  KeyCounts(KeyCounts&&) noexcept = default;
  KeyCounts& operator=(KeyCounts&&) noexcept = default;

  // Returns the index of the key's entry; kNone where it found no room. A key may be empty.
  size_t add(std::string_view key, uint64_t count);

  // add() for who has the key's hash already, from an entry of this process. (Any number that is
  // always the same for the same key gives right results; tests make keys collide by that.) A new
  // key begins at `start`.
  size_t add_hashed(std::string_view key, uint64_t hash, uint64_t count, uint64_t start = 0);

  // For tables that were written down: a new key, with the count 0, whatever the limit is. kNone
  // where the table has it already.
  size_t add_loaded(std::string_view key);

  // Counts of keys that found no room before the table was written down.
  void add_overflow(uint64_t count) { overflow_ += count; }

  // Adds to the count of an entry.
  void add_at(size_t entry, uint64_t count) { entries_[entry].count += count; }

  // Adds all of `other`'s counts. Requires: another table than this.
  void merge(const KeyCounts& other);

  // The same, where a new key begins at `start`, and `visit(from, entry, is_new)` is told for each
  // of `other`'s entries which one of this table it went into (kNone: it found no room).
  template <typename Visit>
  void merge(const KeyCounts& other, uint64_t start, Visit visit);

  // kNone where the key has no entry.
  [[nodiscard]] size_t find(std::string_view key) const;
  [[nodiscard]] size_t find_hashed(std::string_view key, uint64_t hash) const;

  // From now on every key is kept: what merging needs in order not to depend on the order.
  void lift_limit() { keys_max_ = kNoLimit; }

  // Forgets all entries but these, which stay in their order, and the overflow. Keeps the memory
  // of the table, as it is expected to grow again. Requires: indexes that rise.
  void keep_only(std::span<const size_t> kept);

  void clear();

  [[nodiscard]] std::span<const Entry> entries() const { return entries_; }

  // Counts of keys that found the table full. Zero means that everything here is exact.
  [[nodiscard]] uint64_t overflow() const { return overflow_; }

  // All counts added, whether their keys were kept or not.
  [[nodiscard]] uint64_t total() const;

  // Of all keys together.
  [[nodiscard]] size_t key_bytes() const { return arena_.used(); }

  // Bytes held from the system, idle capacity included.
  [[nodiscard]] size_t footprint() const;

 private:
  // A slot answers most questions without a look at its entry, which is elsewhere in memory.
  struct Slot {
    uint32_t tag = 0;    // the upper half of the key's hash; the lower half says where it belongs
    uint32_t entry = 0;  // index into entries_ + 1; 0 is free
  };

  // What the hash is seeded with.
  struct Secret;

  [[nodiscard]] static const Secret& secret();
  [[nodiscard]] static uint64_t hash_of(std::string_view key, const Secret& secret);

  // How far loops over entries look ahead: enough to hide a cache miss behind the keys in between.
  static constexpr size_t kPrefetchDistance = 8;

  // For a key that is added soon: where its slot is, then the entry of that slot, then the bytes of
  // that entry's key; each needs the one before. Requires: there are slots.
  void prefetch_slot(uint64_t hash) const {
    __builtin_prefetch(&slots_[hash & (slots_.size() - 1)]);
  }

  void prefetch_entry(uint64_t hash) const {
    const Slot slot = slots_[hash & (slots_.size() - 1)];
    if (slot.entry != 0 && slot.tag == hash >> 32) __builtin_prefetch(&entries_[slot.entry - 1]);
  }

  void prefetch_key(uint64_t hash) const {
    const Slot slot = slots_[hash & (slots_.size() - 1)];
    if (slot.entry != 0 && slot.tag == hash >> 32)
      __builtin_prefetch(entries_[slot.entry - 1].key.data());
  }

  // The slot that has the key, or the free one where it would go. Requires: there are slots.
  [[nodiscard]] size_t slot_of(std::string_view key, uint64_t hash) const;
  size_t put(std::string_view key, uint64_t hash, uint64_t count, uint64_t start);
  void rehash(size_t slots);

  const Secret* secret_ = &secret();  // the process's
  size_t keys_max_;
  record::Arena arena_{record::Arena::kSmallChunkBytes};
  std::vector<Entry> entries_;
  std::vector<Slot> slots_;  // linear probing; the size is zero or a power of two
  uint64_t overflow_ = 0;
};

template <typename Visit>
void KeyCounts::merge(const KeyCounts& other, uint64_t start, Visit visit) {
  MILLRACE_CHECK(&other != this);
  const std::vector<Entry>& from = other.entries_;
  for (size_t i = 0; i < from.size(); ++i) {
    if (i + 3 * kPrefetchDistance < from.size() && !slots_.empty()) {
      prefetch_slot(from[i + 3 * kPrefetchDistance].hash);
      prefetch_entry(from[i + 2 * kPrefetchDistance].hash);
      prefetch_key(from[i + kPrefetchDistance].hash);
    }
    const size_t known = entries_.size();
    const size_t entry = add_hashed(from[i].key, from[i].hash, from[i].count, start);
    visit(i, entry, entry == known);
  }
  overflow_ += other.overflow_;
}

}  // namespace millrace::insights
