// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "engine/record/arena.h"

namespace millrace::insights {

// `value` where it is short enough for a key, else its first bytes: at most
// limits::kInsightKeyBytesMax of them, and no part of a UTF-8 character. Cut so, keys of text are
// text, and different keys stay different when they are written as JSON.
[[nodiscard]] std::string_view cut_key(std::string_view value);

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

  // `keys_max`: keys beyond it are not kept apart; their counts go into overflow().
  explicit KeyCounts(size_t keys_max);
  KeyCounts(const KeyCounts&) = delete;
  KeyCounts& operator=(const KeyCounts&) = delete;
  KeyCounts(KeyCounts&&) noexcept = default;
  KeyCounts& operator=(KeyCounts&&) noexcept = default;

  // A key may be empty.
  void add(std::string_view key, uint64_t count);

  // add() for who has the key's hash already, from an entry of this process. (Any number that is
  // always the same for the same key gives right results; tests make keys collide by that.)
  void add_hashed(std::string_view key, uint64_t hash, uint64_t count);

  // Adds all of `other`'s counts. Requires: another table than this.
  void merge(const KeyCounts& other);

  void clear();

  [[nodiscard]] std::span<const Entry> entries() const { return entries_; }

  // Counts of keys that found the table full. Zero means that everything here is exact.
  [[nodiscard]] uint64_t overflow() const { return overflow_; }

  // All counts added, whether their keys were kept or not.
  [[nodiscard]] uint64_t total() const;

  // Bytes held from the system, idle capacity included.
  [[nodiscard]] size_t footprint() const;

 private:
  // A slot answers most questions without a look at its entry, which is elsewhere in memory.
  struct Slot {
    uint32_t tag = 0;    // the upper half of the key's hash; the lower half says where it belongs
    uint32_t entry = 0;  // index into entries_ + 1; 0 is free
  };

  void rehash(size_t slots);

  size_t keys_max_;
  record::Arena arena_;
  std::vector<Entry> entries_;
  std::vector<Slot> slots_;  // linear probing; the size is zero or a power of two
  uint64_t overflow_ = 0;
};

}  // namespace millrace::insights
