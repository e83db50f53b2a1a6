// SPDX-License-Identifier: Apache-2.0
#include "engine/insights/saved_keys.h"

#include "engine/insights/accumulator.h"

namespace millrace::insights {

ChunkedKeys chunk_keys(const KeyCounts& keys, size_t chunks) {
  const std::span<const KeyCounts::Entry> entries = keys.entries();
  ChunkedKeys chunked;
  chunked.sizes.resize(chunks);
  if (chunks == 1) {
    chunked.sizes[0] = entries.size();
    return chunked;
  }
  chunked.of_entry.reserve(entries.size());
  for (const KeyCounts::Entry& entry : entries) {
    const size_t chunk = chunk_of(entry.key, chunks);
    chunked.of_entry.push_back(static_cast<uint32_t>(chunk));
    ++chunked.sizes[chunk];
  }
  return chunked;
}

size_t saved_size_of(const KeyCounts& keys) {
  return keys.key_bytes() + keys.entries().size();
}

}  // namespace millrace::insights
