// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

namespace millrace::record {

// The memory of one batch: bytes are taken from chunks by moving a pointer and all given back at
// once by reset(), which keeps the chunks for the next batch. So a batch costs no allocation in
// the steady state.
//
// Threading: one owner at a time, handed over with the batch.
// Lifetime: what take() and copy() return is valid until reset() or destruction; chunks never move.
class Arena {
 public:
  static constexpr size_t kChunkBytes = size_t{64} << 10;
  // For those of which there are many and most hold little: the first chunk of all.
  static constexpr size_t kSmallChunkBytes = 512;
  // reset() gives chunks beyond this back to the system, so that one batch of large records does
  // not keep its memory for ever.
  static constexpr size_t kKeptBytesMax = size_t{4} << 20;

  // Each chunk is twice as large as the one before, from `first_chunk_bytes` up to kChunkBytes.
  explicit Arena(size_t first_chunk_bytes = kChunkBytes) : next_chunk_bytes_(first_chunk_bytes) {}

  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;
  Arena(Arena&&) noexcept = default;
  Arena& operator=(Arena&&) noexcept = default;

  // `size` writable bytes, unaligned. Larger requests than a chunk get a chunk of their own.
  [[nodiscard]] char* take(size_t size) {
    if (size > static_cast<size_t>(end_ - next_)) [[unlikely]]
      grow(size);
    char* taken = next_;
    next_ += size;
    used_ += size;
    return taken;
  }

  // `count` default-constructed objects, aligned for T; their destructors are not run.
  template <typename T>
  [[nodiscard]] T* take_array(size_t count) {
    static_assert(std::is_trivially_destructible_v<T>);
    char* raw = take(count * sizeof(T) + alignof(T) - 1);
    const auto misaligned = reinterpret_cast<uintptr_t>(raw) % alignof(T);
    char* aligned = misaligned == 0 ? raw : raw + (alignof(T) - misaligned);
    return std::uninitialized_default_construct_n(reinterpret_cast<T*>(aligned), count),
           reinterpret_cast<T*>(aligned);
  }

  [[nodiscard]] std::string_view copy(std::string_view bytes) {
    char* to = take(bytes.size());
    if (!bytes.empty()) std::memcpy(to, bytes.data(), bytes.size());
    return {to, bytes.size()};
  }

  // Growing in place: at least `size` contiguous bytes at the returned pointer, of which the caller
  // then claims what it wrote with claim(). At most one reservation at a time, and nothing else may
  // be taken in between.
  [[nodiscard]] char* reserve(size_t size) {
    if (size > static_cast<size_t>(end_ - next_)) [[unlikely]]
      grow(size);
    return next_;
  }

  void claim(size_t size) {
    next_ += size;
    used_ += size;
  }

  // Forgets everything taken; keeps chunks up to kKeptBytesMax.
  void reset();

  // Bytes taken since the last reset.
  [[nodiscard]] size_t used() const { return used_; }

  // Bytes held from the system.
  [[nodiscard]] size_t footprint() const { return footprint_; }

 private:
  struct Chunk {
    std::unique_ptr<char[]> bytes;
    size_t size;
  };

  void grow(size_t size);

  std::vector<Chunk> chunks_;
  size_t current_ = 0;  // index of the chunk being filled, where chunks_ is not empty
  char* next_ = nullptr;
  char* end_ = nullptr;
  size_t used_ = 0;
  size_t footprint_ = 0;
  size_t next_chunk_bytes_;
};

}  // namespace millrace::record
