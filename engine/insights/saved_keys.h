// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "engine/insights/encoding.h"
#include "engine/insights/key_counts.h"

// How a table of keys is written down: in each chunk the number of its keys, then the keys in the
// table's order, each with what belongs to it. So a chunk's bytes depend on its own keys alone, and
// on the order in which they were first seen. That order outlives a restore into as many chunks or
// more: the keys of a chunk come back in it, and a chunk that is split is split in it.
namespace millrace::insights {

// The chunk of each of a table's entries, and how many each chunk has.
struct ChunkedKeys {
  std::vector<uint32_t> of_entry;  // empty: there is one chunk only
  std::vector<size_t> sizes;
};

[[nodiscard]] ChunkedKeys chunk_keys(const KeyCounts& keys, size_t chunks);

// write(entry, to) writes what belongs to an entry's key, behind it.
template <typename Write>
void save_keys(const KeyCounts& keys, std::span<Encoder> chunks, Write write) {
  const ChunkedKeys chunked = chunk_keys(keys, chunks.size());
  for (size_t chunk = 0; chunk < chunks.size(); ++chunk) chunks[chunk].number(chunked.sizes[chunk]);
  const std::span<const KeyCounts::Entry> entries = keys.entries();
  for (size_t i = 0; i < entries.size(); ++i) {
    Encoder& to = chunks[chunked.of_entry.empty() ? 0 : chunked.of_entry[i]];
    to.text(entries[i].key);
    write(i, to);
  }
}

// Adds one chunk's keys, beyond the table's limit too: what is kept was decided before.
// read(entry, from) reads what belongs to the key of the entry, whose count is 0 until then.
template <typename Read>
void load_keys(Decoder& from, KeyCounts& keys, Read read) {
  // Memory is taken key by key, so that it never is far from what the bytes have.
  const size_t count = from.count(1);
  for (size_t i = 0; i < count && from.ok(); ++i) {
    const std::string_view key = from.text();
    const size_t entry = from.ok() ? keys.add_loaded(key) : KeyCounts::kNone;
    if (entry == KeyCounts::kNone) return from.fail();
    read(entry, from);
  }
}

// About as many bytes as save_keys() writes, but for what belongs to the keys.
[[nodiscard]] size_t saved_size_of(const KeyCounts& keys);

}  // namespace millrace::insights
