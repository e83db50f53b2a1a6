// SPDX-License-Identifier: Apache-2.0
#include "engine/record/arena.h"

#include <algorithm>

namespace millrace::record {

void Arena::grow(size_t size) {
  // The next kept chunk serves if it is large enough; a larger need gets a chunk of its own, put in
  // front of the kept ones so that those are still used afterwards.
  const size_t next_index = chunks_.empty() ? 0 : current_ + 1;
  if (next_index >= chunks_.size() || chunks_[next_index].size < size) {
    while (next_chunk_bytes_ < std::min(size, kChunkBytes)) next_chunk_bytes_ *= 2;
    const size_t chunk_size = std::max(size, next_chunk_bytes_);
    next_chunk_bytes_ = std::min(next_chunk_bytes_ * 2, kChunkBytes);
    chunks_.insert(chunks_.begin() + static_cast<ptrdiff_t>(next_index),
                   Chunk{std::make_unique_for_overwrite<char[]>(chunk_size), chunk_size});
    footprint_ += chunk_size;
  }
  current_ = next_index;
  next_ = chunks_[current_].bytes.get();
  end_ = next_ + chunks_[current_].size;
}

void Arena::reset() {
  // Chunks of a size of their own go first: they served one large record.
  std::erase_if(chunks_, [this](const Chunk& chunk) {
    if (chunk.size <= kChunkBytes) return false;
    footprint_ -= chunk.size;
    return true;
  });
  while (footprint_ > kKeptBytesMax) {
    footprint_ -= chunks_.back().size;
    chunks_.pop_back();
  }
  current_ = 0;
  used_ = 0;
  next_ = chunks_.empty() ? nullptr : chunks_[0].bytes.get();
  end_ = chunks_.empty() ? nullptr : next_ + chunks_[0].size;
}

}  // namespace millrace::record
