// SPDX-License-Identifier: Apache-2.0
#include "engine/insights/key_counts.h"

#include <algorithm>
#include <cstring>
#include <random>
#include <utility>

#include "engine/base/check.h"
#include "engine/base/limits.h"
#include "engine/insights/equal_short.h"
#include "engine/record/copy_short.h"

namespace millrace::insights {
namespace {

constexpr size_t kSlotsMin = 16;

template <typename Word>
uint64_t read(const char* from) {
  Word word;
  std::memcpy(&word, from, sizeof(word));
  return word;
}

// Keys are short: no call of memcpy.
std::string_view copy_of(std::string_view key, record::Arena& arena) {
  char* const copy = arena.take(key.size());
  record::copy_short(copy, key.data(), key.size());
  return {copy, key.size()};
}

uint64_t multiply_fold(uint64_t a, uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

}  // namespace

std::string_view cut_long_key(std::string_view value) {
  size_t end = base::limits::kInsightKeyBytesMax;
  // A continuation byte right behind the cut means that the cut is inside a character. In text it
  // has at most three of them; in anything else the cut is as good here as there.
  for (int i = 0; i < 3 && (static_cast<unsigned char>(value[end]) & 0xC0) == 0x80; ++i) --end;
  return value.substr(0, end);
}

// All three words are secret: a constant in place of one of them could be put into a key, where it
// would multiply everything before it by zero.
struct KeyCounts::Secret {
  uint64_t start;
  uint64_t left;
  uint64_t right;
};

const KeyCounts::Secret& KeyCounts::secret() {
  static const Secret drawn = [] {
    std::random_device device;
    const auto word = [&device] { return uint64_t{device()} << 32 | device(); };
    return Secret{word(), word(), word()};
  }();
  return drawn;
}

// The multiply-and-fold construction of wyhash (Wang Yi, https://github.com/wangyi-fudan/wyhash,
// public domain), reduced to what short keys need.
[[gnu::always_inline]] inline uint64_t KeyCounts::hash_of(std::string_view key, const Secret& s) {
  const char* at = key.data();
  size_t left = key.size();
  uint64_t state = s.start;
  for (; left > 16; at += 16, left -= 16) {
    state = multiply_fold(read<uint64_t>(at) ^ s.left, read<uint64_t>(at + 8) ^ state);
  }
  // The rest, 1 to 16 bytes: two words that may overlap, where there are enough bytes.
  uint64_t a = 0;
  uint64_t b = 0;
  if (left >= 8) {
    a = read<uint64_t>(at);
    b = read<uint64_t>(at + left - 8);
  } else if (left >= 4) {
    a = read<uint32_t>(at);
    b = read<uint32_t>(at + left - 4);
  } else if (left > 0) {
    a = read<uint8_t>(at) << 16 | read<uint8_t>(at + left / 2) << 8 | read<uint8_t>(at + left - 1);
  }
  return multiply_fold(s.right ^ key.size(), multiply_fold(a ^ s.left, b ^ state));
}

KeyCounts::KeyCounts(size_t keys_max) : keys_max_(keys_max) {
  MILLRACE_CHECK(keys_max <= kNoLimit);
}

[[gnu::always_inline]] inline size_t KeyCounts::slot_of(std::string_view key, uint64_t hash) const {
  const auto tag = static_cast<uint32_t>(hash >> 32);
  const size_t mask = slots_.size() - 1;
  size_t at = hash & mask;
  // Ends: at least a quarter of the slots is free.
  for (; slots_[at].entry != 0; at = (at + 1) & mask) {
    if (slots_[at].tag != tag) continue;
    const std::string_view known = entries_[slots_[at].entry - 1].key;
    if (known.size() == key.size() && equal_short(known.data(), key.data(), key.size())) break;
  }
  return at;
}

// add_hashed(), for the places where a call of it would show.
[[gnu::always_inline]] inline size_t KeyCounts::put(std::string_view key, uint64_t hash,
                                                    uint64_t count, uint64_t start) {
  if (slots_.empty()) [[unlikely]]
    rehash(kSlotsMin);
  Slot& slot = slots_[slot_of(key, hash)];
  if (slot.entry != 0) {
    entries_[slot.entry - 1].count += count;
    return slot.entry - 1;
  }
  const size_t entry = entries_.size();
  if (entry >= keys_max_) [[unlikely]] {
    overflow_ += count;
    return kNone;
  }
  entries_.push_back({copy_of(key, arena_), hash, start + count});
  slot = {static_cast<uint32_t>(hash >> 32), static_cast<uint32_t>(entry + 1)};
  if ((entry + 1) * 4 > slots_.size() * 3) [[unlikely]]
    rehash(slots_.size() * 2);
  return entry;
}

size_t KeyCounts::add(std::string_view key, uint64_t count) {
  return put(key, hash_of(key, *secret_), count, 0);
}

size_t KeyCounts::add_hashed(std::string_view key, uint64_t hash, uint64_t count, uint64_t start) {
  return put(key, hash, count, start);
}

size_t KeyCounts::add_loaded(std::string_view key) {
  const size_t known = entries_.size();
  const size_t keys_max = std::exchange(keys_max_, kNoLimit);
  const size_t entry = add(key, 0);
  keys_max_ = keys_max;
  return entry == known ? entry : kNone;
}

void KeyCounts::merge(const KeyCounts& other) {
  merge(other, 0, [](size_t, size_t, bool) {});
}

size_t KeyCounts::find(std::string_view key) const {
  return find_hashed(key, hash_of(key, *secret_));
}

size_t KeyCounts::find_hashed(std::string_view key, uint64_t hash) const {
  if (slots_.empty()) return kNone;
  const Slot& slot = slots_[slot_of(key, hash)];
  return slot.entry == 0 ? kNone : slot.entry - 1;
}

void KeyCounts::keep_only(std::span<const size_t> kept) {
  record::Arena arena(record::Arena::kSmallChunkBytes);
  for (size_t next = 0; next < kept.size(); ++next) {
    const Entry entry = entries_[kept[next]];
    entries_[next] = {copy_of(entry.key, arena), entry.hash, entry.count};
  }
  entries_.resize(kept.size());
  arena_ = std::move(arena);
  overflow_ = 0;
  rehash(std::max(slots_.size(), kSlotsMin));
}

void KeyCounts::clear() {
  // A table that was once large and now holds little is emptied entry by entry, so that a small
  // batch does not pay for the large one before it. An entry's slot is found by its number, which
  // also works where the slots before it are free already.
  if (entries_.size() < slots_.size() / 8) {
    const size_t mask = slots_.size() - 1;
    for (size_t i = 0; i < entries_.size(); ++i) {
      size_t at = entries_[i].hash & mask;
      while (slots_[at].entry != i + 1) at = (at + 1) & mask;
      slots_[at] = {};
    }
  } else {
    std::fill(slots_.begin(), slots_.end(), Slot{});
  }
  entries_.clear();
  arena_.reset();
  overflow_ = 0;
}

uint64_t KeyCounts::total() const {
  uint64_t sum = overflow_;
  for (const Entry& entry : entries_) sum += entry.count;
  return sum;
}

size_t KeyCounts::footprint() const {
  return arena_.footprint() + entries_.capacity() * sizeof(Entry) +
         slots_.capacity() * sizeof(Slot);
}

void KeyCounts::rehash(size_t slots) {
  slots_.assign(slots, Slot{});
  const size_t mask = slots - 1;
  for (size_t i = 0; i < entries_.size(); ++i) {
    if (i + kPrefetchDistance < entries_.size())
      __builtin_prefetch(&slots_[entries_[i + kPrefetchDistance].hash & mask]);
    size_t at = entries_[i].hash & mask;
    while (slots_[at].entry != 0) at = (at + 1) & mask;
    slots_[at] = {static_cast<uint32_t>(entries_[i].hash >> 32), static_cast<uint32_t>(i + 1)};
  }
}

}  // namespace millrace::insights
